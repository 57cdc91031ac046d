#define _GNU_SOURCE
#include "supervise.h"

#include "clocks.h"
#include "job.h"
#include "process_tree.h"
#include "records.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    drain_ms = 5000,        // how long background processes may keep the pipes open after the main one
    sync_ms = 1000,         // output is durable at least this often
    look_ms = 1000,         // fallback for a cancel file that inotify did not announce
    retry_ms = 1000,        // after "no space left on device"
    tree_look_ms = 50,      // while the tree is being ended
    give_up_ms = 10000,     // a process that survives SIGKILL this long is stuck in the kernel
};

static step_result *current(supervision *state) { return &state->results[state->step]; }

// MARK: - Output

static void fail_spool(supervision *state) {
    state->broken = true;
    // Output that cannot be kept must not be produced.
    if (state->stopping == STOP_NONE) state->stopping = STOP_TERMINATED;
    state->kill_at = elapsed_ms();
    for (int i = 0; i < 2; i++) {
        state->outputs[i].pending_length = 0;
        if (state->outputs[i].fd >= 0) close(state->outputs[i].fd);
        state->outputs[i].fd = -1;
    }
}

static void store_pending(supervision *state, output *from) {
    if (from->pending_length == 0 || state->broken) return;
    switch (spool_append(&state->spool, (uint16_t)state->step, from->stream, from->offset, wall_ms(),
                         from->pending, from->pending_length)) {
    case SPOOL_WRITTEN:
        from->offset += from->pending_length;
        from->owed -= from->pending_length < from->owed ? from->pending_length : from->owed;
        from->pending_length = 0;
        state->retry_at = 0;
        if (state->sync_at == 0) state->sync_at = elapsed_ms() + sync_ms;
        break;
    case SPOOL_NO_SPACE:
        state->retry_at = elapsed_ms() + retry_ms;
        break;
    case SPOOL_BROKEN:
        fail_spool(state);
    }
}

static void read_output(supervision *state, output *from, bool full) {
    size_t most = largest_payload;
    if (full && from->owed < most) most = (size_t)from->owed;
    if (most == 0 || from->pending_length > 0) return;
    ssize_t got = read(from->fd, from->pending, most);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        close(from->fd);
        from->fd = -1;
        from->owed = 0;
        return;
    }
    from->pending_length = (size_t)got;
    store_pending(state, from);
}

static void close_outputs(supervision *state) {
    for (int i = 0; i < 2; i++) {
        if (state->outputs[i].fd >= 0) close(state->outputs[i].fd);
        state->outputs[i].fd = -1;
    }
    current(state)->stdout_bytes = state->outputs[0].offset;
    current(state)->stderr_bytes = state->outputs[1].offset;
}

// MARK: - Stopping

static void stop(supervision *state, stop_reason reason) {
    if (state->stopping != STOP_NONE) return;
    state->stopping = reason;
    if (state->main_process <= 0) return;
    current(state)->stopped = reason;
    state->kill_at = elapsed_ms() + (int64_t)state->specification->grace_ms;
    signal_descendants(SIGTERM);
    // A stopped process handles SIGTERM only once it continues.
    signal_descendants(SIGCONT);
}

/// True while processes of a stopped attempt are left.
static bool tree_is_ending(supervision *state, int64_t now) {
    if (state->kill_at == 0) return false;
    bool kill_now = now >= state->kill_at;
    if (kill_now && state->give_up_at == 0) state->give_up_at = now + give_up_ms;
    if (state->give_up_at != 0 && now >= state->give_up_at) return false;
    return signal_descendants(kill_now ? SIGKILL : 0) > 0 || state->main_process > 0;
}

// MARK: - Events

static void main_ended(supervision *state, int exit_code, int signal) {
    step_result *result = current(state);
    result->exit_code = exit_code;
    result->signal = signal;
    result->ended_at_ms = wall_ms();
    state->main_process = -1;
    state->timeout_at = 0;
    state->drain_until = elapsed_ms() + drain_ms;
    for (int i = 0; i < 2; i++) {
        output *from = &state->outputs[i];
        int waiting = 0;
        from->owed = from->pending_length;
        if (from->fd >= 0 && ioctl(from->fd, FIONREAD, &waiting) == 0 && waiting > 0)
            from->owed += (uint64_t)waiting;
    }
}

static void reap(supervision *state) {
    int exit_code = -1, signal = 0;
    pid_t pid;
    // Orphans that this process adopted end here too.
    while ((pid = cspawn_wait(-1, WNOHANG, &exit_code, &signal)) > 0)
        if (pid == state->main_process) main_ended(state, exit_code, signal);
}

