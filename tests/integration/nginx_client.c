/* SPDX-License-Identifier: MIT
 *
 * A small HTTP client on the loopback, for the tests of nginx's module: it looks at every answer, which load
 * generators do not.
 *
 *     nginx_client port                                a port that is free now
 *     nginx_client get PORT PATH [METHOD]              prints the whole answer
 *     nginx_client count PORT PATH N                   N requests over one connection; each must be answered
 * by 200 nginx_client load PORT PATH CONNECTIONS PAUSE_US [close] until SIGTERM, then prints what came
 *
 * Of load each answer's body is "A B C ..." with A, B and C of one generation, and so equal, or the answer is
 * mixed. With `close` each request has a connection of its own: a server that ends may close one that is kept
 * just when a request is on its way. A connection that ends without a whole answer is broken.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct answer {
    char text[8192]; /* head and body */
    size_t length;
    const char *body;
    int status;
    bool closes;
};

struct load {
    int port;
    const char *path;
    useconds_t pause;
    bool close;
    atomic_ulong answered, mixed, broken, refused, generations;
};

static atomic_bool stopped;

static void stop(int signal)
{
    (void)signal;
    atomic_store(&stopped, true);
}

static struct sockaddr_in address(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return to;
}

static int connect_to(int port)
{
    struct sockaddr_in to = address(port);
    struct timeval patience = { .tv_sec = 30 };
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* What an ordinary request has besides: it is measured, too. */
static const char browser[] =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n";

static bool ask(int fd, const char *method, const char *path, bool close)
{
    char text[1024];
    int length = snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: localhost\r\n%sConnection: %s\r\n\r\n",
                          method, path, browser, close ? "close" : "keep-alive");
    return send(fd, text, (size_t)length, MSG_NOSIGNAL) == length;
}

/* The head's field, or NULL. */
static const char *field(const struct answer *answer, const char *name)
{
    const char *line = answer->text;
    while ((line = strstr(line, "\r\n")) && line < answer->body) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) == 0)
            return line + strlen(name);
    }
    return NULL;
}

/* Whether the head is there; then how much is to come. */
static bool read_head(struct answer *answer, bool no_body, size_t *ret_whole)
{
    const char *end = strstr(answer->text, "\r\n\r\n");
    if (!end)
        return false;
    answer->body = end + 4;
    answer->status = atoi(answer->text + strlen("HTTP/1.1 "));
    const char *length = field(answer, "Content-Length:"), *connection = field(answer, "Connection:");
    answer->closes = connection && strncasecmp(connection, " close", 6) == 0;
    *ret_whole = (size_t)(answer->body - answer->text) + (length && !no_body ? strtoul(length, NULL, 10) : 0);
    return true;
}

static bool receive(int fd, bool no_body, struct answer *answer)
{
    size_t whole = SIZE_MAX;
    answer->text[0] = '\0';
    answer->length = 0;
    while (answer->length < whole) {
        ssize_t got = recv(fd, answer->text + answer->length, sizeof(answer->text) - 1 - answer->length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        answer->length += (size_t)got;
        answer->text[answer->length] = '\0';
        if (whole == SIZE_MAX)
            read_head(answer, no_body, &whole);
    }
    return true;
}

static int print_port(void)
{
    struct sockaddr_in at = address(0);
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        return 1;
    printf("%d\n", ntohs(at.sin_port));
    return 0;
}

static int get(int port, const char *path, const char *method)
{
    struct answer answer;
    int fd = connect_to(port);
    if (fd < 0 || !ask(fd, method, path, true) || !receive(fd, strcmp(method, "HEAD") == 0, &answer))
        return 1;
    fwrite(answer.text, 1, answer.length, stdout);
    return 0;
}

static int count(int port, const char *path, long requests)
{
    struct answer answer;
    int fd = connect_to(port);
    for (long i = 0; i < requests; i++)
        if (fd < 0 || !ask(fd, "GET", path, false) || !receive(fd, false, &answer) || answer.status != 200) {
            printf("request %ld of %ld was not answered as it should\n", i + 1, requests);
            return 1;
        }
    return 0;
}

/* Whether the first three words are one; a word that is new is another generation. */
static void judge(struct load *load, const struct answer *answer, char last[64])
{
    char a[64], b[64], c[64];
    atomic_fetch_add(&load->answered, 1);
    if (answer->status != 200 || sscanf(answer->body, "%63s %63s %63s", a, b, c) != 3) {
        if (atomic_fetch_add(&load->refused, 1) == 0)
            printf("refused: %s\n", answer->text);
        return;
    }
    if ((strcmp(a, b) != 0 || strcmp(a, c) != 0) && atomic_fetch_add(&load->mixed, 1) == 0)
        printf("mixed: %s\n", answer->body);
    if (strcmp(a, last) != 0)
        atomic_fetch_add(&load->generations, 1);
    strcpy(last, a);
}

static void *request_on_and_on(void *data)
{
    struct load *load = data;
    struct answer answer;
    char last[64] = "";
    int fd = -1;
    while (!atomic_load(&stopped)) {
        if (fd < 0)
            fd = connect_to(load->port);
        bool whole = fd >= 0 && ask(fd, "GET", load->path, load->close) && receive(fd, false, &answer);
        if (whole)
            judge(load, &answer, last);
        else
            atomic_fetch_add(&load->broken, 1);
        if (fd >= 0 && (!whole || answer.closes)) {
            close(fd);
            fd = -1;
        }
        if (load->pause)
            usleep(load->pause);
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

static int run_load(struct load *load, int connections)
{
    pthread_t threads[64];
    signal(SIGTERM, stop);
    if (connections < 1 || connections > 64)
        return 1;
    for (int i = 0; i < connections; i++)
        if (pthread_create(&threads[i], NULL, request_on_and_on, load) != 0)
            return 1;
    for (int i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    printf("answered %lu, mixed %lu, broken %lu, refused %lu, generations %lu\n", load->answered, load->mixed,
           load->broken, load->refused, load->generations);
    return load->mixed || load->refused ? 1 : 0;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "port") == 0)
        return print_port();
    if (strcmp(verb, "get") == 0 && argc >= 4)
        return get(atoi(argv[2]), argv[3], argc > 4 ? argv[4] : "GET");
    if (strcmp(verb, "count") == 0 && argc == 5)
        return count(atoi(argv[2]), argv[3], atol(argv[4]));
    if (strcmp(verb, "load") == 0 && argc >= 6) {
        struct load load = { .port = atoi(argv[2]), .path = argv[3], .pause = (useconds_t)atol(argv[5]) };
        load.close = argc > 6;
        return run_load(&load, atoi(argv[4]));
    }
    fprintf(stderr, "usage: see the top of nginx_client.c\n");
    return 2;
}
