// sender PLAN: sends the prepared requests of a plan (plan.h) over keep-alive connections and prints what it saw as one JSON line.
//
// One thread, epoll, one request outstanding per connection. Everything is signed before the clock starts, so a request costs the
// machine that it shares with the server little more than a write and a read. In the open loop a latency counts from the
// instant at which the request was due, however late it was sent (no coordinated omission).
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "plan.h"

enum { MAX_SECONDS = 100000 };

typedef struct {
    int fd, is_busy;
    long request, next, left_in_lane;
    int64_t began;
    size_t have, capacity;
    char *buffer;
    // The answer's body, in `buffer`, until the next request.
    size_t head, total;
    int is_deleting;
} connection;

static plan the_plan;
static requests all;
static struct addrinfo *address;
static int epoll_fd;
static FILE *answers;
static int64_t *latencies;
static long errors, first_error_status, messages;
static char first_error[400];

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void open_connection(connection *c) {
    int one = 1;
    c->fd = socket(address->ai_family, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, address->ai_addr, address->ai_addrlen)) die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
    c->have = 0;
}

// Requests are small, so a blocking write waits for nothing but the kernel's buffer.
static void send_bytes(connection *c, const char *p, size_t left) {
    while (left) {
        ssize_t n = send(c->fd, p, left, MSG_NOSIGNAL);
        if (n <= 0) die("send");
        p += n;
        left -= n;
    }
}

static void send_request(connection *c, long request, int64_t began) {
    c->request = request;
    c->began = began;
    c->is_busy = 1;
    send_bytes(c, all.bytes + all.start[request], all.start[request + 1] - all.start[request]);
}

// Asks to delete what the answer brought. False when it brought nothing.
static int send_delete(connection *c) {
    static char body[64 << 10], text[80 << 10];
    int count = 0;
    char *p = body + sprintf(body, "{\"QueueUrl\":\"%s\",\"Entries\":[", the_plan.drain), *end = c->buffer + c->total;
    for (char *at = c->buffer + c->head; (at = memmem(at, end - at, "\"ReceiptHandle\"", 15)); count++) {
        char *handle = memchr(at + 15, '"', end - at - 15), *close = handle ? memchr(handle + 1, '"', end - handle - 1) : NULL;
        if (!close || count == 10 || close - handle > 4096) errno = 0, die("an answer of ReceiveMessage");
        p += sprintf(p, "%s{\"Id\":\"%d\",\"ReceiptHandle\":%.*s\"}", count ? "," : "", count, (int)(close - handle), handle);
        at = close;
    }
    if (!count) return 0;
    p += sprintf(p, "]}");
    messages += count;
    c->is_deleting = 1;
    send_bytes(c, text, plan_sign_one(text, &the_plan, "AmazonSQS.DeleteMessageBatch", body, p - body));
    return 1;
}

static void note_error(long status, const char *text, size_t length) {
    if (errors++) return;
    first_error_status = status;
    size_t used = 0;
    for (size_t i = 0; i < length && used < sizeof first_error - 8; i++) {
        unsigned char byte = text[i];
        if (byte == '"' || byte == '\\') first_error[used++] = '\\';
        first_error[used++] = byte < 32 ? ' ' : byte;
    }
    first_error[used] = 0;
}

// Takes what has arrived. True when an answer is complete.
static int receive(connection *c) {
    if (c->have + 4096 > c->capacity) c->buffer = realloc(c->buffer, c->capacity = c->capacity * 2 + 16384);
    ssize_t n = recv(c->fd, c->buffer + c->have, c->capacity - c->have - 1, 0);
    if (n <= 0) {
        if (c->is_busy) note_error(0, "the connection was closed", 25);
        close(c->fd);
        open_connection(c);
        c->head = c->total = 0;
        return 1;
    }
    c->have += n;
    c->buffer[c->have] = 0;
    char *end = memmem(c->buffer, c->have, "\r\n\r\n", 4);
    if (!end) return 0;
    char *field = strcasestr(c->buffer, "\r\ncontent-length:");
    if (!field || field > end) errno = 0, die("an answer without Content-Length");
    size_t head = end + 4 - c->buffer, total = head + atol(field + 17);
    if (c->have < total) return 0;
    long status = atol(c->buffer + 9);
    c->head = head;
    c->total = total;
    if (the_plan.refuse && memmem(c->buffer + head, total - head, the_plan.refuse, strlen(the_plan.refuse))) status = -status;
    if (status != 200) note_error(status, c->buffer + head, total - head);
    if (answers) {
        fwrite(c->buffer + head, 1, total - head, answers);
        fputc('\n', answers);
    }
    char *closing = strcasestr(c->buffer, "\r\nconnection: close");
    c->have = 0;
    if (closing && closing < end) {
        close(c->fd);
        open_connection(c);
    }
    return 1;
}

