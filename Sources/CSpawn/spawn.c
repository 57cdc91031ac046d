#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// A sanitizer's own notes about the parent would be spoilt by a child on the parent's memory.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define CSPAWN_SHARED_MEMORY 0
#endif
#endif
#ifndef CSPAWN_SHARED_MEMORY
#define CSPAWN_SHARED_MEMORY (CLONE_VM | CLONE_VFORK)
#endif
// Old headers name none of these; the numbers are part of the kernel's interface.
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

enum { stack_size = 64 * 1024, guard_size = 4096 };

void cspawn_request_init(cspawn_request *request) {
    memset(request, 0, sizeof *request);
    request->program_fd = -1;
    request->stdin_fd = request->stdout_fd = request->stderr_fd = -1;
    request->file_mask = -1;
    request->cgroup_fd = -1;
}

const char *cspawn_stage_name(cspawn_stage stage) {
    switch (stage) {
    case CSPAWN_STAGE_NONE: return "none";
    case CSPAWN_STAGE_CLONE: return "clone";
    case CSPAWN_STAGE_DESCRIPTORS: return "descriptors";
    case CSPAWN_STAGE_SESSION: return "session";
    case CSPAWN_STAGE_LIMITS: return "resource limits";
    case CSPAWN_STAGE_MOUNT: return "mount";
    case CSPAWN_STAGE_IDS: return "user and groups";
    case CSPAWN_STAGE_PARENT: return "parent";
    case CSPAWN_STAGE_DIRECTORY: return "working directory";
    case CSPAWN_STAGE_EXEC: return "exec";
    case CSPAWN_STAGE_PRIORITY: return "niceness";
    case CSPAWN_STAGE_CGROUP: return "control group";
    }
    return "unknown";
}

// MARK: - In the parent

static int fail(cspawn_error *error, cspawn_stage stage, int code) {
    *error = (cspawn_error){stage, code};
    return -1;
}

static void close_quietly(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/// Reads one report of the child. Returns 1 for a report, 0 for the end of the pipe (execve done, or died).
static int read_report(int fd, cspawn_error *report) {
    ssize_t got;
    do got = read(fd, report, sizeof *report); while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *report;
}

/// The arguments of clone3(2), as far as the first kernel with CLONE_INTO_CGROUP (5.7) knows them.
typedef struct clone_arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
} clone_arguments;

/// A child that is born in the control group: a copy of this process, as by fork(2), that goes on in `cspawn_child_main`. Moving a process
/// that exists, in contrast, makes the kernel wait for a grace period of RCU, a millisecond or more.
static pid_t clone_into_cgroup(child_plan *plan, int *pidfd) {
    clone_arguments arguments = {
        .flags = CLONE_PIDFD | CLONE_INTO_CGROUP,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = (uint64_t)plan->request->cgroup_fd,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) _exit(cspawn_child_main(plan));
    return pid;
}

