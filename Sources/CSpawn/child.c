// Async-signal-safe: raw system calls on prepared memory only, for the child may share it with a parent of many threads.
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static void child_fail(int status_fd, cspawn_stage stage) {
    cspawn_error error = {stage, errno};
    // Fits in PIPE_BUF, so it arrives whole. The parent sees the end of the pipe if even this fails.
    ssize_t ignored = write(status_fd, &error, sizeof error);
    (void)ignored;
    _exit(127);
}

static void close_from(int first) {
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0) == 0) return;
    struct rlimit limit;
    int last = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1048576) last = (int)limit.rlim_cur;
    for (int fd = first; fd < last; fd++) close(fd);
}

/// Puts the streams at 0, 1, 2, the extras after them, then status and gate; closes the rest.
/// Every source is first lifted above the targets, so no target overwrites a source not yet used.
static bool arrange_descriptors(child_plan *plan) {
    const cspawn_request *request = plan->request;
    int count = 3 + (int)request->extra_fd_count, above = count + 3;
    int lifted[most_descriptors];
    for (int i = 0; i < count; i++) {
        int source = i == 0 ? request->stdin_fd : i == 1 ? request->stdout_fd
                   : i == 2 ? request->stderr_fd : request->extra_fds[i - 3];
        int opened = -1;
        if (source < 0) source = opened = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (source < 0) return false;
        lifted[i] = fcntl(source, F_DUPFD_CLOEXEC, above);
        if (opened >= 0) close(opened);
        if (lifted[i] < 0) return false;
    }
    int status = fcntl(plan->status_fd, F_DUPFD_CLOEXEC, above);
    int gate = plan->gate_fd < 0 ? -1 : fcntl(plan->gate_fd, F_DUPFD_CLOEXEC, above);
    int program = request->path ? -1 : fcntl(request->program_fd, F_DUPFD_CLOEXEC, above);
    if (status < 0 || (plan->gate_fd >= 0 && gate < 0) || (!request->path && program < 0)) return false;
    // The number it came by may be one of the targets.
    plan->status_fd = status;
    for (int i = 0; i < count; i++)
        if (dup2(lifted[i], i) < 0) return false;
    if (dup3(status, count, O_CLOEXEC) < 0) return false;
    plan->status_fd = count;
    if (gate >= 0 && dup3(gate, count + 1, O_CLOEXEC) < 0) return false;
    if (gate >= 0) plan->gate_fd = count + 1;
    if (program >= 0 && dup3(program, count + 2, O_CLOEXEC) < 0) return false;
    if (gate < 0) close(count + 1);
    if (program < 0) close(count + 2);
    close_from(above);
    return true;
}

static bool set_limits(const cspawn_request *request) {
    for (size_t i = 0; i < request->limit_count; i++) {
        const cspawn_limit *limit = &request->limits[i];
        struct rlimit value = {
            .rlim_cur = limit->soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)limit->soft,
            .rlim_max = limit->hard == UINT64_MAX ? RLIM_INFINITY : (rlim_t)limit->hard,
        };
        if (setrlimit((__rlimit_resource_t)limit->resource, &value) != 0) return false;
    }
    return true;
}

static bool write_file(const char *path, const char *text, size_t length) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t put = write(fd, text, length);
    int code = errno;
    close(fd);
    errno = code;
    return put == (ssize_t)length;
}

/// "ID ID 1": an id that stays what it is. By hand: snprintf may take a lock that another thread holds. Returns the length.
static size_t identity_map(char *text, unsigned id) {
    char digits[10];
    size_t count = 0, length = 0;
    do {
        digits[count++] = (char)('0' + id % 10);
        id /= 10;
    } while (id > 0);
    for (int twice = 0; twice < 2; twice++) {
        for (size_t i = count; i > 0; i--) text[length++] = digits[i - 1];
        text[length++] = ' ';
    }
    text[length++] = '1';
    return length;
}

/// A mount namespace in which the source is seen at the target. The target's own mount is made read-only by a second call: a bind
/// mount takes no other options with the first.
static bool bind_folder(const cspawn_request *request) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (uid == 0) {
        if (unshare(CLONE_NEWNS) != 0) return false;
    } else {
        char map[32];
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
        if (!write_file("/proc/self/setgroups", "deny", 4)) return false;
        if (!write_file("/proc/self/uid_map", map, identity_map(map, uid))) return false;
        if (!write_file("/proc/self/gid_map", map, identity_map(map, gid))) return false;
    }
    // What is mounted here stays here; what the machine mounts or unmounts later is still seen.
    if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) != 0) return false;
    if (mount(request->bind_source, request->bind_target, NULL, MS_BIND, NULL) != 0) return false;
    // Without root, options that the source's own mount has may not be dropped; then it stays as writable as it was.
    unsigned long options = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV;
    return mount("none", request->bind_target, NULL, options, NULL) == 0 || errno == EPERM;
}

