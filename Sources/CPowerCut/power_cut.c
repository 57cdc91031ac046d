/* A layer under SQLite which keeps what was written and not synchronised in memory, as an operating system does, so that it is gone
 * when the process is killed. Everybody who opened a file shares that memory and reads what was written.
 *
 * What it models: writes and truncations before xSync; files whose directory entry was not synchronised (a marker file beside them
 * lets the next process remove them); in torn mode sectors that reached the disk early. What it does not: a file that was removed
 * and comes back, and the memory-mapped index (-shm), which SQLite rebuilds after any crash. */
#include "CPowerCut.h"

#ifdef DEBUG

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, BUCKETS = 16384, PATH_LIMIT = 1024 };
static const char MARKER[] = ".entry-not-synced";

/* Bytes of a file that were written since the last synchronisation. */
struct sector {
    sqlite3_int64 number;
    struct sector *next_in_bucket;
    struct sector *next;
    unsigned char bytes[SECTOR];
};

/* A file as programs see it, shared by all who opened it. Never freed: an operating system forgets nothing at the last close. */
struct cached_file {
    char path[PATH_LIMIT];
    pthread_mutex_t lock;
    struct sector *buckets[BUCKETS];
    struct sector *sectors;
    sqlite3_int64 size;
    /* So many bytes of the file on the disk still count; what is behind them was truncated. */
    sqlite3_int64 kept;
    struct cached_file *next;
};

struct layer {
    sqlite3_vfs vfs;
    sqlite3_vfs *base;
    char name[32];
    enum nightshift_power_cut_mode mode;
};

struct open_file {
    sqlite3_file file;
    struct layer *layer;
    /* NULL for files that need not survive anything, such as temporary ones. */
    struct cached_file *cache;
    int is_database;
    int is_log;
    sqlite3_file base[];
};

static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;
static struct cached_file *files;

/* Points of death and the dice. */
static pthread_mutex_t fate_lock = PTHREAD_MUTEX_INITIALIZER;
static char fatal_event[32];
static long events_left;
static unsigned long long dice = 1;

void nightshift_power_cut_die_at(const char *event, long count) {
    pthread_mutex_lock(&fate_lock);
    snprintf(fatal_event, sizeof fatal_event, "%s", event);
    events_left = count;
    pthread_mutex_unlock(&fate_lock);
}

/* Whether this is the event of a kind at which something is to happen. */
static int is_due(const char *event) {
    pthread_mutex_lock(&fate_lock);
    int due = strcmp(event, fatal_event) == 0 && --events_left == 0;
    pthread_mutex_unlock(&fate_lock);
    return due;
}

static void pass(const char *event) {
    if (is_due(event)) kill(getpid(), SIGKILL);
}

/* One in four (splitmix64). */
static int is_early(void) {
    pthread_mutex_lock(&fate_lock);
    unsigned long long mixed = dice += 0x9e3779b97f4a7c15ull;
    pthread_mutex_unlock(&fate_lock);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
    return ((mixed ^ (mixed >> 31)) & 3) == 0;
}

/* ---- Directory entries ---- */

static void marker_path(const char *path, char *marker, size_t size) { snprintf(marker, size, "%s%s", path, MARKER); }

static void mark_entry(const char *path) {
    char marker[PATH_LIMIT + sizeof MARKER];
    marker_path(path, marker, sizeof marker);
    int descriptor = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0) close(descriptor);
}

/* At the first opening by a process: a file whose entry the process before never synchronised does not exist. */
static void lose_entry(const char *path) {
    char marker[PATH_LIMIT + sizeof MARKER];
    marker_path(path, marker, sizeof marker);
    if (access(marker, F_OK) != 0) return;
    unlink(path);
    unlink(marker);
}

static size_t directory_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path);
}

/* The system call by which SQLite opens a directory, which it does only to synchronise it. */
static int (*open_directory)(const char *path, int *descriptor);

static int opening_directory(const char *path, int *descriptor) {
    size_t length = directory_length(path);
    pthread_mutex_lock(&files_lock);
    for (struct cached_file *file = files; file != NULL; file = file->next) {
        if (directory_length(file->path) != length || strncmp(file->path, path, length) != 0) continue;
        char marker[PATH_LIMIT + sizeof MARKER];
        marker_path(file->path, marker, sizeof marker);
        unlink(marker);
    }
    pthread_mutex_unlock(&files_lock);
    return open_directory(path, descriptor);
}

