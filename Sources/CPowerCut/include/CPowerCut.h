#ifndef C_POWER_CUT_H
#define C_POWER_CUT_H

/* For crash tests, in debug builds only: a layer under SQLite that turns the death of a process into a power cut. Release builds
 * have the functions, which do nothing. */

/* What becomes of writes that were not synchronised when the process dies. */
enum nightshift_power_cut_mode {
    /* All of them are lost. */
    NIGHTSHIFT_POWER_CUT_LOST = 0,
    /* A part of their sectors has reached the disk, in any order: torn writes. */
    NIGHTSHIFT_POWER_CUT_TORN = 1,
    /* The disk lies: it says that it synchronised and did not. Shows that the tests notice loss. */
    NIGHTSHIFT_POWER_CUT_LYING = 2,
    /* None is lost: only the points of death are there. */
    NIGHTSHIFT_POWER_CUT_NONE = 3,
};

/* Registers the layer over SQLite's default file system, under a name of at most 31 bytes, before any database is opened.
 *
 * seed: which sectors are torn. is_default: whether connections that name no file system use it.
 * Returns 0, else an error code of SQLite. */
int nightshift_power_cut_install(const char *name, enum nightshift_power_cut_mode mode, unsigned long long seed, int is_default);

/* Lets the process kill itself (SIGKILL) at the count-th event of a kind: "wal-write", "checkpoint-write" (a write to the database
 * file, which in write-ahead mode only checkpoints do) or "sync" (before anything of it happens). At "sync-error" it lives on, and that
 * synchronisation of the log fails as by a fault of the disk. */
void nightshift_power_cut_die_at(const char *event, long count);

#endif