/// glibc's setgroups and friends tell all threads of the process to do the same; the child shares their
/// memory but has none of them, and would wait for ever. Hence the bare calls.
static bool set_ids(const cspawn_request *request) {
    if (syscall(SYS_setgroups, request->group_count, request->groups) != 0) {
        // Without privilege the list cannot change; that is fine when the ids are the caller's own.
        bool own = errno == EPERM && request->uid == getuid() && request->gid == getgid();
        if (!own) return false;
    }
    return syscall(SYS_setresgid, request->gid, request->gid, request->gid) == 0
        && syscall(SYS_setresuid, request->uid, request->uid, request->uid) == 0;
}

/// execve resets handlers but keeps "ignored": a job must not inherit an ignored SIGPIPE. Raw, because glibc refuses to
/// touch its own two signals (32 and 33), which a parent may have left ignored too.
static void default_signals(void) {
    // The kernel's struct sigaction: handler, flags, restorer, mask; all zero is the default action.
    static const unsigned long default_action[8];
    for (int number = 1; number <= 64; number++)
        if (number != SIGKILL && number != SIGSTOP) syscall(SYS_rt_sigaction, number, default_action, NULL, 8);
}

int cspawn_child_main(void *argument) {
    child_plan *plan = argument;
    const cspawn_request *request = plan->request;
    default_signals();
    if (!arrange_descriptors(plan)) child_fail(plan->status_fd, CSPAWN_STAGE_DESCRIPTORS);
    if ((request->flags & CSPAWN_SETSID) && setsid() < 0) child_fail(plan->status_fd, CSPAWN_STAGE_SESSION);
    if ((request->flags & CSPAWN_SETPGID) && setpgid(0, 0) < 0) child_fail(plan->status_fd, CSPAWN_STAGE_SESSION);
    if ((request->flags & CSPAWN_SET_NICE) && setpriority(PRIO_PROCESS, 0, request->nice) != 0)
        child_fail(plan->status_fd, CSPAWN_STAGE_PRIORITY);
    if (!set_limits(request)) child_fail(plan->status_fd, CSPAWN_STAGE_LIMITS);
    if (request->bind_source && !bind_folder(request)) child_fail(plan->status_fd, CSPAWN_STAGE_MOUNT);
    if ((request->flags & CSPAWN_SET_IDS) && !set_ids(request)) child_fail(plan->status_fd, CSPAWN_STAGE_IDS);
    if ((request->flags & CSPAWN_NO_NEW_PRIVILEGES) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        child_fail(plan->status_fd, CSPAWN_STAGE_IDS);
    if (request->flags & CSPAWN_DIE_WITH_PARENT) {
        // After the ids: a change of credentials clears it. The parent may have died before it was set.
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) child_fail(plan->status_fd, CSPAWN_STAGE_PARENT);
        if (getppid() != plan->parent) _exit(127);
    }
    if (request->file_mask >= 0) umask((mode_t)request->file_mask);
    if (request->cwd && chdir(request->cwd) != 0) child_fail(plan->status_fd, CSPAWN_STAGE_DIRECTORY);
    if (plan->gate_fd >= 0) {
        cspawn_error ready = {CSPAWN_STAGE_NONE, 0};
        char byte;
        ssize_t got;
        if (write(plan->status_fd, &ready, sizeof ready) != (ssize_t)sizeof ready) _exit(127);
        do got = read(plan->gate_fd, &byte, 1); while (got < 0 && errno == EINTR);
        // A closed gate means that whoever decides has died: nothing may start.
        if (got != 1) _exit(127);
    }
    sigprocmask(SIG_SETMASK, &plan->empty_mask, NULL);
    if (request->path) execve(request->path, request->argv, plan->envp);
    else syscall(SYS_execveat, 3 + (int)request->extra_fd_count + 2, "", request->argv, plan->envp, 0x1000 /* AT_EMPTY_PATH */);
    child_fail(plan->status_fd, CSPAWN_STAGE_EXEC);
    return 127;
}
