// What the agent asks the supervisor to run. It comes on standard input and is never written to a disk,
// because it holds the job's secrets.
//
// A sequence of records: tag (1 byte), length (4 bytes, little endian), that many bytes. Numbers are
// little endian. The record 'Z' ends it; anything shorter is incomplete and starts nothing.
//
//   q  u64   quota of output in the spool, bytes        s  u64  size of a segment, bytes
//   k  u64   grace between SIGTERM and SIGKILL, ms      u  u32 uid, u32 gid
//   g  u32*  supplementary groups                       l  u32 resource, u64 soft, u64 hard
//   S        a step begins; the records below belong to it
//   p  text  program (absolute path)                    a  text  one argument, argv[0] first
//   e  text  one NAME=value                             d  text  working directory
//   i  bytes script, at /proc/self/fd/3 in the job      t  u64   execution timeout, ms; 0 is none
//   x        if this step fails, the later ones are not run
#ifndef NIGHTSHIFT_SPECIFICATION_H
#define NIGHTSHIFT_SPECIFICATION_H

#include "CSpawn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { most_steps = 64, most_limits = 16 };

typedef struct step {
    const char *program;
    char **argv;
    char **envp;
    const char *directory;
    const unsigned char *script;
    size_t script_length;
    uint64_t timeout_ms;
    bool stops_on_failure;
} step;

typedef struct specification {
    uint64_t quota;
    uint64_t segment_size;
    uint64_t grace_ms;
    bool has_ids;
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    size_t group_count;
    cspawn_limit limits[most_limits];
    size_t limit_count;
    step steps[most_steps];
    size_t step_count;
} specification;

/// Reads and checks the whole specification from `fd`. False when it is incomplete or malformed.
/// The strings live until the process ends; arguments and environments are NULL-terminated lists.
bool specification_read(int fd, specification *result);

#endif