/* ---- What was not synchronised ---- */

static struct cached_file *find_cache(const char *path) {
    struct cached_file *file = files;
    while (file != NULL && strcmp(file->path, path) != 0) file = file->next;
    return file;
}

static struct sector *find_sector(struct cached_file *cache, sqlite3_int64 number) {
    struct sector *sector = cache->buckets[number % BUCKETS];
    while (sector != NULL && sector->number != number) sector = sector->next_in_bucket;
    return sector;
}

static void forget_sectors(struct cached_file *cache) {
    struct sector *sector = cache->sectors;
    while (sector != NULL) {
        struct sector *next = sector->next;
        free(sector);
        sector = next;
    }
    cache->sectors = NULL;
    memset(cache->buckets, 0, sizeof cache->buckets);
}

/* Reads from the disk; what was truncated or never written is zero. */
static int read_disk(struct open_file *file, void *bytes, sqlite3_int64 count, sqlite3_int64 offset) {
    memset(bytes, 0, (size_t)count);
    sqlite3_int64 there = file->cache->kept - offset;
    if (there <= 0) return SQLITE_OK;
    if (there > count) there = count;
    int code = file->base->pMethods->xRead(file->base, bytes, (int)there, offset);
    return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

/* The sector as it is in memory, read from the disk when it was clean. */
static int dirty_sector(struct open_file *file, sqlite3_int64 number, struct sector **result) {
    struct cached_file *cache = file->cache;
    struct sector *sector = find_sector(cache, number);
    if (sector == NULL) {
        sector = malloc(sizeof *sector);
        if (sector == NULL) return SQLITE_IOERR_NOMEM;
        int code = read_disk(file, sector->bytes, SECTOR, number * SECTOR);
        if (code != SQLITE_OK) {
            free(sector);
            return code;
        }
        sector->number = number;
        sector->next_in_bucket = cache->buckets[number % BUCKETS];
        cache->buckets[number % BUCKETS] = sector;
        sector->next = cache->sectors;
        cache->sectors = sector;
    }
    *result = sector;
    return SQLITE_OK;
}

static int write_sector(struct open_file *file, struct sector *sector) {
    sqlite3_int64 offset = sector->number * SECTOR;
    sqlite3_int64 count = file->cache->size - offset;
    if (count <= 0) return SQLITE_OK;
    if (count > SECTOR) count = SECTOR;
    return file->base->pMethods->xWrite(file->base, sector->bytes, (int)count, offset);
}

/* The part of a sector that a range of the file covers. */
static sqlite3_int64 overlap(sqlite3_int64 number, sqlite3_int64 offset, sqlite3_int64 end, sqlite3_int64 *from) {
    sqlite3_int64 first = number * SECTOR > offset ? number * SECTOR : offset;
    sqlite3_int64 last = (number + 1) * SECTOR < end ? (number + 1) * SECTOR : end;
    *from = first;
    return last - first;
}

/* ---- File methods ---- */

static int on_close(sqlite3_file *handle) {
    struct open_file *file = (struct open_file *)handle;
    return file->base->pMethods->xClose(file->base);
}

static int on_read(sqlite3_file *handle, void *bytes, int count, sqlite3_int64 offset) {
    struct open_file *file = (struct open_file *)handle;
    struct cached_file *cache = file->cache;
    if (cache == NULL || file->layer->mode == NIGHTSHIFT_POWER_CUT_NONE) {
        return file->base->pMethods->xRead(file->base, bytes, count, offset);
    }
    pthread_mutex_lock(&cache->lock);
    int code = read_disk(file, bytes, count, offset);
    sqlite3_int64 end = offset + count;
    for (sqlite3_int64 number = offset / SECTOR; code == SQLITE_OK && cache->sectors != NULL && number * SECTOR < end; number++) {
        struct sector *sector = find_sector(cache, number);
        if (sector == NULL) continue;
        sqlite3_int64 from;
        sqlite3_int64 length = overlap(number, offset, end, &from);
        memcpy((char *)bytes + (from - offset), sector->bytes + (from - number * SECTOR), (size_t)length);
    }
    if (code == SQLITE_OK && end > cache->size) {
        sqlite3_int64 there = cache->size > offset ? cache->size - offset : 0;
        memset((char *)bytes + there, 0, (size_t)(count - there));
        code = SQLITE_IOERR_SHORT_READ;
    }
    pthread_mutex_unlock(&cache->lock);
    return code;
}

static int on_write(sqlite3_file *handle, const void *bytes, int count, sqlite3_int64 offset) {
    struct open_file *file = (struct open_file *)handle;
    struct cached_file *cache = file->cache;
    if (file->is_log) pass("wal-write");
    if (file->is_database) pass("checkpoint-write");
    if (cache == NULL || file->layer->mode == NIGHTSHIFT_POWER_CUT_NONE) {
        return file->base->pMethods->xWrite(file->base, bytes, count, offset);
    }
    pthread_mutex_lock(&cache->lock);
    int code = SQLITE_OK;
    sqlite3_int64 end = offset + count;
    if (end > cache->size) cache->size = end;
    for (sqlite3_int64 number = offset / SECTOR; code == SQLITE_OK && number * SECTOR < end; number++) {
        struct sector *sector;
        code = dirty_sector(file, number, &sector);
        if (code != SQLITE_OK) break;
        sqlite3_int64 from;
        sqlite3_int64 length = overlap(number, offset, end, &from);
        memcpy(sector->bytes + (from - number * SECTOR), (const char *)bytes + (from - offset), (size_t)length);
        if (file->layer->mode == NIGHTSHIFT_POWER_CUT_TORN && is_early()) code = write_sector(file, sector);
    }
    pthread_mutex_unlock(&cache->lock);
    return code;
}

static int on_truncate(sqlite3_file *handle, sqlite3_int64 size) {
    struct open_file *file = (struct open_file *)handle;
    struct cached_file *cache = file->cache;
    if (cache == NULL || file->layer->mode == NIGHTSHIFT_POWER_CUT_NONE) return file->base->pMethods->xTruncate(file->base, size);
    pthread_mutex_lock(&cache->lock);
    int code = SQLITE_OK;
    if (size < cache->size) {
        struct sector *last = NULL;
        if (size % SECTOR != 0) code = dirty_sector(file, size / SECTOR, &last);
        if (last != NULL) memset(last->bytes + size % SECTOR, 0, (size_t)(SECTOR - size % SECTOR));
        struct sector *sector = cache->sectors;
        cache->sectors = NULL;
        memset(cache->buckets, 0, sizeof cache->buckets);
        while (sector != NULL) {
            struct sector *next = sector->next;
            if (sector->number * SECTOR >= size) {
                free(sector);
            } else {
                sector->next_in_bucket = cache->buckets[sector->number % BUCKETS];
                cache->buckets[sector->number % BUCKETS] = sector;
                sector->next = cache->sectors;
                cache->sectors = sector;
            }
            sector = next;
        }
        if (size < cache->kept) cache->kept = size;
    }
    cache->size = size;
    if (code == SQLITE_OK && file->layer->mode == NIGHTSHIFT_POWER_CUT_TORN && is_early()) {
        code = file->base->pMethods->xTruncate(file->base, size);
    }
    pthread_mutex_unlock(&cache->lock);
    return code;
}

static int on_sync(sqlite3_file *handle, int flags) {
    struct open_file *file = (struct open_file *)handle;
    struct cached_file *cache = file->cache;
    if (cache != NULL) pass("sync");
    if (file->is_log && is_due("sync-error")) return SQLITE_IOERR_FSYNC;
    if (cache == NULL || file->layer->mode == NIGHTSHIFT_POWER_CUT_NONE) return file->base->pMethods->xSync(file->base, flags);
    if (file->layer->mode == NIGHTSHIFT_POWER_CUT_LYING) return SQLITE_OK;
    pthread_mutex_lock(&cache->lock);
    sqlite3_int64 on_disk = 0;
    int code = file->base->pMethods->xFileSize(file->base, &on_disk);
    if (code == SQLITE_OK && on_disk > cache->kept) code = file->base->pMethods->xTruncate(file->base, cache->kept);
    for (struct sector *sector = cache->sectors; code == SQLITE_OK && sector != NULL; sector = sector->next) {
        code = write_sector(file, sector);
    }
    if (code == SQLITE_OK) code = file->base->pMethods->xFileSize(file->base, &on_disk);
    if (code == SQLITE_OK && on_disk < cache->size) code = file->base->pMethods->xTruncate(file->base, cache->size);
    if (code == SQLITE_OK) code = file->base->pMethods->xSync(file->base, flags);
    if (code == SQLITE_OK) {
        forget_sectors(cache);
        cache->kept = cache->size;
    }
    pthread_mutex_unlock(&cache->lock);
    return code;
}

static int on_file_size(sqlite3_file *handle, sqlite3_int64 *size) {
    struct open_file *file = (struct open_file *)handle;
    if (file->cache == NULL || file->layer->mode == NIGHTSHIFT_POWER_CUT_NONE) {
        return file->base->pMethods->xFileSize(file->base, size);
    }
    pthread_mutex_lock(&file->cache->lock);
    *size = file->cache->size;
    pthread_mutex_unlock(&file->cache->lock);
    return SQLITE_OK;
}

static int on_file_control(sqlite3_file *handle, int operation, void *argument) {
    struct open_file *file = (struct open_file *)handle;
    /* A hint would change the file on the disk behind the cache. */
    if (operation == SQLITE_FCNTL_SIZE_HINT) return SQLITE_OK;
    return file->base->pMethods->xFileControl(file->base, operation, argument);
}

/* The rest goes to the file beneath. */
static sqlite3_file *base_of(sqlite3_file *handle) { return ((struct open_file *)handle)->base; }
static int on_lock(sqlite3_file *f, int level) { return base_of(f)->pMethods->xLock(base_of(f), level); }
static int on_unlock(sqlite3_file *f, int level) { return base_of(f)->pMethods->xUnlock(base_of(f), level); }
static int on_check_lock(sqlite3_file *f, int *out) { return base_of(f)->pMethods->xCheckReservedLock(base_of(f), out); }
static int on_sector_size(sqlite3_file *f) { return base_of(f)->pMethods->xSectorSize(base_of(f)); }
static int on_characteristics(sqlite3_file *f) { return base_of(f)->pMethods->xDeviceCharacteristics(base_of(f)); }
static int on_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **out) {
    return base_of(f)->pMethods->xShmMap(base_of(f), region, size, extend, out);
}
static int on_shm_lock(sqlite3_file *f, int offset, int n, int flags) {
    return base_of(f)->pMethods->xShmLock(base_of(f), offset, n, flags);
}
static void on_shm_barrier(sqlite3_file *f) { base_of(f)->pMethods->xShmBarrier(base_of(f)); }
static int on_shm_unmap(sqlite3_file *f, int remove) { return base_of(f)->pMethods->xShmUnmap(base_of(f), remove); }

