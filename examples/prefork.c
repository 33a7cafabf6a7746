/* SPDX-License-Identifier: MIT
 *
 * A small HTTP server in nginx's manner: a master that holds the port, and workers that serve, whose
 * configuration follows app.yaml of a ConfigMap with one reader for all of them:
 *
 *     prefork DIRECTORY [PORT [WORKERS]]       # port 0: any that is free. Default: 8080, 2 workers
 *
 *     greeting: good morning
 *     colour: orange
 *     log_level: info
 *
 *     GET /         greeting, colour and generation, out of one snapshot
 *     GET /status   what an operator asks, as JSON
 *
 * The master makes a share before it forks, and has nothing else of the library: it never reads the volume.
 * Each worker opens its own reloader and joins the share; one of them is elected to read the volume for all.
 * So a worker may die, or be started at any time: what it serves is at once what the others do.
 *
 * Signals. TERM, QUIT, INT: workers take no more connections, finish those that are open, and end. HUP: look
 * at the volume now; the master hands it to any one worker, since whichever that is, the share tells the one
 * that reads. A worker that a signal ended is started anew; one that gave up by itself ends the server, as
 * another one would give up, too. Nobody has a handler: the master waits for signals, and a worker's are a
 * descriptor in its epoll. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmreload/cmreload.h>

#define MOST_WORKERS 64
#define MOST_REQUEST 4096 /* bytes */
#define LOAD_MS 10000
#define RETRY_MS 100
#define DRAIN_MS 10000 /* how long open connections have when the worker is to end */

struct connection {
    LIST_ENTRY(connection) link;
    int descriptor;
    char in[MOST_REQUEST + 1]; /* a text: what has come and is not answered */
    size_t size;
    bool is_last; /* of its requests */
};

struct worker {
    cmr_reloader *reloader;
    CMR_ATOMIC(int) level;
    int epoll, listener, signals;
    int64_t deadline; /* when it is to have ended; 0: it serves */
    LIST_HEAD(, connection) connections;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 3, 4))) static void say(const struct worker *worker, cmr_log_level level,
                                                      const char *format, ...)
{
    char line[256];
    va_list arguments;
    if ((int)level > worker->level)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "worker %d: %s: %s\n", (int)getpid(), cmr_log_level_name(level), line);
}