static int order(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_percentiles(const char *name, int64_t *sorted, long count) {
    static const struct {
        const char *name;
        double part;
    } wanted[] = {{"p50", .5}, {"p90", .9}, {"p99", .99}, {"p999", .999}, {"max", 1}};
    printf("\"%s\": {", name);
    for (int i = 0; i < 5; i++) {
        long at = (long)(count * wanted[i].part);
        printf("%s\"%s\": %.4f", i ? ", " : "", wanted[i].name, count ? sorted[at < count ? at : count - 1] / 1e6 : 0.0);
    }
    printf("}");
}

// User and system time of this process so far.
static double processor_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void report(long sent, long done, int64_t start, int64_t last, int64_t gap, double cpu, const long *by_second) {
    double seconds = (last - start) / 1e9;
    printf("{\"sent\": %ld, \"answered\": %ld, \"errors\": %ld, \"first_error\": \"%ld %s\", \"seconds\": %.6f, \"per_second\": %.2f, ", sent, done,
           errors, first_error_status, first_error, seconds, done / (seconds > 0 ? seconds : 1));
    printf("\"messages\": %ld, ", messages);
    printf("\"cpu_seconds\": %.3f, \"longest_gap_ms\": %.3f, ", cpu, gap / 1e6);
    // By template first, as sorting the whole loses which is which.
    int templates = the_plan.template_count;
    printf("\"templates\": [");
    int64_t *some = malloc((the_plan.count / templates + 1) * sizeof *some);
    for (int t = 0; t < templates; t++) {
        long n = 0;
        for (long i = t; i < the_plan.count; i += templates)
            if (latencies[i] >= 0) some[n++] = latencies[i];
        qsort(some, n, sizeof *some, order);
        printf("%s{\"count\": %ld, ", t ? ", " : "", n);
        print_percentiles("ms", some, n);
        printf("}");
    }
    printf("], ");
    long n = 0;
    for (long i = 0; i < the_plan.count; i++)
        if (latencies[i] >= 0) latencies[n++] = latencies[i];
    qsort(latencies, n, sizeof *latencies, order);
    print_percentiles("ms", latencies, n);
    printf(", \"by_second\": [");
    for (long i = 0; i < (long)seconds && i < MAX_SECONDS; i++) printf("%s%ld", i ? ", " : "", by_second[i]);
    printf("]}\n");
}

// The connection's next request, or -1: of its lanes, else of all.
static long next_request(connection *c, long *shared) {
    if (!the_plan.lanes) return *shared < the_plan.count ? *shared : -1;
    while (c->next < the_plan.count && (c->next % the_plan.lanes) % the_plan.connections != c->left_in_lane) c->next++;
    return c->next < the_plan.count ? c->next : -1;
}

int main(int argc, char **argv) {
    errno = 0;
    if (argc != 2) die("usage: sender PLAN");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    the_plan = plan_read(argv[1]);
    all = plan_sign(&the_plan);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    if (getaddrinfo(the_plan.host, the_plan.port, &hints, &address)) die("getaddrinfo");
    if (the_plan.answers && !(answers = fopen(the_plan.answers, "w"))) die(the_plan.answers);
    latencies = malloc(the_plan.count * sizeof *latencies);
    memset(latencies, 0xff, the_plan.count * sizeof *latencies);
    long *by_second = calloc(MAX_SECONDS, sizeof *by_second);
    prctl(PR_SET_TIMERSLACK, 1000);
    epoll_fd = epoll_create1(0);
    long total = the_plan.connections, idle_count = total, sent = 0, done = 0, shared = 0;
    connection *connections = calloc(total, sizeof *connections), **idle = malloc(total * sizeof *idle);
    for (long i = 0; i < total; i++) {
        connections[i].left_in_lane = i;
        connections[i].next = i;
        open_connection(&connections[i]);
        idle[total - 1 - i] = &connections[i];
    }

    double signing = processor_seconds();
    int64_t start = now(), last = start, gap = 0;
    int64_t deadline = the_plan.seconds > 0 ? start + (int64_t)(the_plan.seconds * 1e9) : INT64_MAX;
    struct epoll_event events[512];
    while (1) {
        int64_t t = now(), due = INT64_MAX;
        if (t < deadline) {
            for (long i = idle_count - 1; i >= 0; i--) {
                connection *c = idle[i];
                long request = next_request(c, &shared);
                if (request < 0) continue;
                int64_t at = the_plan.rate > 0 ? start + (int64_t)(request * 1e9 / the_plan.rate) : t;
                if (at >= deadline) continue;
                if (at > t) {
                    if (at < due) due = at;
                    // Whoever is idle would take the same request; with lanes another connection's may be due before.
                    if (!the_plan.lanes) break;
                    continue;
                }
                idle[i] = idle[--idle_count];
                if (the_plan.lanes) c->next++;
                else shared++;
                send_request(c, request, at);
                sent++;
            }
        }
        if (idle_count == total && due == INT64_MAX) break;
        int64_t pause = due < INT64_MAX ? due - now() : 1000000000;
        if (pause < 0) pause = 0;
        struct timespec wait = {.tv_sec = pause / 1000000000, .tv_nsec = pause % 1000000000};
        int n = epoll_pwait2(epoll_fd, events, 512, &wait, NULL);  // in nanoseconds: spinning would starve the server
        if (n <= 0) {
            if (now() - last > the_plan.patience * 1e9) {
                fprintf(stderr, "sender: no answer for %.0f s; %ld of %ld requests are answered\n", the_plan.patience, done, sent);
                return 3;
            }
            continue;
        }
        for (int i = 0; i < n; i++) {
            connection *c = events[i].data.ptr;
            if (!receive(c) || !c->is_busy) continue;
            if (the_plan.drain && !c->is_deleting && send_delete(c)) continue;
            c->is_deleting = 0;
            int64_t at = now();
            c->is_busy = 0;
            latencies[c->request] = at - c->began;
            if (done && at - last > gap) gap = at - last;
            last = at;
            if ((at - start) / 1000000000 < MAX_SECONDS) by_second[(at - start) / 1000000000]++;
            done++;
            idle[idle_count++] = c;
        }
    }
    if (answers) fclose(answers);
    report(sent, done, start, last, gap, processor_seconds() - signing, by_second);
    return 0;
}
