#define _GNU_SOURCE
#include "control_group.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// The period over which processor time is shared out; the kernel's default.
enum { cpu_period_us = 100000 };

static bool write_value(const control_group *group, const char *name, const char *value) {
    int fd = openat(group->fd, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t put = write(fd, value, strlen(value));
    int code = errno;
    close(fd);
    errno = code;
    return put >= 0;
}

/// The number after a word in a file of `word number` lines; 0 when there is none.
static uint64_t read_entry(const control_group *group, const char *name, const char *word) {
    char text[1024];
    int fd = group->fd < 0 ? -1 : openat(group->fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length > 0 ? length : 0] = 0;
    for (char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        size_t size = strlen(word);
        if (strncmp(line, word, size) == 0 && line[size] == ' ') return strtoull(line + size + 1, NULL, 10);
    }
    return 0;
}

void control_group_open(control_group *group, const char *path) {
    *group = (control_group){path, -1};
    if (!path) return;
    if (mkdir(path, 0755) == 0 || errno == EEXIST) group->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group->fd < 0) fprintf(stderr, "nightshift-run: control group %s: %s\n", path, strerror(errno));
}

/// A limit that is not asked for is lifted, for an earlier step may have set it; where there is no such controller it is none anyway.
static bool set_limit(const control_group *group, const char *name, uint64_t limit, const char *value) {
    if (limit == 0) {
        if (group->fd >= 0) write_value(group, name, "max");
        return true;
    }
    if (group->fd < 0) {
        errno = ENOENT;
        return false;
    }
    return write_value(group, name, value);
}

bool control_group_limit(const control_group *group, const step *job) {
    char memory[32], cpu[64], tasks[32], weight[16];
    snprintf(memory, sizeof memory, "%" PRIu64, job->group.memory);
    snprintf(cpu, sizeof cpu, "%" PRIu64 " %d", job->group.cpu_percent * (cpu_period_us / 100), cpu_period_us);
    snprintf(tasks, sizeof tasks, "%" PRIu64, job->group.tasks);
    snprintf(weight, sizeof weight, "%d", job->has_nice ? job->nice : 0);
    // Between groups niceness counts as their weight only. Where it cannot be set, it counts between processes.
    if (group->fd >= 0) write_value(group, "cpu.weight.nice", weight);
    return set_limit(group, "memory.max", job->group.memory, memory) && set_limit(group, "cpu.max", job->group.cpu_percent, cpu)
        && set_limit(group, "pids.max", job->group.tasks, tasks);
}

uint64_t control_group_memory_kills(const control_group *group) {
    return read_entry(group, "memory.events", "oom_kill");
}

bool control_group_is_populated(const control_group *group) {
    return read_entry(group, "cgroup.events", "populated") != 0;
}

void control_group_kill(const control_group *group) {
    if (group->fd >= 0) write_value(group, "cgroup.kill", "1");
}

void control_group_remove(control_group *group) {
    if (group->fd < 0) return;
    close(group->fd);
    group->fd = -1;
    rmdir(group->path);
}