static void take_signals(supervision *state) {
    struct signalfd_siginfo info;
    while (read(state->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGCHLD) stop(state, STOP_TERMINATED);
    reap(state);
}

static void look_for_cancel(supervision *state) {
    if (faccessat(state->spool.directory, "cancel", F_OK, 0) == 0) stop(state, STOP_CANCEL);
}

static void take_watch(supervision *state) {
    char events[4096] __attribute__((aligned(8)));
    while (read(state->watch, events, sizeof events) > 0) {}
    look_for_cancel(state);
}

static void take_timers(supervision *state, int64_t now) {
    if (state->timeout_at != 0 && now >= state->timeout_at) {
        state->timeout_at = 0;
        stop(state, STOP_TIMEOUT);
    }
    if (state->sync_at != 0 && now >= state->sync_at) {
        state->sync_at = 0;
        if (!spool_sync(&state->spool)) fail_spool(state);
    }
    if (now >= state->look_at) {
        state->look_at = now + look_ms;
        look_for_cancel(state);
    }
}

static int poll_timeout(const supervision *state, int64_t now, bool ending) {
    int64_t next = state->look_at;
    const int64_t others[] = {state->timeout_at, state->sync_at, state->drain_until, state->retry_at};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] > now && others[i] < next) next = others[i];
    if (ending && now + tree_look_ms < next) next = now + tree_look_ms;
    return next > now ? (int)(next - now) : 0;
}

/// One round: wait for something, then handle all of it. False when the step is over.
static bool turn(supervision *state) {
    int64_t now = elapsed_ms();
    bool ending = tree_is_ending(state, now);
    bool idle = state->outputs[0].fd < 0 && state->outputs[1].fd < 0
        && state->outputs[0].pending_length == 0 && state->outputs[1].pending_length == 0;
    bool drained = state->drain_until != 0 && now >= state->drain_until
        && state->outputs[0].pending_length == 0 && state->outputs[1].pending_length == 0
        && state->outputs[0].owed == 0 && state->outputs[1].owed == 0;
    bool stuck = state->give_up_at != 0 && now >= state->give_up_at;
    if ((state->main_process <= 0 || stuck) && !ending && (idle || drained)) return false;

    bool full = spool_is_full(&state->spool);
    bool waiting = state->retry_at > now;
    struct pollfd polled[4] = {
        {.fd = state->signals, .events = POLLIN},
        {.fd = state->watch, .events = POLLIN},
    };
    for (int i = 0; i < 2; i++) {
        const output *from = &state->outputs[i];
        bool reading = !waiting && from->pending_length == 0 && (!full || from->owed > 0);
        polled[2 + i] = (struct pollfd){.fd = reading ? from->fd : -1, .events = POLLIN};
    }
    if (poll(polled, 4, poll_timeout(state, now, ending)) < 0 && errno != EINTR) fail_spool(state);
    now = elapsed_ms();
    for (int i = 0; i < 2; i++) {
        output *from = &state->outputs[i];
        if (from->pending_length > 0 && now >= state->retry_at) store_pending(state, from);
        else if (from->fd >= 0 && polled[2 + i].fd >= 0 && polled[2 + i].revents) read_output(state, from, full);
    }
    if (polled[0].revents) take_signals(state);
    if (polled[1].revents) take_watch(state);
    take_timers(state, now);
    return true;
}

// MARK: - Steps

static void report_start_error(supervision *state) {
    step_result *result = current(state);
    result->exit_code = -1;
    result->ended_at_ms = wall_ms();
    output *errors = &state->outputs[1];
    errors->pending_length = job_describe_error(&state->specification->steps[state->step],
                                                result->start_error, errors->pending, largest_payload);
    store_pending(state, errors);
}

/// Runs the current step to its end. False when nothing may be started any more.
static bool run_step(supervision *state) {
    step_result *result = current(state);
    const step *job = &state->specification->steps[state->step];
    *result = (step_result){.exit_code = -1, .started_at_ms = wall_ms()};
    for (int i = 0; i < 2; i++) {
        output *to = &state->outputs[i];
        to->fd = -1;
        to->stream = (uint8_t)(i + 1);
        to->offset = to->owed = 0;
        to->pending_length = 0;
    }
    state->drain_until = state->kill_at = state->give_up_at = 0;

    cspawn_child child;
    bool started = job_prepare(state->specification, job, state->outputs, &child, &result->start_error);
    if (started) {
        // The record comes first: whoever reads the spool after a crash must never find a job that ran
        // without it. The opposite, a record of a job that never ran, is only reported as lost.
        if (state->step == 0 && !records_write_started(state, child.pid)) {
            cspawn_abandon(&child);
            return false;
        }
        started = cspawn_release(&child, &result->start_error) == 0;
    }
    if (started) {
        if (child.pidfd >= 0) close(child.pidfd);
        state->main_process = child.pid;
        if (job->timeout_ms > 0) state->timeout_at = elapsed_ms() + (int64_t)job->timeout_ms;
        // It may have ended, or a cancel may have come, before this process listened.
        reap(state);
    } else {
        report_start_error(state);
    }
    while (turn(state)) {}
    close_outputs(state);
    return !state->broken;
}

int supervise(supervision *state) {
    state->look_at = elapsed_ms();
    look_for_cancel(state);
    size_t done = 0;
    for (size_t i = 0; i < state->specification->step_count && state->stopping == STOP_NONE; i++) {
        state->step = i;
        if (!run_step(state) && !state->broken) return 74;
        done++;
        const step_result *result = current(state);
        bool failed = result->exit_code != 0 || result->start_error.stage != CSPAWN_STAGE_NONE;
        if (failed && state->specification->steps[i].stops_on_failure) break;
    }
    if (!spool_sync(&state->spool)) state->broken = true;
    return records_write_exit(state, done) ? 0 : 74;
}
