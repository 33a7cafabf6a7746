/* SPDX-License-Identifier: MIT
 *
 * An echo server with several threads, whose settings follow app.yaml of a ConfigMap while it serves:
 *
 *     server DIRECTORY [STATE_DIRECTORY]
 *
 *     server:
 *       port: 7777                  # 0: any that is free
 *       threads: 2
 *       backlog: 64
 *       connections: 100
 *       idle: 30s
 *       log_level: info
 *       peers: [{network: 127.0.0.0/8}, {network: 10.0.0.0/8, idle: 5m}]
 *
 * The struct is filled anew for each generation. Each thread has a reader, and takes the current struct once
 * each time it wakes up: so what it does for one event never mixes two generations, and costs no lock. A
 * validator has the last word, since only this program knows how many descriptors it may open; what it agrees
 * to is committed. The port and the number of threads take effect at a restart, and the library says so when
 * they change. With a STATE_DIRECTORY the server starts with its last good settings if the mounted ones are
 * bad. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmreload/cmreload.h>

#define TICK_MS 100    /* how late an idle connection may be closed */
#define OTHER_FILES 64 /* descriptors that are no connection */
#define MOST_THREADS 16

/* ---- settings */

struct peer {
    cmr_cidr network;
    int64_t idle; /* 0: the server's */
};

struct settings {
    uint16_t port;
    int threads;
    int backlog;
    int connections;
    int64_t idle;
    cmr_log_level level;
    const struct peer *peers; /* who may connect; none: everybody */
    size_t peer_count;
};

static const cmr_field peer_fields[] = {
    CMR_FIELD_CIDR(struct peer, network, "network", .required = true),
    CMR_FIELD_DURATION(struct peer, idle, "idle", .minimum = "0s"),
    CMR_FIELD_END,
};

static const cmr_field settings_fields[] = {
    CMR_FIELD_INT(struct settings, port, "port", .otherwise = "7777", .restart = true),
    CMR_FIELD_INT(struct settings, threads, "threads", .otherwise = "2", .minimum = "1", .maximum = "16",
                  .restart = true),
    CMR_FIELD_INT(struct settings, backlog, "backlog", .otherwise = "64", .minimum = "1", .maximum = "4096"),
    CMR_FIELD_INT(struct settings, connections, "connections", .otherwise = "100", .minimum = "0"),
    CMR_FIELD_DURATION(struct settings, idle, "idle", .otherwise = "30s", .minimum = "100ms"),
    CMR_FIELD_LOG_LEVEL(struct settings, level, "log_level", .otherwise = "info"),
    CMR_FIELD_STRUCTS(struct settings, peers, peer_count, "peers", struct peer, peer_fields, .most = 64),
    CMR_FIELD_END,
};

static const cmr_schema settings_schema =
    CMR_SCHEMA(struct settings, settings_fields, .unknown = CMR_UNKNOWN_WARN);

/* ---- the server */

struct connection {
    LIST_ENTRY(connection) link;
    int descriptor;
    int64_t idle;    /* of its peer; 0: the server's */
    int64_t used_at; /* when something came last */
};

struct server {
    cmr_reloader *reloader;
    cmr_follower *follower;
    int listener;
    int stop;         /* readable when the threads are to end */
    atomic_int count; /* of connections */
};

struct worker {
    pthread_t thread;
    struct server *server;
    cmr_reader *reader;
    int epoll;
    const struct settings *settings; /* of the generation that this turn is about */
    LIST_HEAD(, connection) connections;
};

static cmr_reloader *signalled; /* for the signal handler */
static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
    cmr_reloader_wake(signalled);
}

