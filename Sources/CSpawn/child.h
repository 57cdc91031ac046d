// What the child does between clone and execve.
#ifndef NIGHTSHIFT_SPAWN_CHILD_H
#define NIGHTSHIFT_SPAWN_CHILD_H

#include "CSpawn.h"

#include <signal.h>

enum { most_descriptors = 64 };

/// All that the child needs; it reads this and allocates nothing.
typedef struct child_plan {
    const cspawn_request *request;
    char *const *envp;
    sigset_t empty_mask;
    pid_t parent;
    int status_fd;
    int gate_fd;
} child_plan;

/// Carries out a plan, in the child. Reports by `status_fd` what failed, and returns in no case: it becomes the program, or ends.
int cspawn_child_main(void *plan);

#endif
