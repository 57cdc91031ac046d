// nightshift-run DIRECTORY: runs one attempt of a command and outlives the agent that started it.
//
// Standard input is the specification (specification.h). Descriptor 3 is an open description of the file
// `lock` in the directory, already locked by flock: while it is locked, this attempt has a supervisor.
// Exit status: 0 the attempt ended and `exit` says how; 64 usage; 65 incomplete specification, nothing ran;
// 71 the system refused; 74 the spool could not be written; 75 the attempt already has a supervisor.
#define _GNU_SOURCE
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { inherited_lock = 3 };

static int complain(int status, const char *what) {
    fprintf(stderr, "nightshift-run: %s: %s\n", what, strerror(errno));
    return status;
}

/// Holds the lock by the inherited description, or, started by hand, by an own one.
static bool hold_lock(int directory) {
    struct stat wanted, given;
    bool inherited = fstatat(directory, "lock", &wanted, 0) == 0 && fstat(inherited_lock, &given) == 0
        && wanted.st_dev == given.st_dev && wanted.st_ino == given.st_ino;
    int fd = inherited ? inherited_lock : openat(directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void read_boot_id(char boot_id[boot_id_size]) {
    boot_id[0] = 0;
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t length = read(fd, boot_id, boot_id_size - 1);
    close(fd);
    boot_id[length > 0 ? length : 0] = 0;
    boot_id[strcspn(boot_id, "\n")] = 0;
}

/// Signals arrive through a descriptor; a cancel file and freed segments through inotify.
static bool open_events(supervision *state, const char *path) {
    sigset_t handled;
    sigemptyset(&handled);
    sigaddset(&handled, SIGCHLD);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGINT);
    if (sigprocmask(SIG_BLOCK, &handled, NULL) != 0) return false;
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    state->signals = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
    state->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    // Without inotify (its instances can run out) the look every second does.
    if (state->watch >= 0) inotify_add_watch(state->watch, path, IN_CREATE | IN_MOVED_TO | IN_DELETE);
    return state->signals >= 0;
}

int main(int argument_count, char **arguments) {
    static specification specification;
    static supervision state;
    if (argument_count != 2) {
        fputs("usage: nightshift-run DIRECTORY < specification\n", stderr);
        return 64;
    }
    setsid();
    // Secrets pass through this memory: no core dump, no debugger of the same user.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (cspawn_become_subreaper() != 0) return complain(71, "subreaper");
    int directory = open(arguments[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return complain(74, arguments[1]);
    if (!hold_lock(directory)) return complain(75, "lock");
    if (!specification_read(STDIN_FILENO, &specification)) {
        fputs("nightshift-run: incomplete specification\n", stderr);
        return 65;
    }
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) return complain(71, "/dev/null");
    state.specification = &specification;
    read_boot_id(state.boot_id);
    spool_open(&state.spool, directory, specification.quota, specification.segment_size);
    if (!open_events(&state, arguments[1])) return complain(71, "signals");
    // Nothing of the agent's surroundings is kept busy, a mounted working directory for instance.
    if (chdir("/") != 0) return complain(71, "/");
    return supervise(&state);
}
