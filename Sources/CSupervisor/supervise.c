#define _GNU_SOURCE
#include "supervise.h"

#include "clocks.h"
#include "job.h"
#include "records.h"
#include "turn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// Exit codes by which a script ends its document (Systems Manager User Guide, "Handling reboots and exit codes").
enum { exit_with_success = 168, exit_with_failure = 169 };

// The words of Systems Manager's agent.
static const char success_note[] =
    "\nStep exited with code 168. Therefore, marking step as succeeded. Further document steps will be skipped.";
static const char failure_note[] =
    "\nStep exited with code 169. Therefore, marking step as Failed. Further document steps will be skipped.";
static const char on_failure_note[] = "\nStep was found to have onFailure property. Further document steps will be skipped.";

// MARK: - What the supervisor itself has to say

/// Adds a text to the step's stdout (0) or stderr (1), after the job's own output.
static void say(supervision *state, int stream, const char *text, size_t length) {
    output *to = &state->outputs[stream];
    if (length > largest_payload) length = largest_payload;
    memcpy(to->pending, text, length);
    to->pending_length = length;
    turn_store(state, to);
    // Without space on the device it waits here.
    while (turn(state)) {}
}

static void say_on_both(supervision *state, const char *text) {
    say(state, 0, text, strlen(text));
    say(state, 1, text, strlen(text));
}

static void report_start_error(supervision *state, const step *job) {
    step_result *result = current_result(state);
    unsigned char line[4096];
    result->exit_code = -1;
    result->ended_at_ms = wall_ms();
    size_t length = job_describe_error(job, result->start_error, line, sizeof line);
    say(state, 1, (const char *)line, length);
}

static void report_memory_kills(supervision *state, const step *job) {
    char line[160];
    int length = snprintf(line, sizeof line, "nightshift: the kernel ended a process: the step exceeded its memory limit of %llu bytes\n",
                          (unsigned long long)job->group.memory);
    current_result(state)->out_of_memory = true;
    say(state, 1, line, (size_t)length);
}

// MARK: - One step

/// A step that asks for no limits runs where there is no control group too.
static bool prepare(supervision *state, const step *job, cspawn_child *child, cspawn_error *error) {
    if (!control_group_limit(&state->group, job)) {
        *error = (cspawn_error){CSPAWN_STAGE_CGROUP, errno};
        return false;
    }
    if (job_prepare(job, state->group.fd, state->outputs, child, error)) return true;
    bool is_limited = job->group.memory != 0 || job->group.cpu_percent != 0 || job->group.tasks != 0;
    return error->stage == CSPAWN_STAGE_CGROUP && !is_limited && job_prepare(job, -1, state->outputs, child, error);
}

static void clear_step(supervision *state) {
    *current_result(state) = (step_result){.exit_code = -1, .started_at_ms = wall_ms()};
    for (int i = 0; i < 2; i++) {
        output *to = &state->outputs[i];
        to->fd = -1;
        to->stream = (uint8_t)(i + 1);
        to->offset = to->owed = 0;
        to->pending_length = 0;
    }
    state->main_process = -1;
    state->timeout_at = state->drain_until = state->kill_at = state->give_up_at = 0;
}

/// Starts the job. False when nothing may be started any more; a job that cannot be started is a result.
static bool start(supervision *state, const step *job) {
    step_result *result = current_result(state);
    cspawn_child child;
    bool started = prepare(state, job, &child, &result->start_error);
    if (started) {
        // The record comes first: whoever reads the spool after a crash must never find a job that ran
        // without it. The opposite, a record of a job that never ran, is only reported as lost.
        if (!state->has_started && !records_write_started(state, child.pid)) {
            cspawn_abandon(&child);
            return false;
        }
        state->has_started = true;
        started = cspawn_release(&child, &result->start_error) == 0;
    }
    if (started) {
        if (child.pidfd >= 0) close(child.pidfd);
        state->main_process = child.pid;
        if (job->timeout_ms > 0) state->timeout_at = elapsed_ms() + (int64_t)job->timeout_ms;
        // It may have ended, or a cancel may have come, before this process listened.
        turn_reap(state);
    } else {
        report_start_error(state, job);
    }
    return true;
}

/// What the end of a step means for those after it: true when they are skipped. A step that was stopped has neither failed nor
/// succeeded in this sense, as with Systems Manager's agent.
static bool conclude(supervision *state, const step *job) {
    step_result *result = current_result(state);
    if (result->stopped != STOP_NONE) return false;
    if (result->exit_code == 0) return job->exits_on_success;
    if (result->exit_code == exit_with_success) {
        say(state, 0, success_note, strlen(success_note));
        return true;
    }
    if (result->exit_code == exit_with_failure) {
        say_on_both(state, failure_note);
        return true;
    }
    if (job->on_failure == FAILURE_CARRIES_ON) return false;
    say_on_both(state, on_failure_note);
    if (job->on_failure == FAILURE_EXITS_AS_SUCCESS) {
        result->exit_code = exit_with_success;
        result->signal = 0;
        result->start_error.stage = CSPAWN_STAGE_NONE;
    }
    return true;
}

/// Runs a step to its end. False when nothing may be started any more.
static bool run_step(supervision *state, const step *job, bool *exits) {
    clear_step(state);
    uint64_t kills = control_group_memory_kills(&state->group);
    if (!start(state, job)) return false;
    while (turn(state)) {}
    if (control_group_memory_kills(&state->group) > kills) report_memory_kills(state, job);
    *exits = conclude(state, job) || *exits;
    turn_close_outputs(state);
    state->drain_until = 0;
    // The next step runs after a timeout; not beside a process that even SIGKILL could not end.
    if (state->stopping == STOP_TIMEOUT && state->main_process <= 0) state->stopping = STOP_NONE;
    return !state->broken;
}

/// The reason is what there is to see of the step, so it is its output.
static void skip_step(supervision *state, const char *why) {
    clear_step(state);
    step_result *result = current_result(state);
    result->skipped = why ? why : "";
    result->ended_at_ms = result->started_at_ms;
    say(state, 0, result->skipped, strlen(result->skipped));
    turn_close_outputs(state);
}

// MARK: - All steps

int supervise(supervision *state) {
    const specification *order = state->specification;
    state->look_at = elapsed_ms();
    control_group_open(&state->group, order->control_group);
    turn_look_for_cancel(state);
    bool exits = false;
    size_t done = 0;
    for (size_t i = 0; i < order->step_count && state->stopping == STOP_NONE; i++) {
        const step *job = &order->steps[i];
        bool is_finally = job->is_finally && i + 1 == order->step_count;
        state->step = i;
        if (exits && !is_finally) skip_step(state, job->skip_after_exit);
        else if (job->skip) skip_step(state, job->skip);
        else if (!run_step(state, job, &exits) && !state->broken) return 74;
        done++;
        turn_look_for_cancel(state);
    }
    if (!spool_sync(&state->spool)) state->broken = true;
    control_group_remove(&state->group);
    return records_write_exit(state, done) ? 0 : 74;
}