static bool watch(const struct worker *worker, int descriptor, uint32_t events, void *what)
{
    struct epoll_event event = { .events = events, .data.ptr = what };
    return epoll_ctl(worker->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* ---- answers. False: the connection is done */

/* Who does not read what comes back is dropped: nothing is kept here. */
static bool respond(const struct connection *connection, const char *status, const char *type,
                    const char *body)
{
    char *text;
    int size = asprintf(&text, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n%s", status,
                        type, strlen(body), connection->is_last ? "Connection: close\r\n" : "", body);
    if (size < 0)
        return false;
    bool good = send(connection->descriptor, text, (size_t)size, MSG_NOSIGNAL) == size;
    free(text);
    return good && !connection->is_last;
}

static bool refuse(struct connection *connection, const char *status)
{
    connection->is_last = true; /* what comes behind such a request may be no request */
    return respond(connection, status, "text/plain", status);
}

/* All of it from one snapshot: however the volume changes meanwhile, these belong together. NULL: no memory.
 */
static char *greet(const struct worker *worker)
{
    char *body;
    cmr_snapshot *now = cmr_reloader_ref_snapshot(worker->reloader);
    int size = asprintf(&body, "%s\ncolour: %s\ngeneration: %" PRIu64 "\nworker: %d\n",
                        cmr_get_string_or(now, "app.yaml#greeting", "hello"),
                        cmr_get_string_or(now, "app.yaml#colour", "none"), cmr_snapshot_generation(now),
                        (int)getpid());
    cmr_snapshot_unref(now);
    return size < 0 ? NULL : body;
}

static char *tell_status(const struct worker *worker)
{
    char *json;
    return cmr_reloader_status_json(worker->reloader, &json) == CMR_OK ? json : NULL;
}

static bool hand_over(const struct connection *connection, const char *type, char *body)
{
    bool stays = body && respond(connection, "200 OK", type, body);
    free(body);
    return stays;
}

/* The request is a text of lines. */
static bool answer(const struct worker *worker, struct connection *connection, const char *request)
{
    char method[16], target[256];
    int minor;
    if (sscanf(request, "%15s %255s HTTP/1.%d", method, target, &minor) != 3 ||
        strcasestr(request, "\nContent-Length:") || strcasestr(request, "\nTransfer-Encoding:"))
        return refuse(connection, "400 Bad Request"); /* it may have no body */
    say(worker, CMR_LOG_DEBUG, "%s %s", method, target);
    if (strcmp(method, "GET") != 0)
        return refuse(connection, "405 Method Not Allowed");
    connection->is_last = minor == 0 || worker->deadline || strcasestr(request, "\nConnection: close");
    if (strcmp(target, "/") == 0)
        return hand_over(connection, "text/plain; charset=utf-8", greet(worker));
    if (strcmp(target, "/status") == 0)
        return hand_over(connection, "application/json", tell_status(worker));
    return respond(connection, "404 Not Found", "text/plain", "404 Not Found");
}

/* ---- connections */

static void drop(struct connection *connection)
{
    LIST_REMOVE(connection, link);
    close(connection->descriptor);
    free(connection);
}

/* Answers each whole request that has come. False: the connection is done. */
static bool serve(const struct worker *worker, struct connection *connection)
{
    char *in = connection->in, *end;
    ssize_t size = recv(connection->descriptor, in + connection->size, MOST_REQUEST - connection->size, 0);
    if (size <= 0)
        return size < 0 && (errno == EAGAIN || errno == EINTR);
    connection->size += (size_t)size;
    in[connection->size] = '\0';
    while ((end = strstr(in, "\r\n\r\n"))) {
        end[2] = '\0';
        if (!answer(worker, connection, in))
            return false;
        end += 4;
        connection->size -= (size_t)(end - in);
        memmove(in, end, connection->size + 1);
    }
    return connection->size < MOST_REQUEST || refuse(connection, "431 Request Header Fields Too Large");
}

static void accept_one(struct worker *worker)
{
    int descriptor = accept4(worker->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR))
        return; /* another worker was first, or the client has gone */
    struct connection *connection = descriptor < 0 ? NULL : calloc(1, sizeof *connection);
    if (connection && watch(worker, descriptor, EPOLLIN, connection)) {
        connection->descriptor = descriptor;
        LIST_INSERT_HEAD(&worker->connections, connection, link);
        say(worker, CMR_LOG_DEBUG, "connection %d", descriptor);
        return;
    }
    say(worker, CMR_LOG_WARN, "no connection can be taken now: %s", strerror(errno));
    free(connection);
    if (descriptor >= 0)
        close(descriptor);
    poll(NULL, 0, RETRY_MS); /* the listener stays ready: do not run in circles */
}

/* ---- a worker */

/* Who has asked nothing yet is closed; all others get their answer first. */
static void begin_to_end(struct worker *worker)
{
    struct connection *next;
    if (worker->deadline)
        return;
    say(worker, CMR_LOG_NOTICE, "ends");
    worker->deadline = now_ms() + DRAIN_MS;
    epoll_ctl(worker->epoll, EPOLL_CTL_DEL, worker->listener, NULL);
    for (struct connection *one = LIST_FIRST(&worker->connections); one; one = next) {
        next = LIST_NEXT(one, link);
        if (one->size == 0)
            drop(one);
    }
}

static void take_signal(struct worker *worker)
{
    struct signalfd_siginfo signal;
    if (read(worker->signals, &signal, sizeof signal) != sizeof signal)
        return;
    if (signal.ssi_signo == SIGHUP)
        cmr_reloader_check_now(worker->reloader);
    else if (signal.ssi_signo != SIGCHLD)
        begin_to_end(worker);
}

/* The configuration may change between two events, and never while one is answered. */
static bool take_event(struct worker *worker, void *what)
{
    if (what == &worker->reloader)
        return cmr_reloader_dispatch(worker->reloader) == CMR_OK;
    if (what == &worker->signals)
        take_signal(worker);
    else if (what == &worker->listener)
        accept_one(worker);
    else if (!serve(worker, what))
        drop(what);
    return true;
}

/* One event a turn, as what one does may end what another one is about. */
static bool run(struct worker *worker)
{
    while (!worker->deadline || (!LIST_EMPTY(&worker->connections) && now_ms() < worker->deadline)) {
        struct epoll_event event;
        int count = epoll_wait(worker->epoll, &event, 1, worker->deadline ? RETRY_MS : -1);
        if ((count < 0 && errno != EINTR) || (count > 0 && !take_event(worker, event.data.ptr)))
            return false;
    }
    return true;
}

static bool start(struct worker *worker, const char *directory, cmr_share *share)
{
    cmr_options options = CMR_OPTIONS_INIT;
    options.log = cmr_log_stderr;
    cmr_status status = cmr_open(directory, &options, &worker->reloader);
    if (status == CMR_OK)
        status = cmr_reloader_join(worker->reloader, share);
    if (status == CMR_OK)
        status = cmr_bind_log_level(worker->reloader, "app.yaml#log_level", &worker->level, CMR_LOG_INFO,
                                    NULL, NULL);
    if (status == CMR_OK)
        status = cmr_reloader_load(worker->reloader, LOAD_MS);
    if (status != CMR_OK)
        say(worker, CMR_LOG_ERROR, "%s: %s", directory, cmr_strerror(status));
    return status == CMR_OK;
}

static bool open_loop(struct worker *worker, const sigset_t *signals)
{
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    worker->signals = signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC);
    bool good = worker->epoll >= 0 && worker->signals >= 0 &&
                watch(worker, cmr_reloader_fd(worker->reloader), EPOLLIN, &worker->reloader) &&
                watch(worker, worker->signals, EPOLLIN, &worker->signals) &&
                watch(worker, worker->listener, EPOLLIN | EPOLLEXCLUSIVE, &worker->listener);
    if (!good)
        say(worker, CMR_LOG_ERROR, "no event loop: %s", strerror(errno));
    return good;
}

