#define _GNU_SOURCE
#include "CLibpq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

typedef void (*notice_processor)(void *argument, const char *message);

/* Result type, name, parameters, arguments. */
#define FUNCTIONS(F)                                                                                                        \
    F(PGconn *, connectdbParams, (const char *const *keywords, const char *const *values, int expand), (keywords, values, expand)) \
    F(void, finish, (PGconn *c), (c))                                                                                       \
    F(int, status, (const PGconn *c), (c))                                                                                  \
    F(char *, errorMessage, (const PGconn *c), (c))                                                                         \
    F(int, serverVersion, (const PGconn *c), (c))                                                                           \
    F(PGresult *, exec, (PGconn *c, const char *query), (c, query))                                                         \
    F(int, enterPipelineMode, (PGconn *c), (c))                                                                             \
    F(int, pipelineSync, (PGconn *c), (c))                                                                                  \
    F(int, flush, (PGconn *c), (c))                                                                                         \
    F(int, sendPrepare, (PGconn *c, const char *name, const char *query, int count, const unsigned int *types),             \
      (c, name, query, count, types))                                                                                       \
    F(int, sendQueryPrepared,                                                                                               \
      (PGconn *c, const char *name, int count, const char *const *values, const int *lengths, const int *formats, int result), \
      (c, name, count, values, lengths, formats, result))                                                                   \
    F(PGresult *, getResult, (PGconn *c), (c))                                                                              \
    F(int, resultStatus, (const PGresult *r), (r))                                                                          \
    F(char *, resultErrorField, (const PGresult *r, int field), (r, field))                                                 \
    F(char *, cmdStatus, (PGresult *r), (r))                                                                                \
    F(char *, cmdTuples, (PGresult *r), (r))                                                                                \
    F(int, ntuples, (const PGresult *r), (r))                                                                               \
    F(int, nfields, (const PGresult *r), (r))                                                                               \
    F(unsigned int, ftype, (const PGresult *r, int column), (r, column))                                                    \
    F(char *, getvalue, (const PGresult *r, int row, int column), (r, row, column))                                         \
    F(int, getlength, (const PGresult *r, int row, int column), (r, row, column))                                           \
    F(int, getisnull, (const PGresult *r, int row, int column), (r, row, column))                                           \
    F(void, clear, (PGresult *r), (r))                                                                                      \
    F(notice_processor, setNoticeProcessor, (PGconn *c, notice_processor processor, void *argument), (c, processor, argument))

#define MEMBER(type, name, parameters, arguments) type(*name) parameters;
static struct { FUNCTIONS(MEMBER) } library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[256];

static void load(void) {
    void *handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        snprintf(problem, sizeof problem,
                 "PostgreSQL's client library libpq.so.5 cannot be loaded; install it (Debian: libpq5). %s", dlerror());
        return;
    }
#define FIND(type, name, parameters, arguments)                                                                     \
    if ((library.name = (type(*) parameters)dlsym(handle, "PQ" #name)) == NULL) {                                   \
        snprintf(problem, sizeof problem, "libpq.so.5 has no PQ" #name ": it must be of PostgreSQL 14 or later");   \
        return;                                                                                                     \
    }
    FUNCTIONS(FIND)
}

const char *clibpq_load(void) {
    pthread_once(&once, load);
    return problem[0] == '\0' ? NULL : problem;
}

/* Only the last of the list is no forwarder of the header: clibpq_silence uses it. */
static notice_processor clibpq_setNoticeProcessor(PGconn *c, notice_processor processor, void *argument);

#define FORWARD(type, name, parameters, arguments) \
    type clibpq_##name parameters { return library.name arguments; }
FUNCTIONS(FORWARD)

static void drop(void *argument, const char *message) {
    (void)argument;
    (void)message;
}

void clibpq_silence(PGconn *connection) { clibpq_setNoticeProcessor(connection, drop, NULL); }
