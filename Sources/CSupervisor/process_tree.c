#define _GNU_SOURCE
#include "process_tree.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct stat_line {
    char state;
    pid_t parent;
    uint64_t start_time;
} stat_line;

/// proc(5), /proc/PID/stat. The name (field 2) may hold spaces and brackets: the last ')' ends it.
static bool read_stat(pid_t pid, stat_line *result) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t length = read(fd, line, sizeof line - 1);
    close(fd);
    if (length <= 0) return false;
    line[length] = 0;
    char *rest = strrchr(line, ')');
    int parent = 0;
    unsigned long long start = 0;
    if (!rest || sscanf(rest + 1,
            " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
            &result->state, &parent, &start) != 3) return false;
    result->parent = (pid_t)parent;
    result->start_time = start;
    return true;
}

uint64_t process_start_time(pid_t pid) {
    stat_line line;
    return read_stat(pid, &line) ? line.start_time : 0;
}

/// Walks up from a process. The bound ends a walk that a pid reused midway has sent in a circle.
static bool descends_from(pid_t pid, pid_t ancestor) {
    stat_line line;
    for (int depth = 0; depth < 4096 && pid > 1; depth++) {
        if (!read_stat(pid, &line)) return false;
        if (line.parent == ancestor) return true;
        pid = line.parent;
    }
    return false;
}

int signal_descendants(int signal) {
    DIR *processes = opendir("/proc");
    if (!processes) return 0;
    pid_t self = getpid();
    int found = 0;
    struct dirent *entry;
    while ((entry = readdir(processes))) {
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        pid_t pid = (pid_t)atoi(entry->d_name);
        stat_line line;
        if (pid <= 1 || pid == self || !read_stat(pid, &line) || line.state == 'Z' || line.state == 'X') continue;
        if (!descends_from(pid, self)) continue;
        found++;
        kill(pid, signal);
    }
    closedir(processes);
    return found;
}
