#define _GNU_SOURCE
#include "specification.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { largest_specification = 32 * 1024 * 1024, smallest_quota = 1024 * 1024 };

/// The whole input, with a spare byte, or NULL.
static unsigned char *read_all(int fd, size_t *length) {
    size_t capacity = 64 * 1024, used = 0;
    unsigned char *bytes = malloc(capacity + 1);
    while (bytes) {
        if (used == capacity) {
            unsigned char *larger = capacity < largest_specification ? realloc(bytes, capacity * 2 + 1) : NULL;
            if (!larger) break;
            bytes = larger;
            capacity *= 2;
        }
        ssize_t got = read(fd, bytes + used, capacity - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        if (got == 0) {
            *length = used;
            return bytes;
        }
        used += (size_t)got;
    }
    free(bytes);
    return NULL;
}

static uint64_t little_endian(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = count; i > 0; i--) value = value << 8 | bytes[i - 1];
    return value;
}

/// A NUL-terminated copy; NULL when the text itself holds a NUL, which no path or argument may.
static char *text(const unsigned char *bytes, size_t length) {
    if (memchr(bytes, 0, length)) return NULL;
    char *copy = malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, bytes, length);
    copy[length] = 0;
    return copy;
}

static bool append(char ***list, const unsigned char *bytes, size_t length) {
    size_t count = 0;
    while (*list && (*list)[count]) count++;
    char **longer = realloc(*list, (count + 2) * sizeof **list);
    if (!longer) return false;
    *list = longer;
    longer[count] = text(bytes, length);
    longer[count + 1] = NULL;
    return longer[count] != NULL;
}

static bool take_number(uint64_t *target, const unsigned char *bytes, size_t length) {
    if (length != 8) return false;
    *target = little_endian(bytes, 8);
    return true;
}

static bool take_text(const char **target, const unsigned char *bytes, size_t length) {
    *target = text(bytes, length);
    return *target != NULL;
}

static bool take_groups(step *current, const unsigned char *bytes, size_t length) {
    current->group_count = length / 4;
    current->groups = calloc(current->group_count + 1, sizeof *current->groups);
    if (!current->groups || length % 4 != 0) return false;
    for (size_t i = 0; i < current->group_count; i++) current->groups[i] = (gid_t)little_endian(bytes + 4 * i, 4);
    return true;
}

static bool take_ids(step *current, const unsigned char *bytes, size_t length) {
    if (length != 8) return false;
    current->has_ids = true;
    current->uid = (uid_t)little_endian(bytes, 4);
    current->gid = (gid_t)little_endian(bytes + 4, 4);
    return true;
}

static bool take_limit(step *current, const unsigned char *bytes, size_t length) {
    if (length != 20 || current->limit_count == most_limits) return false;
    current->limits[current->limit_count++] = (cspawn_limit){
        .resource = (int)little_endian(bytes, 4),
        .soft = little_endian(bytes + 4, 8),
        .hard = little_endian(bytes + 12, 8),
    };
    return true;
}

static bool take_nice(step *current, const unsigned char *bytes, size_t length) {
    uint64_t value = 0;
    current->has_nice = take_number(&value, bytes, length);
    current->nice = (int)(int64_t)value;
    return current->has_nice;
}

static bool take_step_record(step *current, char tag, const unsigned char *bytes, size_t length) {
    switch (tag) {
    case 'p': return take_text(&current->program, bytes, length);
    case 'a': return append(&current->argv, bytes, length);
    case 'e': return append(&current->envp, bytes, length);
    case 'd': return take_text(&current->directory, bytes, length);
    case 't': return take_number(&current->timeout_ms, bytes, length);
    case 'u': return take_ids(current, bytes, length);
    case 'g': return take_groups(current, bytes, length);
    case 'l': return take_limit(current, bytes, length);
    case 'm': return take_number(&current->file_mask, bytes, length);
    case 'n': return take_nice(current, bytes, length);
    case 'M': return take_number(&current->group.memory, bytes, length);
    case 'C': return take_number(&current->group.cpu_percent, bytes, length);
    case 'T': return take_number(&current->group.tasks, bytes, length);
    case 'w': return take_text(&current->skip, bytes, length);
    case 'W': return take_text(&current->skip_after_exit, bytes, length);
    case 'x': current->on_failure = FAILURE_EXITS; return true;
    case 'y': current->on_failure = FAILURE_EXITS_AS_SUCCESS; return true;
    case 'o': current->exits_on_success = true; return true;
    case 'f': current->is_finally = true; return true;
    case 'i':
        current->script = bytes;
        current->script_length = length;
        return true;
    default: return false;
    }
}

static bool take_record(specification *result, char tag, const unsigned char *bytes, size_t length) {
    switch (tag) {
    case 'q': return take_number(&result->quota, bytes, length);
    case 's': return take_number(&result->segment_size, bytes, length);
    case 'k': return take_number(&result->grace_ms, bytes, length);
    case 'c': return take_text(&result->control_group, bytes, length);
    case 'S':
        if (result->step_count == most_steps) return false;
        result->steps[result->step_count++] = result->common;
        return true;
    case 'a':
    case 'e':
        // These lists grow in place, so no two steps may begin with the same one.
        if (result->step_count == 0) return false;
        break;
    default: break;
    }
    step *current = result->step_count > 0 ? &result->steps[result->step_count - 1] : &result->common;
    return take_step_record(current, tag, bytes, length);
}

static bool is_complete(const specification *result) {
    for (size_t i = 0; i < result->step_count; i++)
        if (!result->steps[i].skip && (!result->steps[i].program || !result->steps[i].argv)) return false;
    return result->step_count > 0;
}

bool specification_read(int fd, specification *result) {
    memset(result, 0, sizeof *result);
    result->quota = 64 * 1024 * 1024;
    result->segment_size = 1024 * 1024;
    result->grace_ms = 5000;
    result->common.file_mask = 022;
    size_t length = 0, at = 0;
    // Never freed: scripts point into it, and the process is as long-lived as the job.
    unsigned char *bytes = read_all(fd, &length);
    if (!bytes) return false;
    while (length - at >= 5) {
        char tag = (char)bytes[at];
        size_t size = (size_t)little_endian(bytes + at + 1, 4);
        at += 5;
        if (size > length - at) return false;
        if (tag == 'Z') {
            // With less, the reader could wait for a whole segment while the writer waits for space.
            if (result->quota < smallest_quota) result->quota = smallest_quota;
            return is_complete(result);
        }
        if (!take_record(result, tag, bytes + at, size)) return false;
        at += size;
    }
    return false;
}