/* Version 2: no memory-mapped reads, which would not see what is kept here. */
static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = on_close, .xRead = on_read, .xWrite = on_write, .xTruncate = on_truncate, .xSync = on_sync,
    .xFileSize = on_file_size, .xLock = on_lock, .xUnlock = on_unlock, .xCheckReservedLock = on_check_lock,
    .xFileControl = on_file_control, .xSectorSize = on_sector_size, .xDeviceCharacteristics = on_characteristics,
    .xShmMap = on_shm_map, .xShmLock = on_shm_lock, .xShmBarrier = on_shm_barrier, .xShmUnmap = on_shm_unmap,
};

/* ---- The file system ---- */

/* With the lock of the files held. */
static struct cached_file *make_cache(const char *path, sqlite3_file *base) {
    struct cached_file *cache = calloc(1, sizeof *cache);
    if (cache == NULL) return NULL;
    snprintf(cache->path, sizeof cache->path, "%s", path);
    pthread_mutex_init(&cache->lock, NULL);
    base->pMethods->xFileSize(base, &cache->size);
    cache->kept = cache->size;
    cache->next = files;
    files = cache;
    return cache;
}

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *handle, int flags, int *out_flags) {
    struct layer *layer = (struct layer *)vfs;
    struct open_file *file = (struct open_file *)handle;
    memset(file, 0, sizeof *file);
    file->layer = layer;
    file->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    file->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    int must_survive = path != NULL && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    if (must_survive && strlen(path) >= PATH_LIMIT) return SQLITE_CANTOPEN;
    pthread_mutex_lock(&files_lock);
    int loses = must_survive && layer->mode != NIGHTSHIFT_POWER_CUT_NONE;
    struct cached_file *cache = must_survive ? find_cache(path) : NULL;
    if (loses && cache == NULL) lose_entry(path);
    int is_new = loses && access(path, F_OK) != 0;
    int code = layer->base->xOpen(layer->base, path, file->base, flags, out_flags);
    if (code == SQLITE_OK && must_survive) {
        if (is_new) mark_entry(path);
        file->cache = cache != NULL ? cache : make_cache(path, file->base);
        if (file->cache == NULL) {
            file->base->pMethods->xClose(file->base);
            code = SQLITE_NOMEM;
        }
    }
    pthread_mutex_unlock(&files_lock);
    if (code == SQLITE_OK) file->file.pMethods = &methods;
    return code;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync_directory) {
    struct layer *layer = (struct layer *)vfs;
    /* First, as the directory may be synchronised within. */
    int code = layer->base->xDelete(layer->base, path, sync_directory);
    if (code != SQLITE_OK) return code;
    pthread_mutex_lock(&files_lock);
    struct cached_file *cache = find_cache(path);
    if (cache != NULL) {
        pthread_mutex_lock(&cache->lock);
        forget_sectors(cache);
        cache->size = cache->kept = 0;
        pthread_mutex_unlock(&cache->lock);
    }
    pthread_mutex_unlock(&files_lock);
    return SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    struct layer *layer = (struct layer *)vfs;
    pthread_mutex_lock(&files_lock);
    struct cached_file *cache = find_cache(path);
    if (cache == NULL && layer->mode != NIGHTSHIFT_POWER_CUT_NONE) lose_entry(path);
    sqlite3_int64 size = cache == NULL || layer->mode == NIGHTSHIFT_POWER_CUT_NONE ? 0 : cache->size;
    pthread_mutex_unlock(&files_lock);
    int code = layer->base->xAccess(layer->base, path, flags, result);
    /* SQLite takes a file without content as one that is not there; the content may be here. */
    if (code == SQLITE_OK && flags == SQLITE_ACCESS_EXISTS && size > 0) *result = 1;
    return code;
}

