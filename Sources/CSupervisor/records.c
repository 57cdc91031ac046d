#define _GNU_SOURCE
#include "records.h"

#include "clocks.h"
#include "process_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { record_capacity = 512 + most_steps * 384 };

typedef struct text {
    char bytes[record_capacity];
    size_t length;
} text;

__attribute__((format(printf, 2, 3))) static void add(text *to, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to->bytes + to->length, record_capacity - to->length, format, arguments);
    va_end(arguments);
    // The capacity covers the longest numbers of the most steps.
    if (length > 0 && (size_t)length < record_capacity - to->length) to->length += (size_t)length;
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
    static text record;
    record.length = 0;
    add(&record, "{\"version\":1,\"pid\":%d,\"startTime\":%llu,\"bootId\":\"%s\",\"supervisor\":%d,\"startedAt\":%lld}\n",
        (int)pid, (unsigned long long)process_start_time(pid), state->boot_id, (int)getpid(), (long long)wall_ms());
    return spool_write_record(&state->spool, "started", record.bytes, record.length);
}

bool records_write_exit(const supervision *state, size_t step_count) {
    static text record;
    record.length = 0;
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
        add(&record, "}");
    }
    add(&record, "]}\n");
    return spool_write_record(&state->spool, "exit", record.bytes, record.length);
}
