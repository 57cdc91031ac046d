#define _GNU_SOURCE
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "sha256.h"

void die(const char *what) {
    fprintf(stderr, "sender: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(2);
}

static char **read_lines(const char *path, long *count) {
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    char **lines = NULL, *line = NULL;
    size_t size = 0;
    long capacity = 0;
    ssize_t length;
    *count = 0;
    while ((length = getline(&line, &size, file)) >= 0) {
        if (length && line[length - 1] == '\n') line[--length] = 0;
        if (*count == capacity) lines = realloc(lines, (capacity = capacity * 2 + 64) * sizeof *lines);
        lines[(*count)++] = strdup(line);
    }
    free(line);
    fclose(file);
    return lines;
}

static void read_tokens(plan *plan, char *text) {
    char *key = strsep(&text, " ");
    plan->account = strsep(&text, " ");
    if (!text || strlen(key) != 64) die("tokens KEY ACCOUNT FILE");
    for (int i = 0; i < 32; i++) {
        unsigned byte;
        if (sscanf(key + 2 * i, "%2x", &byte) != 1) die("the key of tokens");
        plan->root_key[i] = byte;
    }
    char **lines = read_lines(text, &plan->execution_count);
    plan->executions = calloc(plan->execution_count + 1, sizeof *plan->executions);
    for (long i = 0; i < plan->execution_count; i++) plan->executions[i] = atoll(lines[i]);
}

plan plan_read(const char *path) {
    plan plan = {.host = "127.0.0.1", .port = "7070", .region = "us-east-1", .service = "states",
                 .content_type = "application/x-amz-json-1.0", .connections = 1, .count = 1,
                 .patience = 60};
    long count;
    char **lines = read_lines(path, &count);
    for (long i = 0; i < count; i++) {
        char *value = lines[i], *key = strsep(&value, " ");
        if (!value || !*key) continue;
        template *next = &plan.templates[plan.template_count];
        if (!strcmp(key, "host")) plan.host = value;
        else if (!strcmp(key, "port")) plan.port = value;
        else if (!strcmp(key, "access-key")) plan.access_key = value;
        else if (!strcmp(key, "secret-key")) plan.secret_key = value;
        else if (!strcmp(key, "region")) plan.region = value;
        else if (!strcmp(key, "service")) plan.service = value;
        else if (!strcmp(key, "content-type")) plan.content_type = value;
        else if (!strcmp(key, "drain")) plan.drain = value;
        else if (!strcmp(key, "refuse")) plan.refuse = value;
        else if (!strcmp(key, "connections")) plan.connections = atol(value);
        else if (!strcmp(key, "count")) plan.count = atol(value);
        else if (!strcmp(key, "seconds")) plan.seconds = atof(value);
        else if (!strcmp(key, "patience")) plan.patience = atof(value);
        else if (!strcmp(key, "rate")) plan.rate = atof(value);
        else if (!strcmp(key, "lanes")) plan.lanes = atol(value);
        else if (!strcmp(key, "first")) plan.first = atol(value);
        else if (!strcmp(key, "first-effect")) plan.first_effect = atol(value);
        else if (!strcmp(key, "answers")) plan.answers = value;
        else if (!strcmp(key, "values")) plan.values = read_lines(value, &plan.value_count);
        else if (!strcmp(key, "tokens")) read_tokens(&plan, value);
        else if (plan.template_count == MAX_TEMPLATES) die("too many requests in the plan");
        else if (!strcmp(key, "get")) *next = (template){"GET", value, ""}, plan.template_count++;
        else if (!strcmp(key, "request")) {
            char *target = strsep(&value, " ");
            if (!value) die("request TARGET BODY");
            *next = (template){"POST", target, value}, plan.template_count++;
        } else die(key);
    }
    if (!plan.template_count || plan.count < 1 || plan.connections < 1) die("nothing to send");
    return plan;
}

static uint64_t random_word(void) {
    static uint64_t state;
    if (!state && getrandom(&state, sizeof state, 0) != sizeof state) die("getrandom");
    state += 0x9e3779b97f4a7c15;  // SplitMix64
    uint64_t z = state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static int write_uuid(char *text) {
    uint64_t a = random_word(), b = random_word();
    return sprintf(text, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
                   (unsigned)((b >> 48 & 0x3fff) | 0x8000), (unsigned long long)(b & 0xffffffffffff));
}

// As the engine makes them: execution and effect, big-endian, and 24 bytes of their HMAC under the root key.
static int write_token(char *text, const plan *plan, long number) {
    static hmac_key key;
    static int is_prepared;
    if (!is_prepared) hmac_prepare(&key, plan->root_key, 32), is_prepared = 1;
    uint64_t execution = __builtin_bswap64(plan->executions[number % plan->execution_count]);
    uint64_t effect = __builtin_bswap64(plan->first_effect + number / plan->execution_count);
    uint8_t raw[40], message[128], mac[32];
    memcpy(raw, &execution, 8);
    memcpy(raw + 8, &effect, 8);
    int length = sprintf((char *)message, "task-token") + 1;
    length += sprintf((char *)message + length, "%.64s", plan->account);
    memcpy(message + length, raw, 16);
    hmac_sign(&key, message, length + 16, mac);
    memcpy(raw + 16, mac, 24);
    hex_upper(text, raw, 40);
    return 80;
}

static long write_body(char *body, const plan *plan, const template *template, long number) {
    char *p = body;
    for (const char *t = template->body; *t;) {
        if (*t != '%') *p++ = *t++;
        else if (!strncmp(t, "%n%", 3)) p += sprintf(p, "%ld", plan->first + number), t += 3;
        else if (!strncmp(t, "%seconds%", 9)) p += sprintf(p, "%ld", 1000 + (plan->first + number) % 40000), t += 9;
        else if (!strncmp(t, "%uuid%", 6)) p += write_uuid(p), t += 6;
        else if (!strncmp(t, "%value%", 7) && plan->value_count) p = stpcpy(p, plan->values[number % plan->value_count]), t += 7;
        else if (!strncmp(t, "%token%", 7) && plan->execution_count) p += write_token(p, plan, number), t += 7;
        else *p++ = *t++;
    }
    return p - body;
}

typedef struct {
    hmac_key key;
    char date[17], scope[160], host[300];
    const char *content_type;
} signer;

static void derive(hmac_key *key, const void *secret, size_t length, const char *text) {
    uint8_t digest[32];
    hmac_prepare(key, secret, length);
    if (!text) return;
    hmac_sign(key, text, strlen(text), digest);
    hmac_prepare(key, digest, 32);
}

static signer make_signer(const plan *plan) {
    signer signer = {.content_type = plan->content_type};
    time_t now = time(NULL);
    strftime(signer.date, sizeof signer.date, "%Y%m%dT%H%M%SZ", gmtime(&now));
    snprintf(signer.host, sizeof signer.host, "%s:%s", plan->host, plan->port);
    snprintf(signer.scope, sizeof signer.scope, "%.8s/%s/%s/aws4_request", signer.date, plan->region, plan->service);
    if (!plan->access_key) return signer;
    char secret[300], day[9];
    snprintf(secret, sizeof secret, "AWS4%s", plan->secret_key);
    snprintf(day, sizeof day, "%.8s", signer.date);
    const char *parts[] = {day, plan->region, plan->service, "aws4_request"};
    uint8_t digest[32];
    hmac_prepare(&signer.key, secret, strlen(secret));
    for (int i = 0; i < 4; i++) {
        hmac_sign(&signer.key, parts[i], strlen(parts[i]), digest);
        derive(&signer.key, digest, 32, NULL);
    }
    return signer;
}

// Signature V4 over content type, host, date and target.
static void sign(const signer *signer, const char *target, const char *body, long length, char signature[64]) {
    uint8_t digest[32];
    char text[1024], hash[64];
    sha256 sum;
    sha256_begin(&sum);
    sha256_add(&sum, body, length);
    sha256_end(&sum, digest);
    hex_lower(hash, digest, 32);
    int n = snprintf(text, sizeof text,
                     "POST\n/\n\ncontent-type:%s\nhost:%s\nx-amz-date:%s\nx-amz-target:%s\n\n"
                     "content-type;host;x-amz-date;x-amz-target\n%.64s",
                     signer->content_type, signer->host, signer->date, target, hash);
    sha256_begin(&sum);
    sha256_add(&sum, text, n);
    sha256_end(&sum, digest);
    hex_lower(hash, digest, 32);
    n = snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n%.64s", signer->date, signer->scope, hash);
    hmac_sign(&signer->key, text, n, digest);
    hex_lower(signature, digest, 32);
}

static char *write_post(char *p, const plan *plan, const signer *signer, const char *target, const char *body, long length) {
    p += sprintf(p, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nX-Amz-Target: %s\r\nX-Amz-Date: %s\r\n", signer->host,
                 signer->content_type, target, signer->date);
    if (plan->access_key) {
        char signature[64];
        sign(signer, target, body, length, signature);
        p += sprintf(p,
                     "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
                     "Signature=%.64s\r\n",
                     plan->access_key, signer->scope, signature);
    }
    p += sprintf(p, "Content-Length: %ld\r\n\r\n", length);
    return mempcpy(p, body, length);
}

static signer the_signer;

long plan_sign_one(char *text, const plan *plan, const char *target, const char *body, long length) {
    return write_post(text, plan, &the_signer, target, body, length) - text;
}

requests plan_sign(const plan *plan) {
    const signer signer = the_signer = make_signer(plan);
    size_t longest = 2048, used = 0, capacity = 0, value = 80;
    for (long i = 0; i < plan->value_count; i++)
        if (strlen(plan->values[i]) > value) value = strlen(plan->values[i]);
    for (int i = 0; i < plan->template_count; i++) {
        size_t length = 2048 + strlen(plan->templates[i].body) * (1 + value / 3);
        if (length > longest) longest = length;
    }
    char *body = malloc(longest);
    requests all = {.bytes = NULL, .start = malloc((plan->count + 1) * sizeof(size_t))};
    for (long i = 0; i < plan->count; i++) {
        const template *template = &plan->templates[i % plan->template_count];
        if (used + 2 * longest > capacity && !(all.bytes = realloc(all.bytes, capacity = capacity * 2 + 4 * longest))) die("no memory");
        all.start[i] = used;
        char *p = all.bytes + used;
        if (*template->method == 'G') {
            p += sprintf(p, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", template->target, signer.host);
        } else {
            long length = write_body(body, plan, template, i);
            p = write_post(p, plan, &signer, template->target, body, length);
        }
        used = p - all.bytes;
    }
    all.start[plan->count] = used;
    free(body);
    return all;
}
