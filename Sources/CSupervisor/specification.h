// What the agent asks the supervisor to run. It comes on standard input and is never written to a disk,
// because it holds the job's secrets.
//
// A sequence of records: tag (1 byte), length (4 bytes, little endian), that many bytes. Numbers are
// little endian. The record 'Z' ends it; anything shorter is incomplete and starts nothing.
//
//   q  u64   quota of output in the spool, bytes        s  u64  size of a segment, bytes
//   k  u64   grace between SIGTERM and SIGKILL, ms      c  text control group of the attempt, to be created (cgroup v2)
//   S        a step begins; the records below belong to it. Before the first one they are what every step begins with
//   p  text  program (absolute path)                    a  text  one argument, argv[0] first
//   e  text  one NAME=value                             d  text  working directory
//   i  bytes script, at /proc/self/fd/3 in the job      t  u64   execution timeout, ms; 0 is none
//   u  u32 uid, u32 gid                                 g  u32*  supplementary groups
//   l  u32 resource, u64 soft, u64 hard                 m  u64   file mode creation mask
//   n  i64   niceness
//   M  u64   memory, bytes                              C  u64   processor time, hundredths of one core
//   T  u64   processes and threads
//   w  text  the step is skipped, and why               W  text  what is said of it when an earlier step had it skipped
//   x        if this step fails, the later ones are skipped
//   y        if this step fails, it counts as a success and the later ones are skipped
//   o        if this step succeeds, the later ones are skipped
//   f        the step runs even then, if it is the last
#ifndef NIGHTSHIFT_SPECIFICATION_H
#define NIGHTSHIFT_SPECIFICATION_H

#include "CSpawn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { most_steps = 64, most_limits = 16 };

/// What follows a step that failed.
typedef enum on_failure { FAILURE_CARRIES_ON, FAILURE_EXITS, FAILURE_EXITS_AS_SUCCESS } on_failure;

/// What the control group of a step keeps; 0 is no limit.
typedef struct group_limits {
    uint64_t memory;
    uint64_t cpu_percent;
    uint64_t tasks;
} group_limits;

typedef struct step {
    const char *program;
    char **argv;
    char **envp;
    const char *directory;
    const unsigned char *script;
    size_t script_length;
    uint64_t timeout_ms;
    bool has_ids;
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    size_t group_count;
    cspawn_limit limits[most_limits];
    size_t limit_count;
    uint64_t file_mask;
    bool has_nice;
    int nice;
    group_limits group;
    const char *skip;
    const char *skip_after_exit;
    on_failure on_failure;
    bool exits_on_success;
    bool is_finally;
} step;

typedef struct specification {
    uint64_t quota;
    uint64_t segment_size;
    uint64_t grace_ms;
    const char *control_group;
    /// How every step begins.
    step common;
    step steps[most_steps];
    size_t step_count;
} specification;

/// Reads and checks the whole specification from `fd`. False when it is incomplete or malformed.
/// The strings live until the process ends; arguments and environments are NULL-terminated lists.
bool specification_read(int fd, specification *result);

#endif
