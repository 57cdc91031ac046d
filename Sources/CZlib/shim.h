#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <zlib.h>

/* zlib's own is a macro, which Swift cannot import; negative window bits mean raw deflate data, as in ZIP files. */
static inline int nightshift_inflate_raw_init(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }

/* Of the C library, which shows it to GNU programs alone; Swift's Glibc module is none. */
extern int syncfs(int descriptor);

#endif
