/* Loaded before the C library (LD_PRELOAD): writes down what a process does to the files under NIGHTSHIFT_FILE_LOG_ROOT, so that a
 * test can tell what a power cut would leave of them. SQLite's files are left out; the layer of CPowerCut looks after those.
 *
 * One line per event in NIGHTSHIFT_FILE_LOG, after it happened: create PATH, write PATH SIZE, sync PATH SIZE, rename PATH PATH,
 * link PATH PATH, unlink PATH, mkdir PATH, syncfs. SIZE is the file's size then. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int log_descriptor = -1;
static char root[2048];

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("NIGHTSHIFT_FILE_LOG");
    const char *folder = getenv("NIGHTSHIFT_FILE_LOG_ROOT");
    if (path == NULL || folder == NULL) return;
    snprintf(root, sizeof root, "%s/", folder);
    log_descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    /* What this process starts is not its own doing. */
    unsetenv("LD_PRELOAD");
}

static int is_watched(const char *path) {
    return log_descriptor >= 0 && strncmp(path, root, strlen(root)) == 0 && strstr(path, "/nightshift.db") == NULL;
}

static void note(const char *event, const char *path, const char *other, long long size) {
    char line[4500];
    int count = other != NULL ? snprintf(line, sizeof line, "%s\t%s\t%s\n", event, path, other)
                              : snprintf(line, sizeof line, "%s\t%s\t%lld\n", event, path, size);
    ssize_t (*really)(int, const void *, size_t) = next("write");
    if (really(log_descriptor, line, (size_t)count) < 0) abort();
}

/* The absolute path of what a call names, without following anything. */
static const char *absolute(int folder, const char *path, char *out, size_t size) {
    if (path[0] == '/') {
        snprintf(out, size, "%s", path);
        return out;
    }
    char link[64], base[2048];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = folder == AT_FDCWD ? readlink("/proc/self/cwd", base, sizeof base - 1) : readlink(link, base, sizeof base - 1);
    if (length < 0) return "";
    base[length] = 0;
    snprintf(out, size, "%s/%s", base, path);
    return out;
}

static void note_descriptor(const char *event, int descriptor) {
    if (log_descriptor < 0) return;
    int before = errno;
    char link[64], path[2048];
    struct stat status;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
        /* The directories above the root too: they hold its name. */
        if (is_watched(path) || strncmp(root, path, strlen(path)) == 0) {
            if (fstat(descriptor, &status) == 0) note(event, path, NULL, S_ISDIR(status.st_mode) ? -1 : (long long)status.st_size);
        }
    }
    errno = before;
}

static int opened(const char *name, int folder, const char *path, int flags, mode_t mode) {
    int (*really)(int, const char *, int, ...) = next(name);
    char full[4200];
    absolute(folder, path, full, sizeof full);
    int is_new = (flags & O_CREAT) != 0 && is_watched(full) && access(full, F_OK) != 0;
    int descriptor = really(folder, path, flags, mode);
    if (descriptor >= 0 && is_new) note("create", full, NULL, 0);
    if (descriptor >= 0 && (flags & O_TRUNC) != 0) note_descriptor("write", descriptor);
    return descriptor;
}

#define MODE(flags)                                          \
    mode_t mode = 0;                                         \
    if ((flags & (O_CREAT | O_TMPFILE)) != 0) {              \
        va_list list;                                        \
        va_start(list, flags);                               \
        mode = va_arg(list, mode_t);                         \
        va_end(list);                                        \
    }

int open(const char *path, int flags, ...) { MODE(flags) return opened("openat", AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened("openat", AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return opened("openat", folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return opened("openat", folder, path, flags, mode); }

#define WRITER(name, parameters, arguments)                  \
    ssize_t name parameters {                                \
        ssize_t (*really) parameters = next(#name);          \
        ssize_t result = really arguments;                   \
        if (result >= 0) note_descriptor("write", descriptor); \
        return result;                                       \
    }
WRITER(write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count))
WRITER(pwrite, (int descriptor, const void *bytes, size_t count, off_t offset), (descriptor, bytes, count, offset))
WRITER(pwrite64, (int descriptor, const void *bytes, size_t count, off64_t offset), (descriptor, bytes, count, offset))
WRITER(writev, (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count))

#define SYNCHRONISER(name)                                   \
    int name(int descriptor) {                               \
        int (*really)(int) = next(#name);                    \
        int result = really(descriptor);                     \
        if (result == 0) note_descriptor("sync", descriptor); \
        return result;                                       \
    }
SYNCHRONISER(fsync)
SYNCHRONISER(fdatasync)

int syncfs(int descriptor) {
    int (*really)(int) = next("syncfs");
    int result = really(descriptor);
    if (result == 0 && log_descriptor >= 0) note("syncfs", root, NULL, 0);
    return result;
}

int ftruncate(int descriptor, off_t size) {
    int (*really)(int, off_t) = next("ftruncate");
    int result = really(descriptor, size);
    if (result == 0) note_descriptor("write", descriptor);
    return result;
}
int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, (off_t)size); }

static int moved(const char *event, const char *name, const char *from, const char *to) {
    int (*really)(const char *, const char *) = next(name);
    char first[4200], second[4200];
    absolute(AT_FDCWD, from, first, sizeof first);
    absolute(AT_FDCWD, to, second, sizeof second);
    int result = really(from, to);
    if (result == 0 && is_watched(second)) note(event, first, second, 0);
    return result;
}
int rename(const char *from, const char *to) { return moved("rename", "rename", from, to); }
int link(const char *from, const char *to) { return moved("link", "link", from, to); }

int unlink(const char *path) {
    int (*really)(const char *) = next("unlink");
    char full[4200];
    absolute(AT_FDCWD, path, full, sizeof full);
    int result = really(path);
    if (result == 0 && is_watched(full)) note("unlink", full, NULL, 0);
    return result;
}

int mkdir(const char *path, mode_t mode) {
    int (*really)(const char *, mode_t) = next("mkdir");
    char full[4200];
    absolute(AT_FDCWD, path, full, sizeof full);
    int result = really(path, mode);
    if (result == 0 && (is_watched(full) || strncmp(root, full, strlen(full)) == 0)) note("mkdir", full, NULL, 0);
    return result;
}
