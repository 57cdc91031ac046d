#ifndef NIGHTSHIFT_SUPERVISE_H
#define NIGHTSHIFT_SUPERVISE_H

#include "control_group.h"
#include "specification.h"
#include "spool.h"

enum { boot_id_size = 40 };

/// Why a step (STOP_TIMEOUT) or the whole attempt was stopped before its end.
typedef enum stop_reason { STOP_NONE, STOP_TIMEOUT, STOP_CANCEL, STOP_TERMINATED } stop_reason;

/// How one step ended.
typedef struct step_result {
    int64_t started_at_ms;
    int64_t ended_at_ms;
    /// -1 when a signal ended it, or it never ran.
    int exit_code;
    /// 0 when no signal ended it.
    int signal;
    stop_reason stopped;
    /// Starting failed: stage NONE when it did not.
    cspawn_error start_error;
    /// Why it was passed over; NULL when it was not.
    const char *skipped;
    /// The kernel killed processes of it for exceeding its memory limit.
    bool out_of_memory;
    uint64_t stdout_bytes;
    uint64_t stderr_bytes;
} step_result;

/// One output pipe of the job. Bytes that were read but not yet stored wait in `pending`.
typedef struct output {
    int fd;
    uint8_t stream;
    uint64_t offset;
    /// What the pipe held when the main process ended: stored even beyond the quota, for it is the job's own.
    uint64_t owed;
    size_t pending_length;
    unsigned char pending[largest_payload];
} output;

/// The running attempt. One thread, one instance.
typedef struct supervision {
    const specification *specification;
    control_group group;
    spool spool;
    int signals;
    int watch;
    char boot_id[boot_id_size];
    size_t step;
    step_result results[most_steps];
    /// Whether the record `started` is there.
    bool has_started;
    pid_t main_process;
    output outputs[2];
    stop_reason stopping;
    /// Instants on the `elapsed_ms` scale; 0 means not set.
    int64_t timeout_at;
    int64_t kill_at;
    int64_t give_up_at;
    int64_t drain_until;
    int64_t sync_at;
    int64_t look_at;
    /// The device had no space: read nothing before this instant.
    int64_t retry_at;
    bool broken;
} supervision;

/// The result of the step that runs.
static inline step_result *current_result(supervision *state) { return &state->results[state->step]; }

/// Runs all steps and writes `started` and `exit` to the spool. Returns the exit status of the supervisor:
/// 0 when `exit` was written.
int supervise(supervision *state);

#endif
