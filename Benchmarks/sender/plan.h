// What is to be sent: read from a plan, and made into whole signed HTTP/1.1 requests before the clock starts.
//
// A plan is a text file of lines `KEY VALUE`:
//
//   host, port               where to
//   access-key, secret-key, region, service        for Signature V4; without an access key requests are not signed
//   content-type TYPE        of posts (application/x-amz-json-1.0)
//   connections N            keep-alive connections, one request outstanding on each
//   count N                  at most so many requests
//   seconds S                send no more after S seconds (0: until count)
//   rate R                   open loop: request i is due at i/R seconds, and its latency counts from then (0: closed loop)
//   lanes N                  request i belongs to lane i mod N; a lane's requests go over one connection, in order
//   first N                  the number of the first request (for %n%)
//   request TARGET BODY      a POST of JSON; several are used in turn
//   get PATH                 a GET instead
//   values FILE              lines for %value%, in turn
//   tokens KEY ACCOUNT FILE  for %token%: the engine's root key in hexadecimal, the account, and a file of execution numbers, one a
//                            line; request i is effect (first effect + i / executions) of execution i mod executions
//   first-effect N           the number of the first effect
//   drain QUEUE-URL          requests are ReceiveMessage: what one brings is deleted by one DeleteMessageBatch before the next; both count
//                            as one request
//   refuse TEXT              an answer that contains this text is an error, whatever its status
//   patience S               give up when no answer has come for so many seconds (60)
//   answers FILE             where to leave the answers' bodies, a line each
//
// In bodies %n% is the request's number, %uuid% a random UUID, %seconds% one of 40,000 whole numbers from 1,000, %value% and %token% as above.
#ifndef NIGHTSHIFT_BENCH_PLAN_H
#define NIGHTSHIFT_BENCH_PLAN_H
#include <stddef.h>
#include <stdint.h>

enum { MAX_TEMPLATES = 64 };

typedef struct {
    const char *method, *target, *body;
} template;

typedef struct {
    const char *host, *port, *access_key, *secret_key, *region, *service, *answers, *content_type, *drain, *refuse;
    long connections, count, lanes, first;
    double rate, seconds, patience;
    template templates[MAX_TEMPLATES];
    int template_count;
    char **values;
    long value_count;
    int64_t *executions;
    long execution_count, first_effect;
    uint8_t root_key[32];
    const char *account;
} plan;

// All requests, one after the other: request i is the bytes from start[i] to start[i + 1].
typedef struct {
    char *bytes;
    size_t *start;
} requests;

plan plan_read(const char *path);
requests plan_sign(const plan *plan);

// Writes a signed request that is known only when others were answered; returns its length. `plan_sign` was called before.
long plan_sign_one(char *text, const plan *plan, const char *target, const char *body, long length);

// Ends the program with a message.
void die(const char *what) __attribute__((noreturn));
#endif