__attribute__((format(printf, 3, 4))) static void say(const struct settings *settings, cmr_log_level level,
                                                      const char *format, ...)
{
    char line[256];
    va_list arguments;
    if (level > settings->level)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    printf("%s: %s\n", cmr_log_level_name(level), line);
    fflush(stdout);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* ---- connections */

static bool is_in(const cmr_cidr *network, const struct in_addr *address)
{
    uint32_t bits = ntohl(address->s_addr), wanted;
    memcpy(&wanted, network->ip.bytes, sizeof wanted);
    unsigned host = 32u - network->prefix;
    return network->ip.version == 4 && (host == 32 || bits >> host == ntohl(wanted) >> host);
}

/* False: nobody whom the settings know. */
static bool find_peer(const struct settings *settings, const struct in_addr *address, struct peer *ret_peer)
{
    for (size_t i = 0; i < settings->peer_count; i++) {
        if (is_in(&settings->peers[i].network, address)) {
            *ret_peer = settings->peers[i];
            return true;
        }
    }
    *ret_peer = (struct peer){ 0 };
    return settings->peer_count == 0;
}

static void drop(struct worker *worker, struct connection *connection, const char *why)
{
    say(worker->settings, CMR_LOG_DEBUG, "connection %d: %s", connection->descriptor, why);
    LIST_REMOVE(connection, link);
    atomic_fetch_sub(&worker->server->count, 1);
    close(connection->descriptor);
    free(connection);
}

static void refuse(const struct worker *worker, int descriptor, const char *why)
{
    say(worker->settings, CMR_LOG_NOTICE, "refused: %s", why);
    dprintf(descriptor, "%s\n", why);
    close(descriptor);
}

static void welcome(struct worker *worker, int descriptor, const struct peer *peer)
{
    struct connection *connection = calloc(1, sizeof *connection);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
    if (!connection || epoll_ctl(worker->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        free(connection);
        atomic_fetch_sub(&worker->server->count, 1);
        refuse(worker, descriptor, "no memory");
        return;
    }
    connection->descriptor = descriptor;
    connection->idle = peer->idle;
    connection->used_at = now_ns();
    LIST_INSERT_HEAD(&worker->connections, connection, link);
    say(worker->settings, CMR_LOG_INFO, "connection %d", descriptor);
}

static void accept_one(struct worker *worker)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    struct peer peer;
    int descriptor =
        accept4(worker->server->listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0)
        return; /* another thread was first, or the client has gone */
    if (!find_peer(worker->settings, &address.sin_addr, &peer)) {
        refuse(worker, descriptor, "not a peer");
    } else if (atomic_fetch_add(&worker->server->count, 1) >= worker->settings->connections) {
        atomic_fetch_sub(&worker->server->count, 1);
        refuse(worker, descriptor, "too many connections");
    } else {
        welcome(worker, descriptor, &peer);
    }
}

/* Who does not read what comes back is dropped: nothing is kept here. */
static void echo(struct worker *worker, struct connection *connection)
{
    char data[4096];
    ssize_t size = read(connection->descriptor, data, sizeof data);
    if (size < 0 && errno == EAGAIN)
        return;
    connection->used_at = now_ns();
    if (size <= 0)
        drop(worker, connection, size ? strerror(errno) : "closed");
    else if (send(connection->descriptor, data, (size_t)size, MSG_NOSIGNAL) != size)
        drop(worker, connection, "does not read");
}

static void drop_idle(struct worker *worker)
{
    int64_t now = now_ns();
    struct connection *next;
    for (struct connection *one = LIST_FIRST(&worker->connections); one; one = next) {
        next = LIST_NEXT(one, link);
        if (now - one->used_at > (one->idle ? one->idle : worker->settings->idle))
            drop(worker, one, "idle");
    }
}

/* ---- threads */

/* False: the server ends. */
static bool take_turn(struct worker *worker)
{
    struct epoll_event events[64];
    bool serves = !LIST_EMPTY(&worker->connections);
    if (!serves)
        cmr_reader_release(worker->reader); /* a long sleep: an old generation may be freed meanwhile */
    int count = epoll_wait(worker->epoll, events, 64, serves ? TICK_MS : -1);
    cmr_reader_snapshot(worker->reader); /* the settings of this turn */
    worker->settings = cmr_reader_struct(worker->reader, worker->server->follower);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &worker->server->stop)
            return false;
        if (events[i].data.ptr == &worker->server->listener)
            accept_one(worker);
        else
            echo(worker, events[i].data.ptr);
    }
    drop_idle(worker);
    return true;
}

static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    while (take_turn(worker))
        continue;
    while (!LIST_EMPTY(&worker->connections))
        drop(worker, LIST_FIRST(&worker->connections), "the server ends");
    return NULL;
}

static bool start_worker(struct server *server, struct worker *worker)
{
    struct epoll_event listener = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &server->listener };
    struct epoll_event end = { .events = EPOLLIN, .data.ptr = &server->stop };
    worker->server = server;
    LIST_INIT(&worker->connections);
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (worker->epoll < 0 || epoll_ctl(worker->epoll, EPOLL_CTL_ADD, server->listener, &listener) != 0 ||
        epoll_ctl(worker->epoll, EPOLL_CTL_ADD, server->stop, &end) != 0)
        return false;
    return cmr_reader_new(server->reloader, &worker->reader) == CMR_OK &&
           pthread_create(&worker->thread, NULL, run_worker, worker) == 0;
}

