#ifndef CAPIMODELS_H
#define CAPIMODELS_H

#include <stddef.h>

/// One service model as it lies in the binary: the trimmed JSON of `models/NAME.json`, not ended by a zero byte.
struct api_model {
    /// The service's name in signatures: `states`, `ssm`, …
    const char *_Nonnull name;
    /// The JSON text, in memory as long as the process lives.
    const unsigned char *_Nonnull text;
    /// Its length in bytes.
    size_t length;
};

/// How many models there are.
size_t api_model_count(void);

/// The model of this position, from 0 up to but not including `api_model_count()`.
struct api_model api_model_at(size_t position);

#endif
