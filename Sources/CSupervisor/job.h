#ifndef NIGHTSHIFT_JOB_H
#define NIGHTSHIFT_JOB_H

#include "supervise.h"

/// Creates the job's process behind its gate, in a control group unless that is -1, and opens its two output pipes, non-blocking.
bool job_prepare(const step *job, int cgroup, output outputs[2], cspawn_child *child, cspawn_error *error);

/// Writes what went wrong as a line for the job's stderr, such as
/// `nightshift: working directory /srv/x: No such file or directory`. Returns its length.
size_t job_describe_error(const step *job, cspawn_error error, unsigned char *buffer, size_t capacity);

#endif