static int on_full_path(sqlite3_vfs *v, const char *path, int count, char *out) {
    sqlite3_vfs *base = ((struct layer *)v)->base;
    return base->xFullPathname(base, path, count, out);
}
static int on_randomness(sqlite3_vfs *v, int count, char *out) {
    sqlite3_vfs *base = ((struct layer *)v)->base;
    return base->xRandomness(base, count, out);
}
static int on_sleep(sqlite3_vfs *v, int microseconds) {
    sqlite3_vfs *base = ((struct layer *)v)->base;
    return base->xSleep(base, microseconds);
}
static int on_time(sqlite3_vfs *v, double *time) {
    sqlite3_vfs *base = ((struct layer *)v)->base;
    return base->xCurrentTime(base, time);
}
static int on_time_64(sqlite3_vfs *v, sqlite3_int64 *time) {
    sqlite3_vfs *base = ((struct layer *)v)->base;
    return base->xCurrentTimeInt64(base, time);
}
static int on_last_error(sqlite3_vfs *v, int count, char *out) {
    sqlite3_vfs *base = ((struct layer *)v)->base;
    return base->xGetLastError(base, count, out);
}

int nightshift_power_cut_install(const char *name, enum nightshift_power_cut_mode mode, unsigned long long seed, int is_default) {
    int code = sqlite3_initialize();
    if (code != SQLITE_OK) return code;
    struct layer *layer = calloc(1, sizeof *layer);
    if (layer == NULL) return SQLITE_NOMEM;
    sqlite3_vfs *base = sqlite3_vfs_find("unix");
    if (base == NULL) return SQLITE_ERROR;
    if (open_directory == NULL) {
        open_directory = (int (*)(const char *, int *))base->xGetSystemCall(base, "openDirectory");
        base->xSetSystemCall(base, "openDirectory", (sqlite3_syscall_ptr)opening_directory);
    }
    dice = seed;
    layer->base = base;
    layer->mode = mode;
    snprintf(layer->name, sizeof layer->name, "%s", name);
    layer->vfs = (sqlite3_vfs){
        .iVersion = 2, .szOsFile = (int)sizeof(struct open_file) + base->szOsFile, .mxPathname = base->mxPathname, .zName = layer->name,
        .xOpen = on_open, .xDelete = on_delete, .xAccess = on_access, .xFullPathname = on_full_path, .xRandomness = on_randomness,
        .xSleep = on_sleep, .xCurrentTime = on_time, .xCurrentTimeInt64 = on_time_64, .xGetLastError = on_last_error,
    };
    return sqlite3_vfs_register(&layer->vfs, is_default);
}

#else

int nightshift_power_cut_install(const char *name, enum nightshift_power_cut_mode mode, unsigned long long seed, int is_default) {
    (void)name, (void)mode, (void)seed, (void)is_default;
    return 0;
}

void nightshift_power_cut_die_at(const char *event, long count) { (void)event, (void)count; }

#endif
