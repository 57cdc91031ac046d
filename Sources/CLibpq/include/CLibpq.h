#ifndef CLIBPQ_H
#define CLIBPQ_H

/*
 * The part of PostgreSQL's client library that DatabasePostgres uses, found with dlopen when a database is opened.
 *
 * The program is not linked with libpq: who uses the embedded database needs neither the library nor its dependencies (TLS,
 * Kerberos, LDAP) on the machine or in memory. Each function forwards to the one of its name with PQ instead of clibpq_; the declarations
 * are those of libpq-fe.h of PostgreSQL 15, whose binary interface (libpq.so.5) is stable.
 */

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

/* Values of libpq-fe.h and postgres_ext.h. */
#define CLIBPQ_CONNECTION_OK 0
#define CLIBPQ_COMMAND_OK 1
#define CLIBPQ_TUPLES_OK 2
#define CLIBPQ_PIPELINE_SYNC 10
#define CLIBPQ_PIPELINE_ABORTED 11
#define CLIBPQ_DIAG_SQLSTATE 67        /* 'C' */
#define CLIBPQ_DIAG_MESSAGE_PRIMARY 77 /* 'M' */

/* Loads the library, once a process; thread-safe. Returns NULL, or in words why there is none. Call it before anything else. */
const char *clibpq_load(void);

PGconn *clibpq_connectdbParams(const char *const *keywords, const char *const *values, int expand_dbname);
void clibpq_finish(PGconn *connection);
int clibpq_status(const PGconn *connection);
char *clibpq_errorMessage(const PGconn *connection);
int clibpq_serverVersion(const PGconn *connection);

PGresult *clibpq_exec(PGconn *connection, const char *query);
int clibpq_enterPipelineMode(PGconn *connection);
int clibpq_pipelineSync(PGconn *connection);
int clibpq_flush(PGconn *connection);
int clibpq_sendPrepare(PGconn *connection, const char *name, const char *query, int count, const unsigned int *types);
int clibpq_sendQueryPrepared(
    PGconn *connection, const char *name, int count, const char *const *values, const int *lengths, const int *formats, int result_format);
PGresult *clibpq_getResult(PGconn *connection);

int clibpq_resultStatus(const PGresult *result);
char *clibpq_resultErrorField(const PGresult *result, int field);
char *clibpq_cmdStatus(PGresult *result);
char *clibpq_cmdTuples(PGresult *result);
int clibpq_ntuples(const PGresult *result);
int clibpq_nfields(const PGresult *result);
unsigned int clibpq_ftype(const PGresult *result, int column);
char *clibpq_getvalue(const PGresult *result, int row, int column);
int clibpq_getlength(const PGresult *result, int row, int column);
int clibpq_getisnull(const PGresult *result, int row, int column);
void clibpq_clear(PGresult *result);

/* Takes over what libpq would print to standard error: notices of the server. They are dropped. */
void clibpq_silence(PGconn *connection);

#endif
