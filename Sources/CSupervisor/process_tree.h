#ifndef NIGHTSHIFT_PROCESS_TREE_H
#define NIGHTSHIFT_PROCESS_TREE_H

#include <stdint.h>
#include <sys/types.h>

/// Sends `signal` to every living descendant of this process, whatever its session or group, and
/// returns how many there were. As subreaper this process inherits orphans, so daemons are found too.
int signal_descendants(int signal);

/// The kernel's start time of a process, in clock ticks since boot; with the pid it names one process
/// for ever within a boot. 0 when there is none such.
uint64_t process_start_time(pid_t pid);

#endif