/* ---- what a new generation means */

static cmr_status prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
{
    const struct server *server = user;
    const struct settings *settings = cmr_follower_get(server->follower, candidate);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return CMR_ERR_SYSTEM;
    if ((rlim_t)settings->connections + OTHER_FILES <= files.rlim_cur)
        return CMR_OK;
    cmr_veto_reason(veto, "app.yaml#server.connections", "%d, but this process may open %llu files only",
                    settings->connections, (unsigned long long)files.rlim_cur);
    return CMR_ERR_REJECTED;
}

static void commit(void *user, cmr_snapshot *published)
{
    const struct server *server = user;
    const struct settings *settings = cmr_follower_get(server->follower, published);
    if (server->listener >= 0)
        listen(server->listener, settings->backlog); /* of a socket that listens it changes the backlog */
    say(settings, CMR_LOG_NOTICE, "generation %llu: at most %d connections, %zu peers",
        (unsigned long long)cmr_snapshot_generation(published), settings->connections, settings->peer_count);
}

/* ---- the program */

static bool open_listener(struct server *server, const struct settings *settings)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(settings->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int yes = 1;
    server->stop = eventfd(0, EFD_CLOEXEC);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->stop < 0 || server->listener < 0 ||
        setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(server->listener, settings->backlog) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    say(settings, CMR_LOG_NOTICE, "listening on port %u", ntohs(address.sin_port));
    return true;
}

static int serve(struct server *server)
{
    struct worker workers[MOST_THREADS] = { { 0 } };
    cmr_snapshot *snapshot = cmr_reloader_ref_snapshot(server->reloader);
    const struct settings *settings = cmr_follower_get(server->follower, snapshot);
    int count = 0;
    bool good = open_listener(server, settings);
    while (good && count < settings->threads)
        good = start_worker(server, &workers[count++]);
    cmr_snapshot_unref(snapshot);
    if (!good)
        perror("server");
    cmr_status status = CMR_OK;
    while (good && !stopped && (status == CMR_OK || status == CMR_ERR_INTERRUPTED))
        status = cmr_reloader_wait(server->reloader, -1);
    (void)!write(server->stop, &(uint64_t){ 1 }, sizeof(uint64_t));
    for (int i = 0; i < count; i++) {
        if (workers[i].thread)
            pthread_join(workers[i].thread, NULL);
        cmr_reader_free(workers[i].reader);
        close(workers[i].epoll);
    }
    return good && stopped ? 0 : 1;
}

static cmr_status load(struct server *server, const char *directory, const char *state_directory)
{
    cmr_options options = CMR_OPTIONS_INIT;
    cmr_validator_options validator = CMR_VALIDATOR_OPTIONS_INIT;
    options.log = cmr_log_stderr;
    options.state_dir = state_directory;
    options.boot = state_directory ? CMR_BOOT_LAST_GOOD : CMR_BOOT_REFUSE;
    validator.name = "descriptors";
    validator.prepare = prepare;
    validator.commit = commit;
    cmr_status status = cmr_open(directory, &options, &server->reloader);
    if (status != CMR_OK)
        return status;
    signalled = server->reloader;
    status = cmr_follow(server->reloader, "app.yaml#server", &settings_schema, NULL, &server->follower);
    if (status == CMR_OK)
        status = cmr_validate(server->reloader, &validator, server, NULL);
    return status == CMR_OK ? cmr_reloader_load(server->reloader, 10000) : status;
}

int main(int argc, char **argv)
{
    struct server server = { .listener = -1, .stop = -1 };
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: server DIRECTORY [STATE_DIRECTORY]\n");
        return 2;
    }
    cmr_status status = load(&server, argv[1], argv[2]);
    int result = 1;
    if (status == CMR_OK) {
        signal(SIGINT, stop);
        signal(SIGTERM, stop);
        result = serve(&server);
    } else {
        fprintf(stderr, "server: %s: %s\n", argv[1], cmr_strerror(status));
    }
    if (server.listener >= 0)
        close(server.listener);
    if (server.stop >= 0)
        close(server.stop);
    cmr_reloader_free(server.reloader);
    return result;
}
