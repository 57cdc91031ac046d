// AWS's service models, in the binary itself: it must run from wherever it is copied, so they are no resource files, and
// as Swift array literals they would stall the compiler.
#include "CAPIModels.h"

// `#embed` is C23; clang has it as an extension in the C that this package is compiled as.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char states[] = {
#embed "models/states.json"
};
static const unsigned char ssm[] = {
#embed "models/ssm.json"
};
static const unsigned char lambda[] = {
#embed "models/lambda.json"
};
static const unsigned char sns[] = {
#embed "models/sns.json"
};
static const unsigned char events[] = {
#embed "models/events.json"
};
static const unsigned char logs[] = {
#embed "models/logs.json"
};
static const unsigned char sqs[] = {
#embed "models/sqs.json"
};
static const unsigned char scheduler[] = {
#embed "models/scheduler.json"
};
static const unsigned char monitoring[] = {
#embed "models/monitoring.json"
};
static const unsigned char sts[] = {
#embed "models/sts.json"
};
static const unsigned char s3[] = {
#embed "models/s3.json"
};
static const unsigned char config[] = {
#embed "models/config.json"
};
static const unsigned char resource_groups[] = {
#embed "models/resource-groups.json"
};
// Nightshift's own operations, in the same language.
static const unsigned char nightshift[] = {
#embed "own/nightshift.json"
};

#define MODEL(service) {#service, service, sizeof(service)}

static const struct api_model models[] = {
    MODEL(states), MODEL(ssm),       MODEL(lambda),     MODEL(sns), MODEL(events),
    MODEL(logs),   MODEL(scheduler), MODEL(monitoring), MODEL(sqs), MODEL(sts),
    MODEL(s3),     MODEL(config),    MODEL(nightshift),
    {"resource-groups", resource_groups, sizeof(resource_groups)},
};

size_t api_model_count(void) { return sizeof(models) / sizeof(models[0]); }

struct api_model api_model_at(size_t position) { return models[position]; }
