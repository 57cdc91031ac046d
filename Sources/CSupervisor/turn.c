#define _GNU_SOURCE
#include "turn.h"

#include "clocks.h"
#include "process_tree.h"

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

void turn_store(supervision *state, output *from) {
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
    turn_store(state, from);
}

void turn_close_outputs(supervision *state) {
    for (int i = 0; i < 2; i++) {
        if (state->outputs[i].fd >= 0) close(state->outputs[i].fd);
        state->outputs[i].fd = -1;
    }
    current_result(state)->stdout_bytes = state->outputs[0].offset;
    current_result(state)->stderr_bytes = state->outputs[1].offset;
}

// MARK: - Stopping

static void stop(supervision *state, stop_reason reason) {
    bool is_ending = state->stopping != STOP_NONE;
    // A timeout ends its step; anything else the whole attempt, also while a step is being ended.
    if (!is_ending || state->stopping == STOP_TIMEOUT) state->stopping = reason;
    if (is_ending) return;
    if (state->main_process > 0) current_result(state)->stopped = reason;
    // Between steps there is nothing to end; while a step's output is drained there are the processes that it left.
    else if (state->drain_until == 0) return;
    state->kill_at = elapsed_ms() + (int64_t)state->specification->grace_ms;
    signal_descendants(SIGTERM);
    // A stopped process handles SIGTERM only once it continues.
    signal_descendants(SIGCONT);
}

/// True while processes of a stopped step are left: descendants by parentage, and whatever is in the control group.
static bool tree_is_ending(supervision *state, int64_t now) {
    if (state->kill_at == 0) return false;
    bool kill_now = now >= state->kill_at;
    if (kill_now && state->give_up_at == 0) state->give_up_at = now + give_up_ms;
    if (state->give_up_at != 0 && now >= state->give_up_at) return false;
    if (kill_now) control_group_kill(&state->group);
    return signal_descendants(kill_now ? SIGKILL : 0) > 0 || state->main_process > 0 || control_group_is_populated(&state->group);
}

// MARK: - Events

static void main_ended(supervision *state, int exit_code, int signal) {
    step_result *result = current_result(state);
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

void turn_reap(supervision *state) {
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
    turn_reap(state);
}

void turn_look_for_cancel(supervision *state) {
    if (faccessat(state->spool.directory, "cancel", F_OK, 0) == 0) stop(state, STOP_CANCEL);
}

static void take_watch(supervision *state) {
    char events[4096] __attribute__((aligned(8)));
    while (read(state->watch, events, sizeof events) > 0) {}
    turn_look_for_cancel(state);
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
        turn_look_for_cancel(state);
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

bool turn(supervision *state) {
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
        if (from->pending_length > 0 && now >= state->retry_at) turn_store(state, from);
        else if (from->fd >= 0 && polled[2 + i].fd >= 0 && polled[2 + i].revents) read_output(state, from, full);
    }
    if (polled[0].revents) take_signals(state);
    if (polled[1].revents) take_watch(state);
    take_timers(state, now);
    return true;
}
