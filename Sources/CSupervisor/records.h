// The two records that the supervisor writes, JSON objects. Times are milliseconds since 1970.
//
// started: {"version":1,"pid":N,"startTime":N,"bootId":"…","supervisor":N,"startedAt":N}
//          startTime is in clock ticks since boot, /proc/PID/stat field 22.
// exit:    {"version":1,"bootId":"…","endedAt":N,"stopped":R,"spoolFailed":B,"steps":[{"exitCode":N,
//          "signal":N,"stopped":R,"startedAt":N,"endedAt":N,"stdoutBytes":N,"stderrBytes":N,
//          "startError":{"stage":"…","errno":N} or absent,
//          "skipped":"why" or absent,"outOfMemory":true or absent}, …]}
//          R is "none", "timeout", "cancel" or "terminated" (the supervisor got SIGTERM, as at a shutdown).
//          Steps that were neither begun nor skipped are missing.
#ifndef NIGHTSHIFT_RECORDS_H
#define NIGHTSHIFT_RECORDS_H

#include "supervise.h"

bool records_write_started(const supervision *state, pid_t pid);
bool records_write_exit(const supervision *state, size_t step_count);

#endif
