// The control group of the attempt (cgroup v2, Documentation/admin-guide/cgroup-v2.rst of the kernel): all that its jobs start is in it,
// whatever session or parent it has. The supervisor itself is not.
#ifndef NIGHTSHIFT_CONTROL_GROUP_H
#define NIGHTSHIFT_CONTROL_GROUP_H

#include "specification.h"

typedef struct control_group {
    const char *path;
    /// The open directory; -1 when there is no group.
    int fd;
} control_group;

/// Creates the directory, or takes the one that is there. Without a path, or where it cannot be had, there is no group (`fd` is -1).
void control_group_open(control_group *group, const char *path);

/// Sets what a step asks for and lifts what it does not. False with errno when a limit that is asked for cannot be set;
/// without a group that is any.
bool control_group_limit(const control_group *group, const step *job);

/// How many processes the kernel has killed in it for want of memory.
uint64_t control_group_memory_kills(const control_group *group);

/// Whether a process is in it.
bool control_group_is_populated(const control_group *group);

/// Sends SIGKILL to all that is in it, at once (since Linux 5.14; older kernels leave it to the caller).
void control_group_kill(const control_group *group);

/// Removes the directory. It stays while a process that the job left behind is in it.
void control_group_remove(control_group *group);

#endif