/// The older way, for a child that stands at its gate and has done nothing yet.
static bool move_into_cgroup(int cgroup_fd, pid_t pid) {
    char digits[16];
    size_t length = 0;
    for (pid_t rest = pid; rest > 0; rest /= 10) length++;
    for (size_t i = length; i > 0; i--, pid /= 10) digits[i - 1] = (char)('0' + pid % 10);
    int fd = openat(cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t put = write(fd, digits, length);
    int code = errno;
    close(fd);
    errno = code;
    return put == (ssize_t)length;
}

static void reap(cspawn_child *child) {
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {}
    close_quietly(&child->pidfd);
    child->pid = -1;
}

/// `cspawn_start`, with the child born in its control group or moved into it.
static int start(const cspawn_request *request, bool is_born_there, cspawn_child *child, cspawn_error *error) {
    static char *const no_environment[] = {NULL};
    bool gated = (request->flags & CSPAWN_GATED) != 0;
    *child = (cspawn_child){.pid = -1, .pidfd = -1, .gate_fd = -1, .status_fd = -1};
    *error = (cspawn_error){CSPAWN_STAGE_NONE, 0};
    if (request->extra_fd_count > most_descriptors - 3) return fail(error, CSPAWN_STAGE_DESCRIPTORS, EINVAL);

    int status[2] = {-1, -1}, gate[2] = {-1, -1};
    if (pipe2(status, O_CLOEXEC) != 0) return fail(error, CSPAWN_STAGE_DESCRIPTORS, errno);
    if (gated && pipe2(gate, O_CLOEXEC) != 0) {
        int code = errno;
        close(status[0]);
        close(status[1]);
        return fail(error, CSPAWN_STAGE_DESCRIPTORS, code);
    }
    char *stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    int code = 0;
    if (stack == MAP_FAILED) {
        code = errno;
    } else {
        mprotect(stack, guard_size, PROT_NONE);
        child_plan plan = {
            .request = request,
            .envp = request->envp ? request->envp : no_environment,
            .parent = getpid(),
            .status_fd = status[1],
            .gate_fd = gate[0],
        };
        sigset_t all, before;
        sigfillset(&all);
        sigemptyset(&plan.empty_mask);
        // No handler of the program may run in the child, on memory that it shares.
        pthread_sigmask(SIG_BLOCK, &all, &before);
        // A gated child outlives this call, so it gets its own copy of the memory.
        int flags = SIGCHLD | CLONE_PIDFD | (gated ? 0 : CSPAWN_SHARED_MEMORY);
        int pidfd = -1;
        child->pid = is_born_there ? clone_into_cgroup(&plan, &pidfd)
                                   : clone(cspawn_child_main, stack + stack_size, flags, &plan, &pidfd);
        if (child->pid < 0) code = errno;
        else child->pidfd = pidfd;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        munmap(stack, stack_size);
    }
    close_quietly(&status[1]);
    close_quietly(&gate[0]);
    if (child->pid < 0) {
        close_quietly(&status[0]);
        close_quietly(&gate[1]);
        return fail(error, CSPAWN_STAGE_CLONE, code);
    }
    cspawn_error report;
    int reported = read_report(status[0], &report);
    bool ready = gated ? reported && report.stage == CSPAWN_STAGE_NONE : !reported;
    if (!ready) {
        close_quietly(&status[0]);
        close_quietly(&gate[1]);
        reap(child);
        return reported ? fail(error, report.stage, report.code) : fail(error, CSPAWN_STAGE_CLONE, ECHILD);
    }
    if (gated) {
        child->gate_fd = gate[1];
        child->status_fd = status[0];
        if (request->cgroup_fd >= 0 && !is_born_there && !move_into_cgroup(request->cgroup_fd, child->pid)) {
            code = errno;
            cspawn_abandon(child);
            return fail(error, CSPAWN_STAGE_CGROUP, code);
        }
    } else {
        close_quietly(&status[0]);
    }
    return 0;
}

int cspawn_start(const cspawn_request *request, cspawn_child *child, cspawn_error *error) {
    if (request->cgroup_fd < 0) return start(request, false, child, error);
    *child = (cspawn_child){.pid = -1, .pidfd = -1, .gate_fd = -1, .status_fd = -1};
    // Without the gate the child could run, and fork, before it is moved.
    if (!(request->flags & CSPAWN_GATED)) return fail(error, CSPAWN_STAGE_CGROUP, EINVAL);
    if (start(request, true, child, error) == 0) return 0;
    // Older kernels cannot; and since Linux 6.14 a child born in a group that `cgroup.kill` was ever used on may be killed at birth, the
    // kernel comparing the counts of kills of two different groups. A child that is moved there lives.
    return error->stage == CSPAWN_STAGE_CLONE ? start(request, false, child, error) : -1;
}

int cspawn_release(cspawn_child *child, cspawn_error *error) {
    *error = (cspawn_error){CSPAWN_STAGE_NONE, 0};
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t put;
    do put = write(child->gate_fd, "g", 1); while (put < 0 && errno == EINTR);
    int code = errno;
    if (put < 0 && code == EPIPE) {
        // Take back the SIGPIPE that this write made, unless the program itself keeps it blocked.
        struct timespec now = {0, 0};
        if (!sigismember(&before, SIGPIPE)) sigtimedwait(&pipe_signal, NULL, &now);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close_quietly(&child->gate_fd);
    cspawn_error report;
    int reported = read_report(child->status_fd, &report);
    close_quietly(&child->status_fd);
    if (put == 1 && !reported) return 0;
    reap(child);
    return reported ? fail(error, report.stage, report.code) : fail(error, CSPAWN_STAGE_CLONE, code);
}

void cspawn_abandon(cspawn_child *child) {
    close_quietly(&child->gate_fd);
    close_quietly(&child->status_fd);
    if (child->pid <= 0) return;
    kill(child->pid, SIGKILL);
    reap(child);
}

pid_t cspawn_wait(pid_t pid, int options, int *exit_code, int *signal) {
    int status = 0;
    pid_t got;
    do got = waitpid(pid, &status, options); while (got < 0 && errno == EINTR);
    if (got > 0) {
        *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
    return got;
}

int cspawn_memory_file(const char *name, const void *bytes, size_t length) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    size_t done = 0;
    while (done < length) {
        ssize_t put = pwrite(fd, (const char *)bytes + done, length - done, (off_t)done);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            int code = errno;
            close(fd);
            errno = code;
            return -1;
        }
        done += (size_t)put;
    }
    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    return fd;
}

int cspawn_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int cspawn_become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}
