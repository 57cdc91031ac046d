#define _GNU_SOURCE
#include "records.h"

#include "clocks.h"
#include "process_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/// A text that grows; `bytes` is NULL once memory has run out.
typedef struct text {
    char *bytes;
    size_t length;
    size_t capacity;
} text;

static text begin(void) {
    enum { first_capacity = 1024 };
    return (text){malloc(first_capacity), 0, first_capacity};
}

static bool make_room(text *to, size_t length) {
    if (!to->bytes) return false;
    if (to->length + length < to->capacity) return true;
    size_t capacity = 2 * (to->capacity + length);
    char *larger = realloc(to->bytes, capacity);
    if (!larger) free(to->bytes);
    to->bytes = larger;
    to->capacity = capacity;
    return larger != NULL;
}

__attribute__((format(printf, 2, 3))) static void add(text *to, const char *format, ...) {
    enum { longest = 512 };
    if (!make_room(to, longest)) return;
    va_list arguments;
    va_start(arguments, format);
    // Only numbers and short words: texts of any length go by `add_string`.
    int length = vsnprintf(to->bytes + to->length, longest, format, arguments);
    va_end(arguments);
    if (length > 0) to->length += (size_t)(length < longest ? length : longest - 1);
}

/// A JSON string (RFC 8259, section 7).
static void add_string(text *to, const char *string) {
    add(to, "\"");
    for (; *string; string++) {
        unsigned char byte = (unsigned char)*string;
        if (byte < 0x20) add(to, "\\u%04x", byte);
        else if (byte == '"' || byte == '\\') add(to, "\\%c", byte);
        else add(to, "%c", byte);
    }
    add(to, "\"");
}

static bool store(const supervision *state, const char *name, text *record) {
    bool stored = record->bytes && spool_write_record(&state->spool, name, record->bytes, record->length);
    free(record->bytes);
    return stored;
}

static const char *reason_name(stop_reason reason) {
    switch (reason) {
    case STOP_NONE: return "none";
    case STOP_TIMEOUT: return "timeout";
    case STOP_CANCEL: return "cancel";
    case STOP_TERMINATED: return "terminated";
    }
    return "none";
}

bool records_write_started(const supervision *state, pid_t pid) {
    text record = begin();
    add(&record, "{\"version\":1,\"pid\":%d,\"startTime\":%llu,\"bootId\":\"%s\",\"supervisor\":%d,\"startedAt\":%lld}\n",
        (int)pid, (unsigned long long)process_start_time(pid), state->boot_id, (int)getpid(), (long long)wall_ms());
    return store(state, "started", &record);
}

bool records_write_exit(const supervision *state, size_t step_count) {
    text record = begin();
    add(&record, "{\"version\":1,\"bootId\":\"%s\",\"endedAt\":%lld,\"stopped\":\"%s\",\"spoolFailed\":%s,\"steps\":[",
        state->boot_id, (long long)wall_ms(), reason_name(state->stopping), state->broken ? "true" : "false");
    for (size_t i = 0; i < step_count; i++) {
        const step_result *result = &state->results[i];
        add(&record, "%s{\"exitCode\":%d,\"signal\":%d,\"stopped\":\"%s\",\"startedAt\":%lld,\"endedAt\":%lld,"
            "\"stdoutBytes\":%llu,\"stderrBytes\":%llu", i ? "," : "", result->exit_code, result->signal,
            reason_name(result->stopped), (long long)result->started_at_ms, (long long)result->ended_at_ms,
            (unsigned long long)result->stdout_bytes, (unsigned long long)result->stderr_bytes);
        if (result->start_error.stage != CSPAWN_STAGE_NONE)
            add(&record, ",\"startError\":{\"stage\":\"%s\",\"errno\":%d}",
                cspawn_stage_name(result->start_error.stage), result->start_error.code);
        if (result->skipped) {
            add(&record, ",\"skipped\":");
            add_string(&record, result->skipped);
        }
        if (result->out_of_memory) add(&record, ",\"outOfMemory\":true");
        add(&record, "}");
    }
    add(&record, "]}\n");
    return store(state, "exit", &record);
}
