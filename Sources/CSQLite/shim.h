#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <sqlite3.h>

/* The macro is a function pointer cast, which Swift cannot import. */
static inline sqlite3_destructor_type nightshift_sqlite_transient(void) { return SQLITE_TRANSIENT; }
static inline sqlite3_destructor_type nightshift_sqlite_static(void) { return SQLITE_STATIC; }

#endif
