/// Starting processes, safely, from a program with many threads.
///
/// Why not posix_spawn or a library: none of them sets user and group ids without going through
/// glibc's thread-broadcasting wrappers (which deadlock in a child made by clone), and none has a
/// gate between "the child exists" and "the child runs". Everything between clone and execve is a
/// raw system call on prepared memory, so a lock held by another thread cannot matter.
///
/// Linux only. Works without pidfd (before 5.3) and close_range (before 5.9), a little slower.
#ifndef NIGHTSHIFT_CSPAWN_H
#define NIGHTSHIFT_CSPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Options of a request, or-ed together in `flags`.
enum {
    /// The child becomes leader of a new session (and process group, pgid = pid).
    CSPAWN_SETSID = 1 << 0,
    /// The child becomes leader of a new process group in the caller's session.
    CSPAWN_SETPGID = 1 << 1,
    /// The kernel sends SIGKILL to the child when the *thread* that called `cspawn_start` ends.
    /// Call from a thread that lives as long as the process.
    CSPAWN_DIE_WITH_PARENT = 1 << 2,
    /// Use `uid`, `gid` and `groups`. Needs root unless they are the caller's own.
    CSPAWN_SET_IDS = 1 << 3,
    /// Neither the child nor its descendants can gain privileges by set-user-id programs.
    CSPAWN_NO_NEW_PRIVILEGES = 1 << 4,
    /// The child stops before execve, with everything else done, until `cspawn_release`.
    CSPAWN_GATED = 1 << 5,
    /// Use `nice`.
    CSPAWN_SET_NICE = 1 << 6,
};

/// One resource limit: `resource` is an RLIMIT_ constant; both values in its own unit.
/// UINT64_MAX means unlimited.
typedef struct cspawn_limit {
    int resource;
    uint64_t soft;
    uint64_t hard;
} cspawn_limit;

/// What to start. Zero-initialise, then call `cspawn_request_init`. Nothing in it is kept after the call.
typedef struct cspawn_request {
    /// The program, an absolute path; PATH is not searched. With NULL, `program_fd` is executed.
    const char *path;
    /// Used when `path` is NULL: an open program (O_PATH or a sealed memfd); not for `#!` scripts.
    int program_fd;
    /// NULL-terminated; argv[0] included.
    char *const *argv;
    /// NULL-terminated `NAME=value` strings, the whole environment. NULL means an empty one.
    char *const *envp;
    /// Working directory, entered with the child's ids; NULL inherits.
    const char *cwd;
    /// When not NULL, the child sees the folder `bind_source`, read-only, at `bind_target`, which is an existing folder; nobody else
    /// does: it gets a mount namespace of its own (and, without root, a user namespace in which its ids stay what they are).
    const char *bind_source;
    const char *bind_target;
    /// Standard streams of the child; -1 means /dev/null. The caller keeps its descriptors.
    int stdin_fd;
    int stdout_fd;
    int stderr_fd;
    /// Further descriptors, which become 3, 4, … in the child. All others are closed there.
    const int *extra_fds;
    size_t extra_fd_count;
    /// CSPAWN_ options.
    int flags;
    /// With CSPAWN_SET_IDS: real, effective and saved ids, and the whole list of supplementary groups.
    uid_t uid;
    gid_t gid;
    const gid_t *groups;
    size_t group_count;
    /// Resource limits, set while still privileged.
    const cspawn_limit *limits;
    size_t limit_count;
    /// File mode creation mask, or -1 to inherit.
    int file_mask;
    /// With CSPAWN_SET_NICE: the niceness, -20 to 19, set while still privileged.
    int nice;
    /// An open directory of cgroup v2 that the child, which must be gated, belongs to from its first instruction on; -1 for the caller's.
    int cgroup_fd;
} cspawn_request;

/// A started child.
typedef struct cspawn_child {
    pid_t pid;
    /// Readable when the child ended; close-on-exec; -1 where the kernel has none. The caller closes it.
    int pidfd;
    /// Used between `cspawn_start` and `cspawn_release` of a gated child; else -1.
    int gate_fd;
    int status_fd;
} cspawn_child;

/// Where starting failed.
typedef enum cspawn_stage {
    CSPAWN_STAGE_NONE = 0,
    CSPAWN_STAGE_CLONE,
    CSPAWN_STAGE_DESCRIPTORS,
    CSPAWN_STAGE_SESSION,
    CSPAWN_STAGE_LIMITS,
    CSPAWN_STAGE_MOUNT,
    CSPAWN_STAGE_IDS,
    CSPAWN_STAGE_PARENT,
    CSPAWN_STAGE_DIRECTORY,
    CSPAWN_STAGE_EXEC,
    CSPAWN_STAGE_PRIORITY,
    CSPAWN_STAGE_CGROUP,
} cspawn_stage;

/// Why starting failed: `code` is an errno value, 0 when it did not.
typedef struct cspawn_error {
    cspawn_stage stage;
    int code;
} cspawn_error;

/// Sets the defaults: all streams /dev/null, nothing inherited but limits, ids, mask and directory.
void cspawn_request_init(cspawn_request *request);

/// Starts the child and returns when it runs the program, or, gated, when it stands at the gate.
///
/// Returns 0, or -1 with `error` filled; then no child is left behind. Blocks until execve, usually
/// under a millisecond. All signals of the child are unblocked and set to their defaults.
int cspawn_start(const cspawn_request *request, cspawn_child *child, cspawn_error *error);

/// Opens the gate of a gated child and waits for its execve. Returns 0, or -1 with `error` filled;
/// the failed child has then been waited for.
int cspawn_release(cspawn_child *child, cspawn_error *error);

/// Ends and waits for a gated child that must not run.
void cspawn_abandon(cspawn_child *child);

/// Waits for a child. `options` as for waitpid (0, or WNOHANG). Returns the pid, 0 when it still runs
/// (WNOHANG), or -1 with errno. `exit_code` is -1 when a signal ended it, `signal` is 0 when none did.
pid_t cspawn_wait(pid_t pid, int options, int *exit_code, int *signal);

/// A read-only file in memory with these bytes, at its beginning, close-on-exec: the way to hand over what must
/// not be on a disk. Sealed, so that nobody can change it. Returns the descriptor, or -1 with errno.
int cspawn_memory_file(const char *name, const void *bytes, size_t length);

/// A pidfd of any process, close-on-exec, or -1 with errno.
int cspawn_pidfd_open(pid_t pid);

/// Makes the calling process adopt orphaned descendants. Returns 0, or -1 with errno.
int cspawn_become_subreaper(void);

/// A constant English word for a stage, for messages: "exec", "working directory", …
const char *cspawn_stage_name(cspawn_stage stage);

#ifdef __cplusplus
}
#endif
#endif