static int work(const char *directory, cmr_share *share, int listener, const sigset_t *signals)
{
    struct worker worker = { .level = CMR_LOG_INFO, .epoll = -1, .listener = listener, .signals = -1 };
    LIST_INIT(&worker.connections);
    bool good = start(&worker, directory, share) && open_loop(&worker, signals) && run(&worker);
    if (!good)
        say(&worker, CMR_LOG_ERROR, "gives up");
    while (!LIST_EMPTY(&worker.connections))
        drop(LIST_FIRST(&worker.connections));
    cmr_reloader_free(worker.reloader); /* before the share that it has joined */
    cmr_share_free(share);
    close(worker.signals);
    close(worker.epoll);
    close(listener);
    return good ? 0 : 1;
}

/* ---- the master */

struct master {
    const char *directory;
    cmr_share *share;
    int listener;
    sigset_t signals; /* blocked, in the workers too */
    unsigned count, living;
    struct {
        pid_t process;    /* 0: not there */
        int64_t start_at; /* not before: one that dies at once is not started at once */
    } workers[MOST_WORKERS];
    bool is_stopping, has_failed;
};

static void start_workers(struct master *master)
{
    pid_t parent = getpid();
    for (unsigned i = 0; i < master->count; i++) {
        if (master->workers[i].process || now_ms() < master->workers[i].start_at)
            continue;
        master->workers[i].start_at = now_ms() + 1000;
        pid_t process = fork();
        if (process == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM); /* a master that is killed leaves nobody behind */
            exit(getppid() == parent
                     ? work(master->directory, master->share, master->listener, &master->signals)
                     : 0);
        }
        if (process < 0) {
            perror("prefork: fork"); /* and once more, later */
            continue;
        }
        master->workers[i].process = process;
        master->living++;
    }
}

/* To all workers, or to one. */
static void forward(const struct master *master, int signal_number, bool to_all)
{
    for (unsigned i = 0; i < master->count; i++) {
        if (master->workers[i].process && kill(master->workers[i].process, signal_number) == 0 && !to_all)
            return;
    }
}

static void stop(struct master *master)
{
    master->is_stopping = true;
    forward(master, SIGTERM, true);
}

static void reap(struct master *master)
{
    int status;
    pid_t process;
    while ((process = waitpid(-1, &status, WNOHANG)) > 0) {
        master->living--;
        for (unsigned i = 0; i < master->count; i++) {
            if (master->workers[i].process == process)
                master->workers[i].process = 0;
        }
        if (WIFSIGNALED(status))
            fprintf(stderr, "prefork: worker %d was killed by signal %d\n", (int)process, WTERMSIG(status));
        if (master->is_stopping || WIFSIGNALED(status))
            continue;
        master->has_failed = WEXITSTATUS(status) != 0; /* 0: somebody has asked it to end; so all do */
        stop(master);
    }
}

static int supervise(struct master *master)
{
    const struct timespec second = { .tv_sec = 1 };
    while (!master->is_stopping || master->living > 0) {
        if (!master->is_stopping)
            start_workers(master);
        bool is_short = !master->is_stopping && master->living < master->count;
        int number = sigtimedwait(&master->signals, NULL, is_short ? &second : NULL);
        if (number == SIGHUP)
            forward(master, SIGHUP, false);
        else if (number == SIGCHLD)
            reap(master);
        else if (number > 0)
            stop(master);
    }
    return master->has_failed ? 1 : 0;
}

static int open_listener(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("prefork: listen");
        return -1; /* the program ends */
    }
    fprintf(stderr, "prefork: listening on port %u\n", ntohs(address.sin_port));
    return listener;
}

int main(int count, char **arguments)
{
    struct master master = { .count = 2 };
    unsigned port = 8080;
    if (count < 2 || count > 4 || (count > 2 && (sscanf(arguments[2], "%u", &port) != 1 || port > 65535)) ||
        (count > 3 && (sscanf(arguments[3], "%u", &master.count) != 1 || master.count < 1 ||
                       master.count > MOST_WORKERS))) {
        fprintf(stderr, "usage: prefork DIRECTORY [PORT [WORKERS]]\n");
        return 2;
    }
    master.directory = arguments[1];
    sigemptyset(&master.signals);
    for (const int *next = (const int[]){ SIGHUP, SIGCHLD, SIGTERM, SIGQUIT, SIGINT, 0 }; *next; next++)
        sigaddset(&master.signals, *next);
    sigprocmask(SIG_BLOCK, &master.signals, NULL);
    cmr_status status = cmr_share_new(&master.share);
    if (status != CMR_OK) {
        fprintf(stderr, "prefork: %s\n", cmr_strerror(status));
        return 1;
    }
    master.listener = open_listener((uint16_t)port);
    int result = master.listener < 0 ? 1 : supervise(&master);
    cmr_share_free(master.share);
    close(master.listener);
    return result;
}
