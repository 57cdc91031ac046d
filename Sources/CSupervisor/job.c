#define _GNU_SOURCE
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// Where the kernel groups processes by session for scheduling (autogroup, sched(7)), niceness counts within the session only, which is
/// the job's alone; this is the niceness of the session. Not all kernels have it.
static void set_session_niceness(pid_t pid, int nice) {
    char path[64], text[16];
    snprintf(path, sizeof path, "/proc/%d/autogroup", (int)pid);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    int length = snprintf(text, sizeof text, "%d", nice);
    ssize_t ignored = write(fd, text, (size_t)length);
    (void)ignored;
    close(fd);
}

bool job_prepare(const step *job, int cgroup, output outputs[2], cspawn_child *child, cspawn_error *error) {
    int out[2] = {-1, -1}, err[2] = {-1, -1}, script = -1;
    bool ready = pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0
        && fcntl(out[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(err[0], F_SETFL, O_NONBLOCK) == 0;
    // In memory, because it may hold secrets; sealed, so that the job cannot change what it is.
    if (ready && job->script) ready = (script = cspawn_memory_file("script", job->script, job->script_length)) >= 0;
    bool started = false;
    if (ready) {
        cspawn_request request;
        cspawn_request_init(&request);
        request.path = job->program;
        request.argv = job->argv;
        request.envp = job->envp;
        request.cwd = job->directory;
        request.stdout_fd = out[1];
        request.stderr_fd = err[1];
        request.extra_fds = &script;
        request.extra_fd_count = job->script ? 1 : 0;
        request.flags = CSPAWN_GATED | CSPAWN_SETSID | (job->has_ids ? CSPAWN_SET_IDS : 0) | (job->has_nice ? CSPAWN_SET_NICE : 0);
        request.uid = job->uid;
        request.gid = job->gid;
        request.groups = job->groups;
        request.group_count = job->group_count;
        request.limits = job->limits;
        request.limit_count = job->limit_count;
        request.file_mask = (int)job->file_mask;
        request.nice = job->nice;
        request.cgroup_fd = cgroup;
        started = cspawn_start(&request, child, error) == 0;
        if (started && job->has_nice) set_session_niceness(child->pid, job->nice);
    } else {
        *error = (cspawn_error){CSPAWN_STAGE_DESCRIPTORS, errno};
    }
    if (out[1] >= 0) close(out[1]);
    if (err[1] >= 0) close(err[1]);
    if (script >= 0) close(script);
    if (started) {
        outputs[0].fd = out[0];
        outputs[1].fd = err[0];
    } else {
        if (out[0] >= 0) close(out[0]);
        if (err[0] >= 0) close(err[0]);
    }
    return started;
}

size_t job_describe_error(const step *job, cspawn_error error, unsigned char *buffer, size_t capacity) {
    const char *subject = error.stage == CSPAWN_STAGE_DIRECTORY ? job->directory
                        : error.stage == CSPAWN_STAGE_EXEC ? job->program : "";
    int length = snprintf((char *)buffer, capacity, "nightshift: %s%s%s: %s\n", cspawn_stage_name(error.stage),
                          *subject ? " " : "", subject, strerror(error.code));
    if (length < 0) return 0;
    return (size_t)length < capacity ? (size_t)length : capacity - 1;
}
