/* SPDX-License-Identifier: MIT
 *
 * cmreload: a program's configuration follows its mounted Kubernetes ConfigMap, while it runs.
 *
 *     static volatile sig_atomic_t stopped;
 *
 *     static void on_lives(void *user, const cmr_update *update)
 *     {
 *         const cmr_change *change = cmr_update_change(update, 0);
 *         (void)user;
 *         if (change->new_value)
 *             printf("lives: %lld\n", (long long)change->new_value->as.int64);
 *     }
 *
 *     int main(void)
 *     {
 *         cmr_options options = CMR_OPTIONS_INIT;
 *         cmr_subscription_options lives = CMR_SUBSCRIPTION_OPTIONS_INIT;
 *         cmr_reloader *reloader;
 *         options.log = cmr_log_stderr;             // tells what is wrong with a bad file
 *         lives.type = CMR_TYPE_INT64;              // a value that is none is refused
 *         lives.initial = true;                     // call once with the value at the start
 *         if (cmr_open("/etc/config", &options, &reloader) != CMR_OK)
 *             return 1;
 *         cmr_status status = cmr_subscribe(reloader, "game.properties#lives", on_lives, NULL,
 *                                           &lives, NULL);
 *         if (status == CMR_OK)
 *             status = cmr_reloader_load(reloader, 10000); // callbacks have run when it is back
 *         while (!stopped && (status == CMR_OK || status == CMR_ERR_INTERRUPTED))
 *             status = cmr_reloader_wait(reloader, -1);
 *         cmr_reloader_free(reloader);
 *         return stopped ? 0 : 1;
 *     }
 *
 * (A signal handler sets `stopped` and calls cmr_reloader_wake.) With an event loop of your own,
 * poll cmr_reloader_fd and call cmr_reloader_dispatch when it is readable.
 *
 * WHERE TO BEGIN. This header is the manual, and need not be read from end to end. Read CONVENTIONS, THREADS
 * and THE RELOADER, KEYS AND PATTERNS when you name a key, and of the ways to the values the one that fits:
 *
 *     you want                            call                                          read
 *     to be told what has changed         cmr_subscribe                                 SUBSCRIPTIONS
 *     a variable that follows a key       cmr_bind_int, ...                             BINDINGS
 *     a struct, filled from a file        cmr_follow                                    SCHEMAS, FOLLOWING
 *     to look at some keys now            cmr_reloader_ref_snapshot, cmr_get_int64, ... READING A SNAPSHOT
 *     to read all the time, in threads    cmr_reader_new                                READERS
 *     to read once, and follow nothing    cmr_snapshot_read, cmr_get_int64, ...         FOR TOOLS
 *
 * They may be mixed. Besides: to refuse a generation, or have several modules take it over together,
 * VALIDATORS; to tell operators what happens, EVENTS, and how things stand, STATUS AND COUNTERS; for several
 * mounts, optional and secret ones, OPTIONS OF A MOUNT and cmr_reloader_add_mount; for prefork servers,
 * SHARING.
 *
 * The parts, in their order: conventions, version, status, diagnostics, logging, file formats, types and
 * values, keys and patterns, reading a snapshot, schemas, formats of your own, options of a mount, secrets,
 * the reloader, subscriptions, bindings, following by a schema, validators, readers, events, sharing, status
 * and counters, for tools, writing a volume, examining a path. A program that includes it is C11, or C++17.
 *
 * CONVENTIONS
 *  - Functions that can fail return a cmr_status: CMR_OK (0) or a negative CMR_ERR_ value. What
 *    they give back goes to ret_... parameters, at the end of the list, which stay untouched on
 *    failure. (ret_where and ret_report tell about the failure itself, and are set on failure.)
 *  - open, new, subscribe, bind, follow, validate and observe make an object; free, unsubscribe and their
 *    like end it. ref and unref share: an object lives until its last unref. What any other function
 *    returns is borrowed: it belongs to the object it was asked of. Ending NULL does nothing.
 *  - A name ending in _ms is milliseconds, _ns nanoseconds, on the monotonic clock. As a timeout 0
 *    means "do not wait" and a negative number "no limit". Sizes are bytes. Lines and columns count
 *    from 1, a column counts characters (Unicode code points); 0 means it does not apply. Text is
 *    UTF-8 with a NUL at its end.
 *  - Options are structs that begin with their size; an ..._INIT macro sets it and zeroes the
 *    rest. Zero (false, NULL) means an option's default, which stands as "Default: ..." beside it; without
 *    that word it is off, or none. So old programs run with newer libraries; a newer program that sets what
 *    an older library does not know gets CMR_ERR_INVALID_ARGUMENT. Options, and the paths, keys and texts
 *    that you give, are copied: they may go when the call is back. What must live longer (tables of enums,
 *    schemas, what `user` points at) says so.
 *    Structs that the library fills (cmr_reloader_status) begin with their size too. New enum
 *    values and struct fields may be added at the end: give a switch its default.
 *  - The library starts no thread unless you ask for one (options.background, cmr_reloader_start),
 *    installs no signal handler, writes nothing to stdout or stderr (cmr_log_stderr does, if you set
 *    it), never writes to a mount, and opens every descriptor close-on-exec (but iniparser does not, while
 *    it reads an INI file). Memory comes from malloc(); running out of it fails one call or one reload.
 *
 * THREADS. Snapshots, and all that is got from them, are immutable: any thread may read a snapshot
 * that it holds a reference to. Functions on a cmr_reloader may be called from any thread, but one
 * thread at a time dispatches (cmr_reloader_dispatch, _wait, _load, and _try). All callbacks run inside
 * those four calls, on the thread that called them, with no lock of the library held; but a destroy runs
 * inside whatever call ends its object. A cursor, and a reader with its keys, is for one thread at a time.
 *
 * PROCESSES. A forked child shares the reloader's descriptors with its parent, and what it read from them
 * would be lost there. So in a child a reloader does nothing: its functions return CMR_ERR_FORKED, or are
 * without effect, until cmr_reloader_after_fork makes it the child's own, or cmr_reloader_free ends it
 * there. The parent is not disturbed. Snapshots stay readable, and cmr_reloader_ref_snapshot, and
 * readers, return what was current at the fork. Programs that are started (exec) inherit nothing. A
 * prefork server has two ways. Either it opens, subscribes and loads, forks, and in each child calls
 * cmr_reloader_after_fork and adds fd to an epoll instance that the child has made itself, since one that it
 * inherited is its parent's, too: then each process follows the mounts for itself. Or one of the processes
 * follows them for all: see SHARING.
 */
#ifndef CMRELOAD_CMRELOAD_H
#define CMRELOAD_CMRELOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmreload/version.h>

#if defined(__GNUC__)
#define CMR_API __attribute__((visibility("default")))
#define CMR_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CMR_API
#define CMR_PRINTF(text, first)
#endif

#ifdef __cplusplus
#include <atomic>
#define CMR_SIZED_INIT(type) { sizeof(type) }
#define CMR_ATOMIC(type) std::atomic<type>
extern "C" {
#else
#define CMR_SIZED_INIT(type) { .size = sizeof(type) }
#define CMR_ATOMIC(type) _Atomic(type)
#endif

/* ------------------------------------------------------------------------------------------------
 * VERSION. All that is declared here is there since 0.1.
 */

/* The running library's version as "MAJOR.MINOR.PATCH". Static. */
CMR_API const char *cmr_version(void);

/* ------------------------------------------------------------------------------------------------
 * STATUS
 */

typedef enum cmr_status {
    CMR_OK = 0,
    CMR_ERR_INVALID_ARGUMENT = -1, /* a NULL, an unknown option, a malformed key or pattern */
    CMR_ERR_NO_MEMORY = -2,        /* malloc failed; nothing has changed */
    CMR_ERR_SYSTEM = -3,           /* a system call failed; errno is kept */
    CMR_ERR_NOT_FOUND = -4,        /* no such key, file or mount, or nothing at that path (yet) */
    CMR_ERR_TYPE = -5,             /* the value is there, and not of the wanted type */
    CMR_ERR_RANGE = -6,            /* the value is of the wanted type, and does not fit into it */
    CMR_ERR_SYNTAX = -7,           /* a file that its format's grammar refuses */
    CMR_ERR_LIMIT = -8,            /* a file or generation over one of cmr_limits */
    CMR_ERR_REJECTED = -9,         /* the mounted generation is bad; the last good one stays */
    CMR_ERR_BUSY = -10,            /* not now: a thread dispatches; or too late: see add_mount */
    CMR_ERR_TIMEOUT = -11,         /* the time was over first */
    CMR_ERR_INTERRUPTED = -12,     /* a signal handler ran during the wait; call again */
    CMR_ERR_CLOSED = -13,          /* the reloader was freed during this very call */
    CMR_ERR_FORKED = -14,          /* in a forked child: see cmr_reloader_after_fork */
    CMR_ERR_AGAIN = -15,           /* a validator wants to be asked again, later */
} cmr_status;

/* A few English words for a status, also for numbers that are none. Static. */
CMR_API const char *cmr_strerror(cmr_status status);

/* ------------------------------------------------------------------------------------------------
 * DIAGNOSTICS: what is wrong with a generation, and where.
 *
 * A message quotes the text that is wrong, but not of a secret mount (see SECRETS).
 */

typedef struct cmr_diagnostic {
    cmr_status status;   /* CMR_ERR_SYNTAX, _LIMIT, _TYPE, _RANGE; _INVALID_ARGUMENT: cmr_parser, a schema; */
                         /* _NOT_FOUND: a key that is required and absent, or unknown; _REJECTED: a */
                         /* validator, whose name begins the message; CMR_OK: a notice */
    const char *file;    /* its name within the mount, or "" for the mount as a whole */
    unsigned line;       /* a syntax error: the exact place. A value that does not convert: where */
    unsigned column;     /* its entry begins, as in cmr_value */
    const char *key;     /* the key of a value that is not what is wanted, else "" */
    const char *message; /* what is wrong and what was wanted; one line */
} cmr_diagnostic;

/* A list of diagnostics in the order of file, line and column. It keeps at most 100; one more at
 * the end then says how many there were besides. */
typedef struct cmr_report cmr_report;

/* 0 for NULL, as which a report that says nothing often comes. */
CMR_API size_t cmr_report_count(const cmr_report *report);

/* NULL past the end. */
CMR_API const cmr_diagnostic *cmr_report_get(const cmr_report *report, size_t index);

/* For a report that a call made for you. A report in an event is borrowed. */
CMR_API void cmr_report_free(cmr_report *report);

/* ------------------------------------------------------------------------------------------------
 * LOGGING AND LOG LEVELS
 */

/* Syslog's severities (RFC 5424, section 6.2.1), and TRACE below them. */
typedef enum cmr_log_level {
    CMR_LOG_EMERG = 0,
    CMR_LOG_ALERT = 1,
    CMR_LOG_CRIT = 2,
    CMR_LOG_ERROR = 3,
    CMR_LOG_WARN = 4,
    CMR_LOG_NOTICE = 5,
    CMR_LOG_INFO = 6,
    CMR_LOG_DEBUG = 7,
    CMR_LOG_TRACE = 8,
} cmr_log_level;

/* "emerg" ... "trace"; "?" for other numbers. Static. */
CMR_API const char *cmr_log_level_name(cmr_log_level level);

/* Receives the library's own messages, one line each, inside some call of the library: each
 * rejected generation (ERROR, and a line a diagnostic), trouble with a mount (WARN), each
 * publication (INFO), a subscribed or bound key that is absent where one much like it is there (WARN:
 * "did you mean"), what a lenient binding puts up with (WARN), retries (DEBUG). Must not call back into
 * the library. */
typedef void cmr_log_fn(void *user, cmr_log_level level, const char *message);

/* A ready-made one: "cmreload: LEVEL: MESSAGE" to stderr, for INFO and what is graver. */
CMR_API void cmr_log_stderr(void *user, cmr_log_level level, const char *message);

/* ------------------------------------------------------------------------------------------------
 * FILE FORMATS. A file's name decides, unless a cmr_format_rule does.
 *
 *   properties   *.properties. The grammar of java.util.Properties.load(Reader), to the letter: =, :
 *                or blanks between key and value, # and ! comments, \ continues a line, escapes \t \n
 *                \r \f \uXXXX; trailing blanks belong to the value; of equal keys the last wins.
 *                UTF-8, and an error where it is not.
 *   yaml         *.yaml, *.yml. YAML 1.2 (https://yaml.org/spec/1.2.2) with its core schema:
 *                yes and on are strings. Anchors, aliases and merge keys (<<) are expanded.
 *                Errors: equal keys in one map, keys that are no scalars, several documents,
 *                tags beyond the core schema's. An empty file holds nothing.
 *   json         *.json. RFC 8259, strictly: no comments, no trailing commas, no NaN, no empty file.
 *                UTF-8; a byte order mark is skipped. Numbers keep their text. Errors: equal keys in
 *                one object, half a surrogate pair.
 *   ini          *.ini, read by iniparser: [section], key = value, ; and # comments, values in "" or
 *                '', \ continues a line. Names become lower case (ASCII). A section may be begun in
 *                several places; keys before any section stand at the root. UTF-8. Errors: equal
 *                keys in a section, lines of more than 1,022 bytes, and what iniparser would drop
 *                without a word, as text behind a closing quote. While one is read, iniparser's
 *                error callback, of which a process has one, is the library's, then there is none;
 *                and iniparser has a descriptor open that is not close-on-exec. Needs /proc. The first
 *                one installs a fork handler (pthread_atfork), by which a child's lock is free.
 *   env          *.env, as kubectl create configmap --from-env-file reads it: KEY=VALUE, # comments;
 *                a value is taken as it stands, quotes and blanks included. UTF-8. Errors: equal
 *                keys, keys that Kubernetes does not allow, a line without =.
 *   text         all other files: the whole file is one value. One "\n" or "\r\n" at its end and a
 *                byte order mark at its start are not part of it (read as BYTES, they are).
 *   bytes        only by rule: a text that is never anything but BYTES.
 *   your own     only by rule: see FORMATS OF YOUR OWN.
 *
 * yaml and ini can be left out when the library is built: such files are text then, and a rule
 * that names the format is refused.
 */

/* ------------------------------------------------------------------------------------------------
 * TYPES AND VALUES
 *
 * Conversions are strict: the whole text must be of the type. Blanks around it, something behind
 * it, and what does not fit are errors that say what was found and what was wanted.
 *
 *   type       | in properties, INI, env and text     | in YAML and JSON
 *   -----------+--------------------------------------+----------------------------------------
 *   NULL       | never                                | null ~ and nothing at all; JSON: null
 *   BOOL       | true false yes no on off 1 0,        | true, false
 *              | in any case                          |
 *   INT64,     | -12 12 +12 0o17 0xff (the ints of    | the same; not in quotes, since
 *   UINT64     | YAML 1.2's core schema)              | "8080" is a string
 *   DOUBLE     | 1.5 -1e3 .5 .inf .nan, and ints      | the same
 *   STRING     | UTF-8 without a NUL byte             | any scalar but null
 *   BYTES      | anything                             | any scalar but null
 *   DURATION   | Go's time.ParseDuration: 1h30m 1.5s  | the same
 *              | -10ms 300us 0; nanoseconds           |
 *   SIZE       | a Kubernetes quantity: 10Mi 1G 1.5Ki | the same
 *              | 2e3 4096; whole bytes; m, u and n    |
 *              | are refused (was 10m 10Mi or 10M?)   |
 *   ENUM       | a name of the table, exactly         | the same
 *   LOG_LEVEL  | trace debug info notice warn warning | the same
 *              | error err crit critical fatal alert  |
 *              | emerg panic, in any case; 0 ... 7    |
 *   PERCENT    | 50% 12.5% .5% 250%: a number without | the same
 *              | sign and exponent, and % behind it   |
 *   IP         | an IPV4 or an IPV6                   | the same
 *   IPV4       | 10.0.0.7, without leading zeros      | the same
 *   IPV6       | RFC 4291: 2001:db8::7 ::ffff:1.2.3.4 | the same
 *              | and no zone (%eth0)                  |
 *   CIDR       | an IP, / and its prefix's length in  | the same
 *              | bits: 10.0.0.0/8 fd00::1/64          |
 *   LIST       | a, b, c (nothing: an empty list); no | a list
 *              | item may be empty                    |
 *   MAP        | x=1, y=2 (nothing: an empty map); in | a map
 *              | INI a section, too                   |
 *
 * A list or map that is written in one text knows no quotes; white space around its items, names and
 * values is dropped, the first = divides, and a name may stand once. What several keys of a properties
 * file begin with is no map. Of a key without "#", LIST and MAP mean what the whole file holds: the
 * root of a YAML or JSON file, all of a properties, INI or env file as a map, or a text file's text.
 */

typedef enum cmr_type {
    CMR_TYPE_ANY = 0, /* a value's own type, see cmr_value */
    CMR_TYPE_NULL = 1,
    CMR_TYPE_BOOL = 2,
    CMR_TYPE_INT64 = 3,
    CMR_TYPE_UINT64 = 4,
    CMR_TYPE_DOUBLE = 5,
    CMR_TYPE_STRING = 6,
    CMR_TYPE_BYTES = 7,
    CMR_TYPE_DURATION = 8,
    CMR_TYPE_SIZE = 9,
    CMR_TYPE_ENUM = 10,
    CMR_TYPE_LOG_LEVEL = 11,
    CMR_TYPE_MAP = 12,
    CMR_TYPE_LIST = 13,
    CMR_TYPE_PERCENT = 14,
    CMR_TYPE_IP = 15, /* either of the next two */
    CMR_TYPE_IPV4 = 16,
    CMR_TYPE_IPV6 = 17,
    CMR_TYPE_CIDR = 18,
} cmr_type;

/* "any", "null", "bool", "int64", "uint64", "double", "string", "bytes", "duration", "size",
 * "enum", "log_level", "map", "list", "percent", "ip", "ipv4", "ipv6", "cidr"; "?" for other numbers.
 * Static. */
CMR_API const char *cmr_type_name(cmr_type type);

/* The type of exactly that name. CMR_ERR_NOT_FOUND when there is none. */
CMR_API cmr_status cmr_type_from_name(const char *name, cmr_type *ret_type);

/* A table for CMR_TYPE_ENUM ends with a NULL name. It is yours, and must live as long as what was
 * given it (a static const table always does). Several names of one value are aliases: a change from
 * one to the other is no change, and messages call the value by the first of them. */
typedef struct cmr_enum_item {
    const char *name;
    int value;
} cmr_enum_item;

/* An address in network byte order. A program that calls sockets copies it:
 *     memcpy(&in_addr, ip.bytes, 4)        if ip.version is 4
 *     memcpy(&in6_addr, ip.bytes, 16)      if it is 6
 * and inet_ntop(AF_INET or AF_INET6, ip.bytes, ...) makes a text of it. Equal addresses are equal
 * bytes. ::ffff:10.0.0.7 is of version 6, and not equal to 10.0.0.7. */
typedef struct cmr_ip {
    uint8_t version;   /* 4 or 6 */
    uint8_t bytes[16]; /* of version 4 the first four; the others are 0 */
} cmr_ip;

typedef struct cmr_cidr {
    cmr_ip ip;      /* as it is written: the bits behind the prefix need not be 0 */
    uint8_t prefix; /* the prefix's length in bits: 0 to 32, or to 128 */
} cmr_cidr;

/* A value, and where it stands. Asked for as CMR_TYPE_ANY its own type is
 *   in YAML, JSON  NULL, BOOL, INT64, UINT64 (over INT64_MAX), DOUBLE (ints over both too), STRING,
 *                  MAP or LIST;
 *   in properties  STRING; in INI and env too, where a section of INI is a MAP;
 *   a text file    STRING, or BYTES when it is not UTF-8 or holds a NUL byte;
 *   your own       what cmr_parser_scalar was told, MAP or LIST.
 * The pointers belong to the snapshot (or update) it came from. */
typedef struct cmr_value {
    cmr_type type;
    union {
        bool boolean;
        int64_t int64;
        uint64_t uint64;
        double number;       /* DOUBLE; PERCENT: 12.5 is 12.5% */
        int64_t duration_ns; /* DURATION */
        uint64_t size;       /* SIZE, in bytes */
        int enumeration;     /* ENUM: the table's value */
        cmr_log_level level; /* LOG_LEVEL */
        size_t count;        /* MAP, LIST: how many children */
        cmr_ip ip;           /* IP, IPV4, IPV6 */
        cmr_cidr cidr;       /* CIDR */
    } as;
    const char *text; /* the scalar as it is written, quotes and escapes resolved: STRING and BYTES */
    size_t length;    /* are this. A NUL follows, which length does not count. Of a LIST or MAP the text */
                      /* in which it is written, else "[]" or "{}" for an empty one, "" for another */
    const char *file; /* the file's name within the mount */
    unsigned line;    /* where the entry begins: the first character of its key, */
    unsigned column;  /* or, in a list, of the item */
    bool quoted;      /* in YAML and JSON: written in quotes, as a block, or tagged !!str; in a */
                      /* format of your own: told as STRING */
    bool secret;      /* of a secret mount: not to be shown */
} cmr_value;

/* Converts a text as if it were a value in a properties file: for options, arguments, environment
 * variables. table is for CMR_TYPE_ENUM, else NULL. ret_value->text borrows text; its file is "".
 * CMR_ERR_TYPE, CMR_ERR_RANGE; CMR_ERR_INVALID_ARGUMENT: ENUM without a table, MAP, LIST. */
CMR_API cmr_status cmr_value_parse(const char *text, cmr_type type, const cmr_enum_item *table,
                                   cmr_value *ret_value);

/* ------------------------------------------------------------------------------------------------
 * KEYS AND PATTERNS
 *
 *   key     = [ mount ":" ] file [ "#" path ]
 *   path    = segment { "." segment | "[" number "]" | "[" string "]" }
 *
 *   log_level                               a file that holds one value
 *   game.properties#enemies.cheat.level     an entry of a properties file
 *   app.yaml#server.listen[0].port          the items of a list count from 0
 *   app.yaml#annotations["prometheus.io/scrape"]
 *   tls:["odd name: 1"]                     a file of the mount that is called tls
 *
 * Without "mount:" the reloader's first mount is meant. A name that is empty, or holds white space,
 * a control character, a byte that is not UTF-8, or one of the characters  . [ ] # : * " and the
 * backslash, is written as a JSON string (RFC 8259) in brackets. A file's name may hold dots and
 * slashes as they are: nested items are "dir/file". A key has at most 256 segments, and its texts
 * in brackets at most 4 KiB. Any name of a file that is UTF-8 has a key, which leads back to it; a
 * generation with a file or folder whose name is not, or whose path within the mount has 4,096 bytes
 * or more, is rejected.
 *
 * A key without "#" names a whole file: of a text file (or a YAML or JSON file that is a single
 * scalar) the value, of any other file its bytes, as STRING or BYTES.
 *
 * A key of a properties or env file is one text, so that enemies.cheat may have a value and
 * enemies.cheat.level another. For patterns its dots (and [0]) divide it into segments all the
 * same: most files keep their keys when they move from properties to YAML or JSON.
 *
 *   pattern  = like a key, and   *    in a segment: any text (in a file's name: any but "/")
 *                                **   for segments: any number of them, none included
 *                                [*]  any item
 *   patterns = pattern { " " pattern }, matching what any of them matches
 *
 *   **                         everything in the first mount
 *   game.properties            everything in that file, as game.properties#** does
 *   ui.properties#color.*      color.good, not color.good.dark
 *   app.yaml#server.**         server, and everything below it
 *   *.yaml#*.timeout log_level two patterns
 *   *:**                       everything in all mounts
 *
 * A pattern need not match anything yet.
 */

/* CMR_ERR_INVALID_ARGUMENT with *ret_where (may be NULL) the offset of what is wrong, in bytes. */
CMR_API cmr_status cmr_key_check(const char *key, size_t *ret_where);
CMR_API cmr_status cmr_pattern_check(const char *patterns, size_t *ret_where);

/* ------------------------------------------------------------------------------------------------
 * READING A SNAPSHOT. A snapshot is one whole generation of each mount, and never changes.
 */

typedef struct cmr_snapshot cmr_snapshot;

/* Shares the snapshot, and returns it. */
CMR_API cmr_snapshot *cmr_snapshot_ref(cmr_snapshot *snapshot);
CMR_API void cmr_snapshot_unref(cmr_snapshot *snapshot);

/* Counts a reloader's publications: 1 for the first, and growing. 0: the empty snapshot before the
 * first load, and snapshots that come from no reloader. */
CMR_API uint64_t cmr_snapshot_generation(const cmr_snapshot *snapshot);

/* When it was loaded: seconds since the epoch (CLOCK_REALTIME). */
CMR_API int64_t cmr_snapshot_loaded_at(const cmr_snapshot *snapshot);

/* Typed reads. They allocate nothing, and find any key in constant time. Keys that are asked for again, best
 * by the same string, are remembered, and need not be parsed any more.
 *   CMR_ERR_NOT_FOUND         the key is absent
 *   CMR_ERR_TYPE, _RANGE      it is there, and not that: cmr_explain says it in words
 *   CMR_ERR_INVALID_ARGUMENT  the key is malformed, or ENUM has no table
 * cmr_get takes any type: CMR_TYPE_ANY for the value's own, MAP and LIST for their count (also when
 * they are written in one text; that a name stands twice there only cmr_map_new tells). A string
 * holds no NUL byte but the one at its end. Texts and bytes belong to the snapshot. */
CMR_API cmr_status cmr_get(const cmr_snapshot *snapshot, const char *key, cmr_type type,
                           const cmr_enum_item *table, cmr_value *ret_value);
CMR_API cmr_status cmr_get_bool(const cmr_snapshot *snapshot, const char *key, bool *ret_value);
CMR_API cmr_status cmr_get_int64(const cmr_snapshot *snapshot, const char *key, int64_t *ret_value);
CMR_API cmr_status cmr_get_uint64(const cmr_snapshot *snapshot, const char *key, uint64_t *ret_value);
CMR_API cmr_status cmr_get_double(const cmr_snapshot *snapshot, const char *key, double *ret_value);
CMR_API cmr_status cmr_get_string(const cmr_snapshot *snapshot, const char *key,
                                  const char **ret_value);
CMR_API cmr_status cmr_get_bytes(const cmr_snapshot *snapshot, const char *key,
                                 const void **ret_data, size_t *ret_size);
CMR_API cmr_status cmr_get_duration(const cmr_snapshot *snapshot, const char *key, int64_t *ret_ns);
CMR_API cmr_status cmr_get_size(const cmr_snapshot *snapshot, const char *key, uint64_t *ret_bytes);
CMR_API cmr_status cmr_get_enum(const cmr_snapshot *snapshot, const char *key,
                                const cmr_enum_item *table, int *ret_value);
CMR_API cmr_status cmr_get_log_level(const cmr_snapshot *snapshot, const char *key,
                                     cmr_log_level *ret_level);
CMR_API cmr_status cmr_get_percent(const cmr_snapshot *snapshot, const char *key, double *ret_percent);
CMR_API cmr_status cmr_get_ip(const cmr_snapshot *snapshot, const char *key, cmr_ip *ret_ip);
CMR_API cmr_status cmr_get_cidr(const cmr_snapshot *snapshot, const char *key, cmr_cidr *ret_cidr);

/* The same with a default in place of a status: whatever goes wrong, it comes back. Where a wrong
 * value must not pass, use the reads above, or a typed subscription. */
CMR_API bool cmr_get_bool_or(const cmr_snapshot *snapshot, const char *key, bool otherwise);
CMR_API int64_t cmr_get_int64_or(const cmr_snapshot *snapshot, const char *key, int64_t otherwise);
CMR_API uint64_t cmr_get_uint64_or(const cmr_snapshot *snapshot, const char *key, uint64_t otherwise);
CMR_API double cmr_get_double_or(const cmr_snapshot *snapshot, const char *key, double otherwise);
CMR_API const char *cmr_get_string_or(const cmr_snapshot *snapshot, const char *key,
                                      const char *otherwise);
CMR_API int64_t cmr_get_duration_or(const cmr_snapshot *snapshot, const char *key,
                                    int64_t otherwise_ns);
CMR_API uint64_t cmr_get_size_or(const cmr_snapshot *snapshot, const char *key,
                                 uint64_t otherwise_bytes);
CMR_API int cmr_get_enum_or(const cmr_snapshot *snapshot, const char *key,
                            const cmr_enum_item *table, int otherwise);
CMR_API cmr_log_level cmr_get_log_level_or(const cmr_snapshot *snapshot, const char *key,
                                           cmr_log_level otherwise);
CMR_API double cmr_get_percent_or(const cmr_snapshot *snapshot, const char *key, double otherwise);

/* Why cmr_get with these arguments fails, for a person to read:
 *     app.yaml:3:3: app.yaml#server.port: wanted int64, found the string "80a"
 *     app.yaml#sevrer.port: there is no such key; did you mean app.yaml#server.port?
 * Writes at most size bytes with the NUL and returns the length of the whole text, as snprintf
 * does. 0 and "" when the read succeeds. */
CMR_API size_t cmr_explain(const cmr_snapshot *snapshot, const char *key, cmr_type type,
                           const cmr_enum_item *table, char *buffer, size_t size);

/* A list with all its items as `item`: ANY, for each its own, or any type but NULL, MAP and LIST. The
 * first item that does not convert fails it, and so does, unless item is ANY, one that is a map or list
 * itself. It holds a reference to the snapshot; any thread may read it.
 * CMR_ERR_NOT_FOUND, CMR_ERR_TYPE, CMR_ERR_RANGE, CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
typedef struct cmr_list cmr_list;
CMR_API cmr_status cmr_list_new(cmr_snapshot *snapshot, const char *key, cmr_type item,
                                const cmr_enum_item *table, cmr_list **ret_list);
CMR_API size_t cmr_list_count(const cmr_list *list);
CMR_API const cmr_value *cmr_list_get(const cmr_list *list, size_t index); /* NULL past the end */
CMR_API void cmr_list_free(cmr_list *list);

/* A map, likewise, in the order of the file. A name that holds a NUL byte is CMR_ERR_TYPE. */
typedef struct cmr_map cmr_map;
CMR_API cmr_status cmr_map_new(cmr_snapshot *snapshot, const char *key, cmr_type item,
                               const cmr_enum_item *table, cmr_map **ret_map);
CMR_API size_t cmr_map_count(const cmr_map *map);
CMR_API const char *cmr_map_name(const cmr_map *map, size_t index);     /* NULL past the end */
CMR_API const cmr_value *cmr_map_get(const cmr_map *map, size_t index); /* NULL past the end */
CMR_API const cmr_value *cmr_map_find(const cmr_map *map, const char *name); /* NULL: no such name */
CMR_API void cmr_map_free(cmr_map *map);

/* Why cmr_list_new (type LIST) or cmr_map_new (MAP) fails, as cmr_explain does:
 *     app.yaml:5:5: app.yaml#ports[1]: wanted int64, found the string "80a"
 *     p.properties:2:1: p.properties#ports: item [1]: wanted int64, found the string "80a" */
CMR_API size_t cmr_explain_items(const cmr_snapshot *snapshot, const char *key, cmr_type type,
                                 cmr_type item, const cmr_enum_item *table, char *buffer, size_t size);

/* ------------------------------------------------------------------------------------------------
 * SCHEMAS: a table of fields, by which a struct of yours is filled from a snapshot.
 *
 *     struct upstream { const char *host; uint16_t port; };
 *     struct server {
 *         int backlog;
 *         int64_t timeout;
 *         cmr_log_level level;
 *         const struct upstream *upstreams;
 *         size_t upstream_count;
 *     };
 *
 *     static const cmr_field upstream_fields[] = {
 *         CMR_FIELD_STRING(struct upstream, host, "host", .required = true),
 *         CMR_FIELD_INT(struct upstream, port, "port", .otherwise = "80", .minimum = "1"),
 *         CMR_FIELD_END,
 *     };
 *     static const cmr_field server_fields[] = {
 *         CMR_FIELD_INT(struct server, backlog, "backlog", .otherwise = "128", .maximum = "4096"),
 *         CMR_FIELD_DURATION(struct server, timeout, "timeout", .otherwise = "30s",
 *                            .text = "when nothing is sent"),
 *         CMR_FIELD_LOG_LEVEL(struct server, level, "log_level", .otherwise = "info"),
 *         CMR_FIELD_STRUCTS(struct server, upstreams, upstream_count, "upstreams", struct upstream,
 *                           upstream_fields, .most = 64),
 *         CMR_FIELD_END,
 *     };
 *     static const cmr_schema server_schema =
 *         CMR_SCHEMA(struct server, server_fields, .unknown = CMR_UNKNOWN_WARN, .text = "The server.");
 *
 *     status = cmr_record_new(snapshot, "app.yaml#server", &server_schema, &report, &record);
 *     const struct server *server = cmr_record_get(record);
 *
 * A struct is filled whole or not at all, and does not change: host and port never mix. The key of a schema
 * names the map that the struct stands for: "app.yaml" all of a file, "app.yaml#server" what is below; with
 * "" each field's key is a whole one, such as "log_level" or "app.yaml#server.port". A mount may stand
 * before either. What the key names need not be there: everything is absent then.
 *
 * In a properties or env file, which knows no maps, a struct is the keys that begin with its own and a dot:
 * limits.memory; and a list of structs servers[0].name, servers[1].name, without a gap. In INI a map is a
 * section. An empty YAML file is a map that holds nothing. null is a value, and of no field's type.
 *
 * A schema, its tables and texts are yours. They must live as long as what was given the schema; records
 * need none of them. A schema that makes no sense is CMR_ERR_INVALID_ARGUMENT, and the report says why.
 */

typedef struct cmr_field cmr_field;

typedef enum cmr_field_kind {
    CMR_FIELD_KIND_END = 0,     /* ends a table */
    CMR_FIELD_KIND_SCALAR = 1,  /* one value */
    CMR_FIELD_KIND_LIST = 2,    /* a pointer to values, and how many: "a, b, c" where a format has no lists */
    CMR_FIELD_KIND_STRUCT = 3,  /* a struct inside of the struct, for a map */
    CMR_FIELD_KIND_STRUCTS = 4, /* a pointer to structs, and how many, for a list of maps */
} cmr_field_kind;

struct cmr_field {
    /* The macros below set these. */
    cmr_field_kind kind;
    cmr_type type;           /* of a SCALAR, or of a LIST's items: BOOL, INT64 (a signed integer of any */
                             /* size), UINT64 (likewise), DOUBLE, STRING, DURATION, SIZE, ENUM, LOG_LEVEL, */
                             /* PERCENT, IP, CIDR; else ANY */
    const char *key;         /* a path of names below the schema's key: "timeout", "limits.memory" */
    size_t struct_size;      /* of the struct that has the member */
    size_t offset;           /* of the member */
    size_t width;            /* of the member, or of an item. An integer's is a bound: 70000 does not fit */
                             /* a uint16_t */
    size_t count_offset;     /* LIST, STRUCTS: of the size_t member */
    const cmr_field *fields; /* STRUCT, STRUCTS */

    /* You set these, as .name = value at a macro's end. */
    const cmr_enum_item *table; /* ENUM: its names */
    const char *otherwise;      /* the value of an absent SCALAR or LIST, written as in a properties file: */
                                /* "10s", "a, b". Default: 0, false, NULL, no items */
    const char *minimum;        /* bounds of each value, written likewise: of an integer, DOUBLE, DURATION, */
    const char *maximum;        /* SIZE or PERCENT the value itself, of a STRING its length in bytes; of a */
                                /* LIST each item's */
    size_t least;               /* LIST, STRUCTS: bounds of the number of items, if there is a list */
    size_t most;
    bool required;              /* it must be there, unless the STRUCT that it is in is absent itself */
    bool restart;               /* takes effect at a restart only: while it runs it stays as it was first */
                                /* filled, and a change is told. Of a STRUCT, all in it; not for STRUCTS, */
                                /* nor in them */
    const char *text;           /* for the reference: one line */
};

/* What becomes of a key that is there and no field's. Of a schema with the key "" only STRUCT and STRUCTS
 * know all that they hold. */
typedef enum cmr_unknown_keys {
    CMR_UNKNOWN_IGNORE = 0,
    CMR_UNKNOWN_WARN = 1,   /* it is told, with what was probably meant */
    CMR_UNKNOWN_REFUSE = 2, /* it is an error */
} cmr_unknown_keys;

typedef struct cmr_schema {
    size_t size;             /* CMR_SCHEMA sets this one, */
    size_t field_size;       /* this one: from field to field in all tables, so that cmr_field can grow, */
    size_t struct_size;      /* this one, */
    const cmr_field *fields; /* and this one */
    cmr_unknown_keys unknown;
    const char *name; /* for the reference: its title; NULL: the key */
    const char *text; /* and what it says below; NULL: nothing */
} cmr_schema;

/* A schema and its fields, for C. (C++ has neither _Generic nor these initialisers, and fills the structs by
 * hand.) A member that is not there, or not of the field's C type, does not compile: gcc and clang say of
 * your line that a _Generic selector is compatible with no association. Neither char * nor an array of char
 * is a const char *.
 *
 *   CMR_FIELD_BOOL       bool               CMR_FIELD_ENUM       int, or an enum; needs .table
 *   CMR_FIELD_INT        any integer        CMR_FIELD_LOG_LEVEL  int, or cmr_log_level
 *   CMR_FIELD_DOUBLE     double             CMR_FIELD_PERCENT    double: 12.5 is 12.5%
 *   CMR_FIELD_STRING     const char *       CMR_FIELD_IP         cmr_ip
 *   CMR_FIELD_DURATION   int64_t, ns        CMR_FIELD_CIDR       cmr_cidr
 *   CMR_FIELD_SIZE       uint64_t, bytes
 *
 *   CMR_FIELD_LIST(type, items, count, key, ITEM)      ITEM is BOOL, INT, ... or CIDR; items is a pointer to
 *                                                      that, const or not, and count a size_t
 *   CMR_FIELD_STRUCT(type, member, key, fields)
 *   CMR_FIELD_STRUCTS(type, items, count, key, item type, fields)
 *   CMR_FIELD_END                                      ends each table */
#ifndef __cplusplus
#define CMR_SCHEMA(type, ...)                                                                                \
    {                                                                                                        \
        .size = sizeof(cmr_schema), .field_size = sizeof(cmr_field), .struct_size = sizeof(type),            \
        .fields = __VA_ARGS__                                                                                \
    }

#define CMR_FIELD_BOOL(type, member, ...) CMR_FIELD_SCALAR_(BOOL, type, member, __VA_ARGS__)
#define CMR_FIELD_INT(type, member, ...) CMR_FIELD_SCALAR_(INT, type, member, __VA_ARGS__)
#define CMR_FIELD_DOUBLE(type, member, ...) CMR_FIELD_SCALAR_(DOUBLE, type, member, __VA_ARGS__)
#define CMR_FIELD_STRING(type, member, ...) CMR_FIELD_SCALAR_(STRING, type, member, __VA_ARGS__)
#define CMR_FIELD_DURATION(type, member, ...) CMR_FIELD_SCALAR_(DURATION, type, member, __VA_ARGS__)
#define CMR_FIELD_SIZE(type, member, ...) CMR_FIELD_SCALAR_(SIZE, type, member, __VA_ARGS__)
#define CMR_FIELD_ENUM(type, member, ...) CMR_FIELD_SCALAR_(ENUM, type, member, __VA_ARGS__)
#define CMR_FIELD_LOG_LEVEL(type, member, ...) CMR_FIELD_SCALAR_(LOG_LEVEL, type, member, __VA_ARGS__)
#define CMR_FIELD_PERCENT(type, member, ...) CMR_FIELD_SCALAR_(PERCENT, type, member, __VA_ARGS__)
#define CMR_FIELD_IP(type, member, ...) CMR_FIELD_SCALAR_(IP, type, member, __VA_ARGS__)
#define CMR_FIELD_CIDR(type, member, ...) CMR_FIELD_SCALAR_(CIDR, type, member, __VA_ARGS__)

#define CMR_FIELD_LIST(type, member, count, key_, ...)                                                       \
    CMR_FIELD_LIST_(type, member, count, key_, __VA_ARGS__, .kind = CMR_FIELD_KIND_LIST)

#define CMR_FIELD_STRUCT(type, member, key_, ...)                                                            \
    {                                                                                                        \
        .kind = CMR_FIELD_KIND_STRUCT, CMR_MEMBER_(type, member), .width = sizeof(((type *)0)->member),      \
        .key = (key_), .fields = __VA_ARGS__                                                                 \
    }

#define CMR_FIELD_STRUCTS(type, member, count, key_, item, ...)                                              \
    {                                                                                                        \
        .kind = CMR_FIELD_KIND_STRUCTS, CMR_MEMBER_(type, member), CMR_COUNT_(type, count),                  \
        .width = _Generic(&((type *)0)->member, item **: sizeof(item), item const **: sizeof(item)),         \
        .key = (key_), .fields = __VA_ARGS__                                                                 \
    }

#define CMR_FIELD_END                                                                                        \
    {                                                                                                        \
        .kind = CMR_FIELD_KIND_END                                                                           \
    }

/* What those are made of. A member's C type is told by its address, of which nothing is promoted and no array
 * decays. There is no default, so that other types do not compile. */
#define CMR_MEMBER_(type, member) .struct_size = sizeof(type), .offset = offsetof(type, member)
#define CMR_COUNT_(type, count) .count_offset = _Generic(&((type *)0)->count, size_t *: offsetof(type, count))

#define CMR_FIELD_SCALAR_(name, type_, member, ...)                                                          \
    {                                                                                                        \
        .kind = CMR_FIELD_KIND_SCALAR, CMR_MEMBER_(type_, member), .width = sizeof(((type_ *)0)->member),    \
        .type = _Generic(&((type_ *)0)->member, CMR_C_##name##_(, *)), .key = __VA_ARGS__                    \
    }

#define CMR_FIELD_LIST_(type_, member, count, key_, name, ...)                                               \
    {                                                                                                        \
        CMR_MEMBER_(type_, member), CMR_COUNT_(type_, count), .width = sizeof(*((type_ *)0)->member),        \
        .type = _Generic(&((type_ *)0)->member, CMR_C_##name##_(, **), CMR_C_##name##_(const, **)),          \
        .key = (key_), __VA_ARGS__                                                                           \
    }

/* q: what qualifies the value; p: the stars of the pointer to it. */
#define CMR_C_BOOL_(q, p) bool q p : CMR_TYPE_BOOL
#define CMR_C_INT_(q, p)                                                                                     \
    signed char q p : CMR_TYPE_INT64, short q p : CMR_TYPE_INT64, int q p : CMR_TYPE_INT64,                  \
    long q p : CMR_TYPE_INT64, long long q p : CMR_TYPE_INT64, unsigned char q p : CMR_TYPE_UINT64,          \
    unsigned short q p : CMR_TYPE_UINT64, unsigned q p : CMR_TYPE_UINT64,                                    \
    unsigned long q p : CMR_TYPE_UINT64, unsigned long long q p : CMR_TYPE_UINT64
#define CMR_C_DOUBLE_(q, p) double q p : CMR_TYPE_DOUBLE
#define CMR_C_STRING_(q, p) const char *q p : CMR_TYPE_STRING
#define CMR_C_DURATION_(q, p) int64_t q p : CMR_TYPE_DURATION
#define CMR_C_SIZE_(q, p) uint64_t q p : CMR_TYPE_SIZE
#define CMR_C_ENUM_(q, p) int q p : CMR_TYPE_ENUM, unsigned q p : CMR_TYPE_ENUM
#define CMR_C_LOG_LEVEL_(q, p) int q p : CMR_TYPE_LOG_LEVEL, cmr_log_level q p : CMR_TYPE_LOG_LEVEL
#define CMR_C_PERCENT_(q, p) double q p : CMR_TYPE_PERCENT
#define CMR_C_IP_(q, p) cmr_ip q p : CMR_TYPE_IP
#define CMR_C_CIDR_(q, p) cmr_cidr q p : CMR_TYPE_CIDR
#endif

/* Whether a schema makes sense with that key, which all that is given one looks at too. If not,
 * CMR_ERR_INVALID_ARGUMENT, and *ret_report (may be NULL) holds all that is wrong with it, for you to
 * free; else that is NULL. CMR_ERR_NO_MEMORY. */
CMR_API cmr_status cmr_schema_check(const cmr_schema *schema, const char *key, cmr_report **ret_report);

/* The schema as a page of Markdown for people, and as JSON Schema 2020-12 for editors and for
 * `cmreload check --schema`. One schema gives the same text each time. *ret_text is malloc'ed: yours to
 * free(). Where JSON Schema has no word, keywords x-cmreload-... have one: see docs/schemas.md.
 * CMR_ERR_INVALID_ARGUMENT, as cmr_schema_check says; CMR_ERR_NO_MEMORY. */
CMR_API cmr_status cmr_schema_markdown(const cmr_schema *schema, const char *key, char **ret_text);
CMR_API cmr_status cmr_schema_json(const cmr_schema *schema, const char *key, char **ret_text);

/* A struct that is filled, and all that it points at: one block of memory, aligned as malloc does, that
 * needs the snapshot no more. Any thread may read it. */
typedef struct cmr_record cmr_record;

/* Fills one. *ret_report (may be NULL) is for you to free, and says
 *   CMR_OK                    what is no error, if there is anything (unknown keys), else it is NULL
 *   CMR_ERR_REJECTED          all that does not fit
 *   CMR_ERR_INVALID_ARGUMENT  what is wrong with the schema, if it is that
 *   CMR_ERR_NO_MEMORY         nothing: it is NULL */
CMR_API cmr_status cmr_record_new(const cmr_snapshot *snapshot, const char *key, const cmr_schema *schema,
                                  cmr_report **ret_report, cmr_record **ret_record);

/* The struct; it is the record's. */
CMR_API const void *cmr_record_get(const cmr_record *record);
CMR_API void cmr_record_free(cmr_record *record);

/* ------------------------------------------------------------------------------------------------
 * FORMATS OF YOUR OWN. A program reads what the library does not: a function of it tells what a file
 * holds. Keys, types, limits, subscriptions and reports are then as for all other files.
 *
 *     static cmr_status parse_hosts(void *user, cmr_parser *parser, const char *data, size_t size)
 *     {
 *         const char *end = data + size;
 *         (void)user;
 *         for (size_t length; data < end; data += length + 1) { // NAME ADDRESS
 *             size_t name = strcspn(data, " \n");
 *             length = strcspn(data, "\n");
 *             if (name == length)
 *                 cmr_parser_error(parser, cmr_parser_place(parser, data + name), "no address");
 *             else
 *                 cmr_parser_scalar(parser, data, name, CMR_TYPE_ANY, data + name + 1,
 *                                   length - name - 1, cmr_parser_place(parser, data));
 *         }
 *         return CMR_OK;
 *     }
 *
 *     cmr_format hosts = CMR_FORMAT_INIT;
 *     const cmr_format *own[] = { &hosts, NULL };
 *     const cmr_format_rule rules[] = { { "*.hosts", "hosts" }, { NULL, NULL } };
 *     hosts.name = "hosts";
 *     hosts.parse = parse_hosts;
 *     mount.own_formats = own; // a cmr_mount_options
 *     mount.formats = rules;
 *
 * A file is a map. Its entries are told as they are; the map around them needs no begin and no end.
 * Two entries of one name in one map are an error that names both lines. Nothing is registered but
 * for the mount whose options name it. examples/nginx_conf.c is a whole one.
 */

typedef struct cmr_parser cmr_parser; /* a file that is being parsed: only during the call */

/* Tells what the file holds and returns CMR_OK. What is wrong with it goes to cmr_parser_error, as much
 * as can be told; then what is returned does not matter, nor what is left without its end. Any other
 * status refuses the file too, but for CMR_ERR_NO_MEMORY and CMR_ERR_SYSTEM (with errno), by which the
 * read fails and is tried again.
 *
 * data is any bytes, with a NUL at data[size]; the library has only looked at their number.
 *
 * Runs inside a dispatch, wait or load, or the call that makes a snapshot, on whatever thread that is, or,
 * with options.background, on the library's: for one reloader one at a time, for several perhaps at once. It
 * must not call into a reloader, nor leave by longjmp or an exception; and what it tells must follow from the
 * bytes alone, since a file whose bytes are those of the last generation is not parsed again. */
typedef cmr_status cmr_parse_fn(void *user, cmr_parser *parser, const char *data, size_t size);

/* Copied with its name. The function, and what user points at, must live as long as the reloader, or
 * until the call that makes a snapshot is back; snapshots need neither. */
typedef struct cmr_format {
    size_t size;
    const char *name;    /* for rules and messages: up to 64 letters, digits, - and _; no name above */
    cmr_parse_fn *parse;
    void *user;          /* handed to parse */
} cmr_format;

#define CMR_FORMAT_INIT CMR_SIZED_INIT(cmr_format)

/* Lines and columns count from 1, as always, and neither is 0 but in an error: that one is about the
 * file as a whole. */
typedef struct cmr_place {
    unsigned line;
    unsigned column;
} cmr_place;

/* The place that a pointer into data, or to its end, points at. A line ends with "\n", a byte order
 * mark takes no column. 0, 0 for other pointers. May be asked in any order. */
CMR_API cmr_place cmr_parser_place(cmr_parser *parser, const char *at);

/* Each of these returns CMR_OK, or why the file is over: then they do nothing any more but return that,
 * so that it is enough to look now and then.
 *   CMR_ERR_LIMIT             one of cmr_limits, a name of more than 65,535 bytes, texts of 4 GiB
 *   CMR_ERR_NO_MEMORY
 *   CMR_ERR_INVALID_ARGUMENT  the function is wrong, not the file; a diagnostic of that status says how:
 *                             no name in a map, or one in a list; an end without a beginning or, when it
 *                             returns, the other way round; no place; a text that is not of its type
 * Names and texts need not outlive the call. A name may be empty. One that is not UTF-8 or holds a NUL
 * byte is the file's fault: it is told as cmr_parser_error does. */

/* What is told next goes into a map, or list, until its end. An item of a list has the name NULL, 0. */
CMR_API cmr_status cmr_parser_begin_map(cmr_parser *parser, const char *name, size_t name_length,
                                        cmr_place place);
CMR_API cmr_status cmr_parser_begin_list(cmr_parser *parser, const char *name, size_t name_length,
                                         cmr_place place);
CMR_API cmr_status cmr_parser_end(cmr_parser *parser);

/* A text, and what it is:
 *   CMR_TYPE_ANY      whatever it reads as, as in properties
 *   CMR_TYPE_STRING   a string, as in quotes in YAML: "8080" is no int
 *   CMR_TYPE_NULL, _BOOL, _INT64 (any int), _DOUBLE   one of YAML's core schema, and must read as that
 *   CMR_TYPE_BYTES    bytes; so are ANY and STRING when they are not UTF-8 or hold a NUL byte */
CMR_API cmr_status cmr_parser_scalar(cmr_parser *parser, const char *name, size_t name_length,
                                     cmr_type type, const char *text, size_t length, cmr_place place);

/* Something is wrong with the file, which is refused. Goes on: there may be more. Of a message, 1,023
 * bytes are kept; what is not UTF-8 and control characters become U+FFFD. */
CMR_API cmr_status cmr_parser_error(cmr_parser *parser, cmr_place place, const char *format, ...)
    CMR_PRINTF(3, 4);

/* ------------------------------------------------------------------------------------------------
 * OPTIONS OF A MOUNT
 */

/* A generation over a limit is rejected, with a diagnostic that names it. */
typedef struct cmr_limits {
    uint64_t file_size;       /* bytes of a file, at most 1 GiB. Default: 1 MiB */
    uint64_t generation_size; /* bytes of all files. Default: 8 MiB */
    uint32_t files;           /* and so many folders; of all entries that are listed, ignored ones too, */
                              /* four times as many and 65,536 more. Default: 4,096 */
    uint32_t depth;           /* levels of folders, and of containers in a file, at most 250. Default: 64 */
    uint32_t entries;         /* entries of a file, aliases expanded, INI sections as often as they are */
                              /* begun, at most 67,108,863. Default: 200,000 */
} cmr_limits;

/* Files whose name the glob matches have the format: "properties", "yaml", "json", "ini", "env",
 * "text", "bytes", or one of your own. In a glob * is any text without "/", ** any text, ? one
 * character but "/". The first rule that matches decides; then the name's ending. */
typedef struct cmr_format_rule {
    const char *glob;
    const char *format;
} cmr_format_rule;

/* What a mount is.
 *   VOLUME     a ConfigMap volume (or Secret, or projected one): a directory with a ..data link, which
 *              the kubelet swaps. Each read is one whole generation.
 *   DIRECTORY  a plain directory, as on a developer's machine. It is read when it has been quiet for
 *              settle_ms, and compared by content, so that an editor's saving is one change. Nothing
 *              makes several files change at one moment: write a new file and rename it over the
 *              old one, or follow a volume (`cmreload apply` makes one anywhere). Folders below it are
 *              followed; links are, too, but a change behind one is seen at the next event or
 *              safety check only.
 *   FILE       a single file, alone, in either of the two. It has its name as in its directory, and
 *              is followed through that, so that it may be renamed over.
 * AUTO takes what is there. An empty directory is waited for then: it may be a volume to be. What
 * has been a volume is never taken for a plain directory again.
 *
 * A file that gives fewer bytes than its size says was cut while it was read, and is read anew; those of
 * /proc and /sys, whose sizes mean nothing, cannot be followed. */
typedef enum cmr_mount_kind {
    CMR_KIND_AUTO = 0,
    CMR_KIND_VOLUME = 1,
    CMR_KIND_DIRECTORY = 2,
    CMR_KIND_FILE = 3,
} cmr_mount_kind;

/* "auto", "volume", "directory", "file"; "?" for other numbers. Static. */
CMR_API const char *cmr_mount_kind_name(cmr_mount_kind kind);

typedef struct cmr_mount_options {
    size_t size;
    const char *name;               /* for keys and messages. Default: the path's last component */
    const cmr_format_rule *formats; /* ends with a NULL glob. Default: none, names' endings decide */
    cmr_limits limits;
    int64_t check_interval_ms; /* the safety check: how often to look at the mount even if no event comes; */
                               /* negative: never. Default: 60,000 */
    cmr_mount_kind kind;       /* follow only what is of that kind. Default: whatever is there */
    int64_t settle_ms;         /* read when no event has come for so long, at the latest 20 times so long */
                               /* after the first; negative: at once. Default: 100 in plain directories, */
                               /* at once in volumes */
    const char *const *ignore; /* globs of files and folders to leave out, matched against the name or, */
                               /* with a "/" in them, the whole path; ends with NULL. Default: in plain */
                               /* directories .* *~ #*# 4913 *.swp *.tmp lost+found, in volumes none */
    bool keep_bad_files;       /* a file that its format refuses keeps its last good contents, and the */
                               /* others are applied. Default: it rejects the generation. (So it does, */
                               /* either way, if it never was good, and so does a value that does not */
                               /* convert.) */
    const cmr_format *const *own_formats; /* formats of your own; ends with NULL */
    bool secret;                          /* treat its contents as secret, see SECRETS */
    bool leaky_formats;                   /* of a secret mount: read files of all formats, see SECRETS */
    bool optional; /* while nothing is there (ABSENT, UNWRITTEN) it counts as an empty mount, and the first */
                   /* publication does not wait for it. It is WAITING still; when it comes, its keys are */
                   /* added. What is there and cannot be read, or is bad, is waited for as ever, and what */
                   /* was there and is gone is DEAD. Not for cmr_snapshot_read */
} cmr_mount_options;

#define CMR_MOUNT_OPTIONS_INIT CMR_SIZED_INIT(cmr_mount_options)

/* SECRETS. The contents of a secret mount (a Secret's volume, say) lie in memory that is locked (not
 * swapped), left out of core dumps, and wiped when the last snapshot that holds them is released; so do
 * lists, maps and structs that are made of them. No diagnostic, log line or cmr_explain quotes them: they
 * say where, and what was wanted. The mount has no content hash; the target of a secret plain directory
 * tells only whether it is the same as before, in this process. Names of files and keys are not secret.
 *
 * Read are the formats properties, json, env, text and bytes. Others are refused, since parsing them leaves
 * copies in memory that is freed but not wiped: libyaml's and iniparser's, and what formats of your own do.
 * leaky_formats reads them all the same.
 *
 * Memory is locked as far as RLIMIT_MEMLOCK lets it be: what is over that may be swapped, which the log and
 * cmr_mount_status say. A forked child has no locks before cmr_reloader_after_fork, which locks the files'
 * contents again; lists, maps and structs that were made of them before the fork stay without.
 * Callbacks and reads get the values themselves, and what you copy is yours to wipe. */

/* ------------------------------------------------------------------------------------------------
 * THE RELOADER
 */

typedef struct cmr_reloader cmr_reloader;

/* What to start with when cmr_reloader_load would fail, since what is mounted is bad, cannot be read, or
 * is not there within its timeout.
 *   REFUSE                 with nothing: the load fails, and says why
 *   LAST_GOOD              each mount that is not good with what state_dir has of it
 *   DEFAULTS               each mount that is not good as if it were empty
 *   LAST_GOOD_OR_DEFAULTS  as LAST_GOOD, and what cannot be had so as DEFAULTS
 * What it comes to is published as generation 1 as if it had been loaded: the mount's format rules and
 * limits apply, and typed subscriptions, bindings, schemas and validators may refuse it. (If the saved
 * generations of the mounts that are not good do not go with the others, all are taken from what is
 * saved.) Then the load returns CMR_OK, and the log, the READY event and status say where it came
 * from. If that fails too, the load fails as without a policy. The bad generation was told as REJECTED
 * all the same; a good one that comes replaces what was started with. After a first load that failed,
 * and before one, wait and dispatch do not start so. */
typedef enum cmr_boot {
    CMR_BOOT_REFUSE = 0,
    CMR_BOOT_LAST_GOOD = 1, /* wants a state_dir */
    CMR_BOOT_DEFAULTS = 2,
    CMR_BOOT_LAST_GOOD_OR_DEFAULTS = 3, /* wants a state_dir */
} cmr_boot;

typedef enum cmr_boot_source {
    CMR_BOOTED_MOUNT = 0,
    CMR_BOOTED_LAST_GOOD = 1,
    CMR_BOOTED_DEFAULTS = 2,
} cmr_boot_source;

/* "mount", "last_good", "defaults"; "?" for other numbers. Static. */
CMR_API const char *cmr_boot_source_name(cmr_boot_source source);

/* SAVING. With options.state_dir each mount's published generation is saved there (raw files, those that
 * were kept with keep_bad_files as they were when they were good), in a folder with the mount's name,
 * where characters other than letters, digits, '-', '_' and '.' are %XX. It is written as a ConfigMap
 * volume, so that `cmreload dump` and all others read it; the name of its generation's directory ends
 * with the content hash, by which damage is noticed. Modes are 0700 and 0600. The directory should be
 * this program's alone, on a disk that outlives the process (an emptyDir outlives a container, not the
 * pod). Several processes may share it; the last to publish is what is saved.
 *
 * Power may fail at any moment: what is there then is the old generation or the new one, whole. For that
 * each file and directory is synced, after the callbacks, in dispatch, or with options.background on the
 * thread (in load always in load): on the disk that it was measured on 5 ms for a generation of one file,
 * and 1 ms for each further one, now and then five times that; more on a slow or busy disk. What cannot
 * be saved fails no reload: the log tells once, status counts, and it is tried again, after 100 ms and up
 * to 60 s. What is not saved yet when the reloader is freed is not saved.
 *
 * A secret mount is never saved, and so has no last good generation to start with. (What was saved of
 * a mount before it was made secret stays until you remove it.) */

typedef struct cmr_options {
    size_t size;
    cmr_log_fn *log;                /* gets the library's messages. Default: they go nowhere */
    void *log_user;                 /* handed to log */
    const cmr_mount_options *mount; /* options of the mount that cmr_open adds. Default: each its default */
    bool background;                /* read and parse on a thread of the library's. Default: in dispatch */
    const char *state_dir;          /* where each mount's last good generation is saved: see SAVING; */
                                    /* created if missing, its parents not; copied. Default: nowhere */
    cmr_boot boot;                  /* when the first load comes to nothing. Default: REFUSE */
} cmr_options;

#define CMR_OPTIONS_INIT CMR_SIZED_INIT(cmr_options)

/* Follows what is mounted at path (see cmr_mount_kind), which need not be there yet. Nothing is loaded
 * before the first cmr_reloader_load, _wait or _dispatch. options may be NULL.
 *
 * With options->background a large file never stalls your event loop: what is read and parsed after
 * the first load is read and parsed on a thread, which makes fd readable when it is done. Checking,
 * publishing and callbacks stay in dispatch. The thread blocks all signals, runs nothing of yours but
 * formats of your own, and ends with the reloader, which for that may wait until a file is parsed,
 * or a generation saved. If it cannot be started, dispatch does the work.
 *
 * CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM (no descriptor left). */
CMR_API cmr_status cmr_open(const char *path, const cmr_options *options, cmr_reloader **ret_reloader);

/* Adds a mount, before the first load, wait or dispatch (CMR_ERR_BUSY after it). All mounts share one
 * inotify instance and one snapshot, which is first published when all of them are loaded, but for optional
 * ones that are not there; from then on each new generation of a mount is accepted, or rejected, for itself.
 * Errors as for cmr_open, and CMR_ERR_INVALID_ARGUMENT for a name that is taken. */
CMR_API cmr_status cmr_reloader_add_mount(cmr_reloader *reloader, const char *path,
                                          const cmr_mount_options *options);

/* In a forked child: makes the reloader the child's own. Mounts, all that was registered, the current
 * snapshot and a hold stay as they were at the fork; the next dispatch looks at all mounts, and what has
 * changed since is told here, as it is in the parent. fd keeps its number, but is another descriptor: add it
 * to the child's event loop. The thread of cmr_reloader_start is not there: start it again. Elsewhere it
 * does nothing.
 *   CMR_ERR_BUSY       at the fork another thread was in the middle of something (loading, publishing,
 *                      subscribing, ...), which is now half done for ever, or this is a callback: free
 *                      the reloader and open another. It cannot happen where the thread that forks is the
 *                      one that dispatches and subscribes, nor when the others only wait
 *   CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM (no descriptor left)   call it again later
 * What a thread was loading in the background stays allocated in the child, and those files open.
 * A child that was forked inside a callback should exec or exit there. */
CMR_API cmr_status cmr_reloader_after_fork(cmr_reloader *reloader);

/* Ends the reloader with all that was registered with it; what waits for its debounce is dropped. From
 * a callback it returns at once and takes effect when the callback does; from another thread it ends a
 * wait, and waits for a running callback. Snapshots that you hold stay valid. A destroy that it calls
 * may end what ends with the reloader (cmr_unbind, cmr_unfollow, ...), to no effect. In a forked child
 * it frees the child's copy alone, and calls each destroy there; where after_fork would answer
 * CMR_ERR_BUSY it only closes the descriptor. */
CMR_API void cmr_reloader_free(cmr_reloader *reloader);

/* The descriptor for your event loop; always the same, and not yours to read or close (-1 in a
 * forked child, until cmr_reloader_after_fork). It is readable when there is something to dispatch: at first,
 * since nothing is loaded yet; then events, debounces, retries, the safety check. It works under poll, select
 * and epoll, level- or edge-triggered. */
CMR_API int cmr_reloader_fd(const cmr_reloader *reloader);

/* Does all there is to do, blocking on nothing but the mount's file system: drains events, loads a
 * changed generation, publishes it, calls back. A generation that is bad, or cannot be read now, is
 * no error here: observers and the log are told. What is bad waits for the next generation, the
 * rest is tried again.
 *   CMR_OK          also when there was nothing to do
 *   CMR_ERR_BUSY    another thread is in dispatch, wait or load, or a callback called this
 *   CMR_ERR_CLOSED  a callback, or another thread, freed the reloader: it is gone */
CMR_API cmr_status cmr_reloader_dispatch(cmr_reloader *reloader);

/* Waits until there is something to do or timeout_ms is over, and dispatches: for programs without an event
 * loop. CMR_OK does not mean that anything has changed, which callbacks tell: a look at a mount, or a wake,
 * is something to do, too. As dispatch, and
 *   CMR_ERR_TIMEOUT      nothing happened in that time
 *   CMR_ERR_INTERRUPTED  a signal handler ran; look at your flags, and call again */
CMR_API cmr_status cmr_reloader_wait(cmr_reloader *reloader, int64_t timeout_ms);

/* Dispatches until the first generation is published, at most for timeout_ms: when it returns CMR_OK,
 * initial callbacks have run. Optional mounts that are not there are not waited for. Once loaded it returns
 * CMR_OK at once. After any failure but CLOSED you may call it again, or wait and dispatch, and the
 * configuration arrives when it can. With options.boot it may start with something else instead of failing.
 *   CMR_ERR_NOT_FOUND    there was nothing within that time: no volume, directory or file
 *   CMR_ERR_REJECTED     there is one, and it is bad (at once: waiting would not mend it)
 *   CMR_ERR_SYSTEM, CMR_ERR_NO_MEMORY   it could not be read within that time
 *   CMR_ERR_AGAIN        a validator asked for more time than that
 *   CMR_ERR_TIMEOUT      the reloader is held, or the volume was swapped at every try to read it
 *   CMR_ERR_INTERRUPTED, CMR_ERR_BUSY, CMR_ERR_CLOSED   as for wait */
CMR_API cmr_status cmr_reloader_load(cmr_reloader *reloader, int64_t timeout_ms);

/* Starts a thread that waits and dispatches until the reloader is freed: for programs that have neither
 * an event loop nor a thread to spare. All callbacks run on it, and it blocks all signals; your own
 * dispatch, wait and load return CMR_ERR_BUSY from then on, so load before. CMR_ERR_BUSY: it was started
 * already. CMR_ERR_SYSTEM, with errno: there is no thread to be had. */
CMR_API cmr_status cmr_reloader_start(cmr_reloader *reloader);

/* Makes fd readable, so that a wait returns: from a signal handler that set a flag, say, which
 * might otherwise run just before the wait begins. Async-signal-safe; keeps errno. */
CMR_API void cmr_reloader_wake(cmr_reloader *reloader);

/* Makes the next dispatch look at every mount, events or not, rejected before or not. Wakes.
 * Async-signal-safe; keeps errno: a SIGHUP handler may call it. */
CMR_API void cmr_reloader_check_now(cmr_reloader *reloader);

/* Freezes the configuration, as during an incident: nothing is loaded or delivered until release,
 * which brings the newest generation. Calls nest. */
CMR_API void cmr_reloader_hold(cmr_reloader *reloader);
CMR_API void cmr_reloader_release(cmr_reloader *reloader);

/* The current snapshot, with a reference that you unref. Never NULL. */
CMR_API cmr_snapshot *cmr_reloader_ref_snapshot(cmr_reloader *reloader);

/* ------------------------------------------------------------------------------------------------
 * SUBSCRIPTIONS
 */

typedef struct cmr_subscription cmr_subscription;
typedef struct cmr_update cmr_update;

typedef enum cmr_change_kind {
    CMR_ADDED = 1,
    CMR_MODIFIED = 2,
    CMR_REMOVED = 3,
} cmr_change_kind;

typedef struct cmr_change {
    cmr_change_kind kind;
    const char *mount;
    const char *key;            /* without the mount, in brackets only what needs them */
    const cmr_value *old_value; /* NULL when added */
    const cmr_value *new_value; /* NULL when removed */
} cmr_change;

/* Gets what has changed since this subscriber's last update. The update is valid during the call.
 * The callback may read, subscribe, unsubscribe (itself too) and free the reloader; it must not
 * longjmp out. */
typedef void cmr_update_fn(void *user, const cmr_update *update);

CMR_API size_t cmr_update_count(const cmr_update *update); /* at least 1 in a callback */
CMR_API const cmr_change *cmr_update_change(const cmr_update *update, size_t index); /* or NULL */

/* The snapshots that were compared, borrowed: ref what you keep. In an initial update `before` is
 * the empty one, of generation 0. */
CMR_API cmr_snapshot *cmr_update_before(const cmr_update *update);
CMR_API cmr_snapshot *cmr_update_after(const cmr_update *update);

typedef struct cmr_subscription_options {
    size_t size;
    cmr_type type;               /* what values are converted to. Default: ANY, each its own type */
    const cmr_enum_item *table;  /* for CMR_TYPE_ENUM, as type or item */
    int64_t debounce_ms;         /* wait until nothing that matches changed for so long. Default: no wait */
    int64_t max_wait_ms;         /* but no longer than so after the first change. Default: 10 * debounce_ms */
    bool initial;                /* call once at the start, with all that matches, as added */
    bool lenient;                /* accept a generation with a value that does not convert, see below. */
                                 /* Default: that rejects it */
    void (*destroy)(void *user); /* called once, when user will not be touched again */
    cmr_type item;               /* with the types LIST and MAP: what their items are, see below */
} cmr_subscription_options;

#define CMR_SUBSCRIPTION_OPTIONS_INIT CMR_SIZED_INIT(cmr_subscription_options)

/* Calls back when something that matches the patterns has another value than before. Subscribers
 * are called in the order in which they subscribed.
 *
 * What counts are values: comments, order and white space are no change; for a DURATION, neither is
 * "10s" to "10000ms"; nor what is back where it was when its debounce ends.
 *
 * The first generation is where everybody starts: it causes no call, but for `initial`. That call
 * comes from the first dispatch after the first load (or after subscribing, if that is later), is
 * not debounced, and is left out if nothing matches.
 *
 * A type is a condition: a generation in which something that matches does not convert is rejected.
 * (A key that is absent is no error.) With `lenient` the generation is accepted and the failure
 * logged; this subscriber stays at what it has been told until all that it matches converts again.
 * (Only what changes is looked at: a value that never converted keeps nobody from hearing of the
 * others.)
 *
 * Of the types LIST and MAP a list or map as a whole is what is compared and told: the patterns must be
 * keys without wildcards, each item must be of the type `item` (as for cmr_list_new), and the generation
 * is rejected where one is not. Items compare by value ("10s" and "10000ms" are equal durations), a
 * list's in their order, a map's by their names. as.count is how many there are; the callback reads them
 * by cmr_list_new or cmr_map_new from cmr_update_after(update) by the change's key (with its mount before
 * it, if that is not the first).
 *
 * options may be NULL, and so may ret_subscription: the subscription then lives as long as the
 * reloader. CMR_ERR_INVALID_ARGUMENT (also for the type NULL), CMR_ERR_NO_MEMORY;
 * CMR_ERR_TYPE or CMR_ERR_RANGE when the generation that is loaded already does not fit. destroy is
 * not called on failure. */
CMR_API cmr_status cmr_subscribe(cmr_reloader *reloader, const char *patterns, cmr_update_fn *callback,
                                 void *user, const cmr_subscription_options *options,
                                 cmr_subscription **ret_subscription);

/* Ends it. When it returns, the callback is not running and will not run again, and destroy was
 * called; it waits for that if need be, so never hold a lock that the callback takes. Called from
 * inside a callback, it does not wait: a callback that is running finishes, and then destroy is
 * called. */
CMR_API void cmr_unsubscribe(cmr_subscription *subscription);

/* ------------------------------------------------------------------------------------------------
 * BINDINGS: variables of yours that follow a key each, at the cost of an atomic load.
 *
 *     static CMR_ATOMIC(int) port;
 *     cmr_binding_options bounds = CMR_BINDING_OPTIONS_INIT;
 *     bounds.minimum = "1";
 *     bounds.maximum = "65535";
 *     cmr_bind_int(reloader, "app.yaml#server.port", &port, 8080, &bounds, NULL);
 *
 * Each stands for itself: of two variables that are read one after the other, one may be of a newer
 * generation. What must fit together is read from one snapshot.
 *
 * In C++ they are std::atomic, which has the representation of C's _Atomic.
 */

typedef struct cmr_binding cmr_binding;

typedef struct cmr_binding_options {
    size_t size;
    bool lenient;        /* accept a generation with a value that is not what is wanted: the variable */
                         /* keeps its last value (at first: `otherwise`), and the log says so. Default: */
                         /* that rejects the generation */
    bool required;       /* an absent key rejects the generation, also with `lenient`. Default: the */
                         /* variable becomes `otherwise` */
    const char *minimum; /* written as a value of that type: "1", "10s", "1Mi". Levels of logging are */
    const char *maximum; /* ordered by their number. Not for bool and enum */
    void (*destroy)(void *user); /* called once, when the variable will not be written any more */
    void *user;                  /* handed to destroy */
} cmr_binding_options;

#define CMR_BINDING_OPTIONS_INIT CMR_SIZED_INIT(cmr_binding_options)

/* The variable is set before the call returns: to the key's value, or to `otherwise` when the key is absent
 * or nothing is loaded yet. From then on each publication sets it, before the new snapshot can be seen.
 *
 * The type and the bounds are a condition, as a typed subscription's type is: a generation with another
 * value is rejected; the diagnostic has file, line, column and key, and says what was wanted and found. A
 * value that int does not hold is out of bounds.
 *
 * The variable must live until cmr_unbind is back, or the reloader is freed. options may be NULL, and so
 * may ret_binding: the binding then lives as long as the reloader. Any thread may read the variable at any
 * time; only the library writes to it.
 * CMR_ERR_INVALID_ARGUMENT (also for bounds that are no values of the type, or exclude everything),
 * CMR_ERR_NO_MEMORY; CMR_ERR_TYPE, CMR_ERR_RANGE or CMR_ERR_NOT_FOUND (required) when the generation that
 * is loaded already does not fit. destroy is not called on failure, and the variable is as it was. */
CMR_API cmr_status cmr_bind_bool(cmr_reloader *reloader, const char *key, CMR_ATOMIC(bool) *variable,
                                 bool otherwise, const cmr_binding_options *options,
                                 cmr_binding **ret_binding);
CMR_API cmr_status cmr_bind_int(cmr_reloader *reloader, const char *key, CMR_ATOMIC(int) *variable,
                                int otherwise, const cmr_binding_options *options,
                                cmr_binding **ret_binding);
CMR_API cmr_status cmr_bind_int64(cmr_reloader *reloader, const char *key,
                                  CMR_ATOMIC(int64_t) *variable, int64_t otherwise,
                                  const cmr_binding_options *options, cmr_binding **ret_binding);
CMR_API cmr_status cmr_bind_uint64(cmr_reloader *reloader, const char *key,
                                   CMR_ATOMIC(uint64_t) *variable, uint64_t otherwise,
                                   const cmr_binding_options *options, cmr_binding **ret_binding);
CMR_API cmr_status cmr_bind_double(cmr_reloader *reloader, const char *key,
                                   CMR_ATOMIC(double) *variable, double otherwise,
                                   const cmr_binding_options *options, cmr_binding **ret_binding);
CMR_API cmr_status cmr_bind_duration(cmr_reloader *reloader, const char *key,
                                     CMR_ATOMIC(int64_t) *variable_ns, int64_t otherwise_ns,
                                     const cmr_binding_options *options, cmr_binding **ret_binding);
CMR_API cmr_status cmr_bind_size(cmr_reloader *reloader, const char *key,
                                 CMR_ATOMIC(uint64_t) *variable_bytes, uint64_t otherwise_bytes,
                                 const cmr_binding_options *options, cmr_binding **ret_binding);
CMR_API cmr_status cmr_bind_enum(cmr_reloader *reloader, const char *key, const cmr_enum_item *table,
                                 CMR_ATOMIC(int) *variable, int otherwise,
                                 const cmr_binding_options *options, cmr_binding **ret_binding);

/* The variable is a cmr_log_level's number. */
CMR_API cmr_status cmr_bind_log_level(cmr_reloader *reloader, const char *key,
                                      CMR_ATOMIC(int) *variable, cmr_log_level otherwise,
                                      const cmr_binding_options *options, cmr_binding **ret_binding);

/* No variable, but what syslog() lets through: the level and what is graver, by
 * setlogmask(LOG_UPTO(level)). That mask is one for the whole process, whoever calls syslog; so follow
 * one key, and call setlogmask nowhere else. CMR_LOG_TRACE is as DEBUG. cmr_unbind leaves the mask as
 * it is. <cmreload/log4c.h> does the like for a category of log4c. */
CMR_API cmr_status cmr_follow_syslog_mask(cmr_reloader *reloader, const char *key, cmr_log_level otherwise,
                                          const cmr_binding_options *options, cmr_binding **ret_binding);

/* Ends it: when it returns the variable is not written any more, and destroy was called. */
CMR_API void cmr_unbind(cmr_binding *binding);

/* ------------------------------------------------------------------------------------------------
 * FOLLOWING BY A SCHEMA: each generation has a struct of yours, filled anew (see SCHEMAS).
 *
 *     cmr_follow(reloader, "app.yaml#server", &server_schema, NULL, &follower);
 *     ...
 *     const struct server *server = cmr_follower_get(follower, snapshot);
 *
 * The struct belongs to the snapshot, and lives as long as that does; so all that is read from one
 * snapshot, keys and structs, is of one generation. Where the file has not changed snapshots share it.
 */

typedef struct cmr_follower cmr_follower;

/* Every publication from now on fills a struct first; a generation that does not fit the schema is rejected,
 * with all that is wrong. Unknown keys that are only told, and what takes effect at a restart, are in the
 * report of READY and APPLIED (and the log): the latter in each generation of the file, until it is undone.
 *
 * If something is loaded already, its struct is filled at once: the current snapshot is then another one,
 * of the same generation. CMR_ERR_REJECTED: it does not fit. *ret_report (may be NULL) is as for
 * cmr_record_new. The schema, its tables and texts must live until cmr_unfollow is back, or the reloader is
 * freed. CMR_ERR_INVALID_ARGUMENT (also for a schema that makes no sense, and for no ret_follower),
 * CMR_ERR_NO_MEMORY. */
CMR_API cmr_status cmr_follow(cmr_reloader *reloader, const char *key, const cmr_schema *schema,
                              cmr_report **ret_report, cmr_follower **ret_follower);

/* Ends it. Structs in snapshots that somebody holds stay as they are. */
CMR_API void cmr_unfollow(cmr_follower *follower);

/* The snapshot's struct, borrowed from it. A validator's candidate has one, too, if the follower was there
 * before it. NULL: it has none, since it is from before the follower, from before the first load, or not from
 * the reloader. Any thread. */
CMR_API const void *cmr_follower_get(const cmr_follower *follower, const cmr_snapshot *snapshot);

/* ------------------------------------------------------------------------------------------------
 * VALIDATORS: prepare, commit, abort, across modules of a program that do not know of each other.
 *
 *     static cmr_status prepare(void *user, cmr_snapshot *candidate, cmr_veto *veto)
 *     {
 *         struct listener *listener = user;
 *         int64_t port = cmr_get_int64_or(candidate, "app.yaml#server.port", 80);
 *         listener->next = listen_on(port);
 *         if (listener->next >= 0)
 *             return CMR_OK;
 *         cmr_veto_reason(veto, "app.yaml#server.port", "port %d is taken", (int)port);
 *         return CMR_ERR_REJECTED;
 *     }
 *
 * (commit swaps `next` in, abort closes it.) A candidate is one whole generation of all mounts. All its
 * files parse, all typed subscriptions and bindings convert, and all structs are filled, before a validator
 * sees it. Then each prepare is called, in the order of registration. If all agree the candidate is
 * published, in one step, and each commit is called in the same order; then observers, then subscribers.
 * If one does not, those that have agreed already are called to abort, in reverse order, and nothing has
 * changed. Whoever agreed hears exactly one of the two, unless it was ended in between. If the reloader is
 * held (cmr_reloader_hold) or freed meanwhile, that aborts too.
 */

typedef struct cmr_validator cmr_validator;
typedef struct cmr_veto cmr_veto; /* what a prepare has to say: only during the call */

typedef struct cmr_validator_options {
    size_t size;
    const char *name; /* for messages; copied; required */

    /* Whether the candidate may be published. Required.
     *   CMR_OK            yes, and everything is ready for it
     *   CMR_ERR_REJECTED  never: as if the generation were malformed. Any other failure is that too, but
     *   CMR_ERR_AGAIN, CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM (with errno)   not now: it is read and tried
     *                     again, after 20 ms at first, ever more rarely up to 10 s; told as FAILED */
    cmr_status (*prepare)(void *user, cmr_snapshot *candidate, cmr_veto *veto);

    /* Each may be NULL. What commit and abort are given has the candidate's contents and number, and may be
     * another snapshot than prepare was, if somebody followed a schema meanwhile: ref what you keep. destroy
     * is as in cmr_subscribe. */
    void (*commit)(void *user, cmr_snapshot *published);
    void (*abort)(void *user, cmr_snapshot *candidate);
    void (*destroy)(void *user);
} cmr_validator_options;

#define CMR_VALIDATOR_OPTIONS_INIT CMR_SIZED_INIT(cmr_validator_options)

/* Why the candidate is refused; there may be several reasons, and each is a veto, whatever prepare
 * returns, unless that is one of the three "not now". Then the first is the event's reason. The key may be
 * NULL; file, line and column are found by it. Of a message, 1,023 bytes are kept; what is not UTF-8 and
 * control characters become U+FFFD. It is told and logged as it is, so let it quote no secret. */
CMR_API void cmr_veto_reason(cmr_veto *veto, const char *key, const char *format, ...)
    CMR_PRINTF(3, 4);

/* Adds a validator (cmr_reloader_try is what asks them at once): it is asked before each publication from
 * now on, and not about what is published already. One that is added while others are asked is asked too.
 * The three callbacks may do what a subscription's may. ret_validator may be NULL: it then lives as long as
 * the reloader. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
CMR_API cmr_status cmr_validate(cmr_reloader *reloader, const cmr_validator_options *options, void *user,
                                cmr_validator **ret_validator);

/* Ends it, as cmr_unsubscribe does. It hears neither commit nor abort any more. */
CMR_API void cmr_unvalidate(cmr_validator *validator);

/* A dry run: would these files be accepted as the mount's next generation, with all other mounts as they
 * are? Subscriptions, bindings, schemas and validators judge as ever; then those that agreed are called to
 * abort, and nothing has changed. It works while the reloader is held, too. The snapshot is of
 * cmr_snapshot_from_files or cmr_snapshot_read, with the mount's options; of several mounts, that one's part
 * is taken. A mount of NULL is the first. After this call mounts can no longer be added.
 *   CMR_OK              yes; *ret_report (may be NULL) has what schemas say that is no error, or is NULL
 *   CMR_ERR_REJECTED    no: *ret_report says why, for you to free
 *   CMR_ERR_AGAIN, CMR_ERR_SYSTEM   what a validator said; *ret_report has its reason
 *   CMR_ERR_NOT_FOUND   no such mount, or another one has nothing yet
 *   CMR_ERR_BUSY        a thread is in dispatch, wait or load (as always after cmr_reloader_start), or a
 *                       callback called this
 *   CMR_ERR_CLOSED, CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY */
CMR_API cmr_status cmr_reloader_try(cmr_reloader *reloader, const char *mount,
                                    const cmr_snapshot *snapshot, cmr_report **ret_report);

/* ------------------------------------------------------------------------------------------------
 * READERS: a thread's own way to the current snapshot, for code that reads all the time. As long as
 * nothing is published, these calls take no lock and write to nothing that another thread looks at.
 *
 *     cmr_reader_snapshot(reader);                 // once for each request, say:
 *     cmr_reader_get_int64(port, &number);         // from here to the next such call
 *     cmr_reader_get_string(host, &text);          // all is of one generation
 */

typedef struct cmr_reader cmr_reader;

/* For one thread at a time, which need not be the one that made it. To be freed before the reloader.
 * CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
CMR_API cmr_status cmr_reader_new(cmr_reloader *reloader, cmr_reader **ret_reader);

/* Frees its keys, too. */
CMR_API void cmr_reader_free(cmr_reader *reader);

/* The current snapshot, borrowed until the next call of this, of release, or of free. Never NULL. When it
 * is still the same, this is wait-free. */
CMR_API cmr_snapshot *cmr_reader_snapshot(cmr_reader *reader);

/* Gives the snapshot back: before a long sleep, during which an old one would stay in memory. */
CMR_API void cmr_reader_release(cmr_reader *reader);

/* The struct that the follower has in the reader's snapshot: the one that cmr_reader_snapshot returned last
 * or, if there is none (at first, and after release), the current one, as if by a call of that. Borrowed as
 * the snapshot is. NULL: it has none. */
CMR_API const void *cmr_reader_struct(cmr_reader *reader, const cmr_follower *follower);

/* A key that is looked up once for each snapshot; then it is a few comparisons. It belongs to the reader,
 * and so to its thread. The type and table are as for cmr_get. CMR_ERR_INVALID_ARGUMENT,
 * CMR_ERR_NO_MEMORY; that it is absent, or of another type, the reads tell. */
typedef struct cmr_reader_key cmr_reader_key;
CMR_API cmr_status cmr_reader_key_new(cmr_reader *reader, const char *key, cmr_type type,
                                      const cmr_enum_item *table, cmr_reader_key **ret_key);
CMR_API void cmr_reader_key_free(cmr_reader_key *key);

/* What cmr_get says of the reader's snapshot, as above. They allocate nothing. *ret_value, and a string, are
 * borrowed until the next cmr_reader_snapshot, release or free. The typed ones want a key of that type, else
 * CMR_ERR_INVALID_ARGUMENT. */
CMR_API cmr_status cmr_reader_get(cmr_reader_key *key, const cmr_value **ret_value);
CMR_API cmr_status cmr_reader_get_bool(cmr_reader_key *key, bool *ret_value);
CMR_API cmr_status cmr_reader_get_int64(cmr_reader_key *key, int64_t *ret_value);
CMR_API cmr_status cmr_reader_get_double(cmr_reader_key *key, double *ret_value);
CMR_API cmr_status cmr_reader_get_string(cmr_reader_key *key, const char **ret_value);

/* ------------------------------------------------------------------------------------------------
 * EVENTS: what happens to the reloader as a whole.
 */

typedef enum cmr_mount_state {
    CMR_MOUNT_WAITING = 0, /* nothing there yet: looked for at least every 2 s */
    CMR_MOUNT_READY = 1,   /* followed by events */
    CMR_MOUNT_POLLING = 2, /* no events can be had, the reason says why: looked at every 2 s, or */
                           /* check_interval_ms if that is shorter */
    CMR_MOUNT_DEAD = 3,    /* was there and is gone: the last good stays, it is looked for as above */
    CMR_MOUNT_STATIC = 4,  /* loaded, and will never change: a subPath mount, which Kubernetes does */
                           /* not update; mount the whole volume instead */
} cmr_mount_state;

/* "waiting", "ready", "polling", "dead", "static"; "?" for other numbers. Static. */
CMR_API const char *cmr_mount_state_name(cmr_mount_state state);

/* Why a mount is in its state, or a generation cannot be read. A message for people stands beside it
 * wherever it is told. */
typedef enum cmr_mount_reason {
    CMR_REASON_NONE = 0, /* READY, and what is there can be read */

    /* nothing to follow: WAITING, DEAD */
    CMR_REASON_ABSENT = 1,     /* there is nothing at the path */
    CMR_REASON_UNWRITTEN = 2,  /* a volume without ..data yet, or an empty directory */
    CMR_REASON_DANGLING = 3,   /* ..data leads nowhere */
    CMR_REASON_OUTSIDE = 4,    /* ..data points out of the volume, or a file in it is a link; FAILED too */
    CMR_REASON_WRONG_KIND = 5, /* not what cmr_mount_options.kind wants, or no directory and no file */
    CMR_REASON_GENERATION = 6, /* a folder inside one generation, which would never change */

    CMR_REASON_SUBPATH = 7,    /* STATIC */
    CMR_REASON_UNREADABLE = 8, /* EACCES, EIO and the like: WAITING, DEAD, FAILED; POLLING: inotify */
                               /* wants to read the directory, too */
    CMR_REASON_SWAPPED = 9,    /* FAILED: again at every try to read it */

    /* no events: POLLING */
    CMR_REASON_FILESYSTEM = 10,        /* FUSE, NFS, 9p, overlay ...: none come of what others change */
    CMR_REASON_INOTIFY_INSTANCES = 11, /* this user has no inotify instance left */
    CMR_REASON_INOTIFY_WATCHES = 12,   /* nor a watch */
    CMR_REASON_INOTIFY = 13,           /* inotify is refused for another cause, as by seccomp */

    /* any state, and FAILED */
    CMR_REASON_DESCRIPTORS = 14, /* the process, or the system, has no descriptor left */
    CMR_REASON_MEMORY = 15,

    CMR_REASON_VALIDATOR = 16, /* FAILED, and READY until it is tried again: one wants to be asked later */
} cmr_mount_reason;

/* "none", "absent", "unwritten", "dangling", "outside", "wrong_kind", "generation", "subpath",
 * "unreadable", "swapped", "filesystem", "inotify_instances", "inotify_watches", "inotify",
 * "descriptors", "memory", "validator"; "?" for other numbers. Static. */
CMR_API const char *cmr_mount_reason_name(cmr_mount_reason reason);

typedef enum cmr_event_kind {
    CMR_EVENT_READY = 1,    /* the first generation was published */
    CMR_EVENT_APPLIED = 2,  /* a later one was */
    CMR_EVENT_REJECTED = 3, /* a generation is bad: told once for each */
    CMR_EVENT_STATE = 4,    /* a mount's state changed */
    CMR_EVENT_FAILED = 5,   /* a generation cannot be read now (permission, I/O, descriptors, memory, or */
                            /* swapped at every try), or a validator wants to be asked again: */
                            /* told at the first of several failures, with the file that is at fault, if */
                            /* one is known, in the message; it is tried again with back-off */
    CMR_EVENT_SHARED = 6,   /* in a publisher (see SHARING): all processes that are connected have */
                            /* answered for the generation; again when more have come since, or one that */
                            /* refused it was handed it once more. The report has a line for each that */
                            /* refused it. Mount, target, hash and message are "", state and reason say */
                            /* nothing */
} cmr_event_kind;

/* The pointers are valid during the call. */
typedef struct cmr_event {
    cmr_event_kind kind;
    const char *mount;        /* which one; READY: the one that was loaded last, or an optional one that */
                              /* is not there (WAITING) */
    uint64_t generation;      /* the one that is applied now */
    const char *target;       /* what that mount's ..data points at; of a plain directory, or a single */
                              /* file in one, its content hash; "": nothing was there yet */
    const char *hash;         /* READY, APPLIED: that mount's content hash; else, and of a secret, "" */
    const cmr_report *report; /* REJECTED: all that is wrong in all files, of the first of these stages at */
                              /* which something is: limits and names of files; parsing them; values, */
                              /* bounds and schemas; the first validator that refuses. READY, APPLIED: what */
                              /* is wrong with files that were kept (keep_bad_files), and what schemas say */
                              /* that is no error: _NOT_FOUND, unknown keys; CMR_OK, what takes effect at */
                              /* a restart only. SHARED: who refused it. Else NULL */
    cmr_mount_state state;
    cmr_mount_reason reason;  /* FAILED: why; else why it is in that state */
    const char *message;      /* the reason for people: one line, or "" for NONE. What is wrong with a */
                              /* REJECTED generation is not here, but in the report */
    cmr_boot_source booted_from; /* READY: as in cmr_reloader_status; else MOUNT */
} cmr_event;

typedef void cmr_event_fn(void *user, const cmr_event *event);
typedef struct cmr_observer cmr_observer;

/* Calls back for every event from the next one on; READY and APPLIED before any subscriber. What a
 * subscription's callback may do, this one may too. destroy and ret_observer may be NULL, as in
 * cmr_subscribe. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
CMR_API cmr_status cmr_observe(cmr_reloader *reloader, cmr_event_fn *callback, void *user,
                               void (*destroy)(void *user), cmr_observer **ret_observer);

/* Ends it, as cmr_unsubscribe does. */
CMR_API void cmr_unobserve(cmr_observer *observer);

/* ------------------------------------------------------------------------------------------------
 * SHARING: one process loads, for all that were forked alike.
 *
 *     cmr_share *share;
 *     cmr_share_new(&share);                      // in the master, before the fork
 *     ...
 *     cmr_open("/etc/config", &options, &reloader); // in each worker
 *     cmr_reloader_join(reloader, share);
 *     cmr_subscribe(reloader, ...);
 *     cmr_reloader_load(reloader, 10000);
 *
 * Of the processes that have joined one is the PUBLISHER: it alone watches and reads the mounts, parses,
 * asks validators and saves. Each generation that it publishes it hands to the others, the CONSUMERS, as a
 * block of memory that nobody can change any more (a sealed memfd), which they check and map: it is parsed
 * once, and there once, whatever the number of processes. Consumers have all that a reloader has: fd and
 * dispatch, subscriptions, bindings, structs, readers, observers, who are told STATE, REJECTED (with its
 * report) and FAILED there as in the publisher, and status.
 *
 * Who is publisher is settled by the processes among themselves, by a lock that the kernel gives up when a
 * process ends: if the publisher dies, another one takes over, at once. The newest generation is never lost
 * by that: it is kept with the share, even if all processes that joined are killed, as long as one that has
 * the share, the master say, lives; so a worker that comes later has it at once, also when what is mounted
 * is bad by then. No process waits for another: one that is slow, or stopped, gets the newest generation
 * when it comes back. The publisher has a descriptor for each of the others; those for whom it has none left
 * look once a second at what is kept.
 *
 * Numbers of generations are the share's: they only grow, and none is used twice, whoever publishes. Some
 * are skipped: those that were rejected, or whose publisher died.
 *
 * A generation that a consumer's own subscriptions, bindings or schemas refuse is rejected there as ever:
 * its last good one stays, REJECTED is told, and the publisher hears of it. Validators are asked in the
 * publisher only, and hear commit or abort there only; what each process has to do for itself belongs into a
 * subscription or an observer.
 *
 * Secrets are never handed to another process. A secret mount cannot be shared: open another reloader for
 * it, in each process.
 */

typedef struct cmr_share cmr_share;

/* Before the fork. It has five descriptors, all close-on-exec, and starts nothing: who makes it need not
 * join. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM (no descriptor left). */
CMR_API cmr_status cmr_share_new(cmr_share **ret_share);

/* In each process that has it, after the reloader that joined is freed. In a child it frees the child's
 * alone. Before it, no other descriptor of a share may be closed. */
CMR_API void cmr_share_free(cmr_share *share);

/* Makes the reloader one of those that share, before its first load, wait or dispatch. All of them must have
 * the same mounts, by name and in the same order, at most a hundred; what their options say counts in the
 * publisher. Then cmr_reloader_load waits in a consumer for a generation to be handed over (in one with a
 * boot policy, for what the publisher makes of its own), and cmr_reloader_check_now makes the publisher
 * look, and hand over once more what was refused here. cmr_reloader_hold freezes this process alone; of a
 * publisher, what the others get too.
 *   CMR_ERR_BUSY              loading has begun; or it has joined; or another reloader of this process has,
 *                             that is not freed
 *   CMR_ERR_INVALID_ARGUMENT  also with a secret mount; once joined, cmr_reloader_add_mount answers so to one
 *   CMR_ERR_NO_MEMORY
 * A child that is forked by a process that has joined goes on by cmr_reloader_after_fork, as a consumer at
 * first. Until that, or its free, the child keeps its parent's connections open, so that others may notice
 * only after a minute that the parent has died. */
CMR_API cmr_status cmr_reloader_join(cmr_reloader *reloader, cmr_share *share);

typedef enum cmr_role {
    CMR_ROLE_ALONE = 0,    /* it has not joined */
    CMR_ROLE_CONSUMER = 1, /* also before it is known who publishes */
    CMR_ROLE_PUBLISHER = 2,
} cmr_role;

/* "alone", "consumer", "publisher"; "?" for other numbers. Static. */
CMR_API const char *cmr_role_name(cmr_role role);

typedef struct cmr_member {
    int64_t pid;
    cmr_role role;
    uint64_t generation; /* that it has published; 0: none yet. Of a consumer, as it last answered */
    uint64_t refused;    /* a later one that it refused; 0: none */
    const char *message; /* why: the first that was wrong; or "" */
} cmr_member;

/* Who has which generation: in the publisher itself, first, and all consumers that are connected; elsewhere
 * this process alone. CMR_EVENT_SHARED tells when all have answered. It is a copy, for you to free. Any
 * thread. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
typedef struct cmr_members cmr_members;
CMR_API cmr_status cmr_reloader_list_members(cmr_reloader *reloader, cmr_members **ret_members);
CMR_API size_t cmr_members_count(const cmr_members *members);
CMR_API const cmr_member *cmr_members_get(const cmr_members *members, size_t index); /* NULL past the end */
CMR_API void cmr_members_free(cmr_members *members);

/* ------------------------------------------------------------------------------------------------
 * STATUS AND COUNTERS. Initialise the struct, so that its size is set, and have it filled.
 */

typedef struct cmr_reloader_status {
    size_t size;
    uint64_t generation;       /* of the current snapshot; 0 before the first load */
    int64_t last_success;      /* when that was loaded, in seconds since the epoch; 0: never */
    uint64_t reloads_applied;  /* generations that were published */
    uint64_t reloads_rejected; /* generations that were bad */
    uint64_t reloads_failed;   /* tries that failed for want of memory, descriptors or I/O */
    uint64_t read_retries;     /* reads begun anew because the volume was swapped under them */
    uint64_t subscriptions;    /* that are not ended */
    bool held;
    cmr_boot_source booted_from; /* where the first generation came from: of several mounts the furthest */
    uint64_t saves;              /* generations of mounts that are in state_dir: written, or found there */
    uint64_t saves_failed;       /* tries to save one that failed */
    cmr_role role;               /* see SHARING */
    int64_t publisher;           /* the publisher's process; 0: not known, or ALONE */
} cmr_reloader_status;

#define CMR_RELOADER_STATUS_INIT CMR_SIZED_INIT(cmr_reloader_status)

CMR_API cmr_status cmr_reloader_get_status(cmr_reloader *reloader, cmr_reloader_status *ret_status);

typedef struct cmr_mount_status {
    size_t size;
    cmr_mount_state state;
    cmr_mount_reason reason;  /* why it is in that state; READY: why it cannot be read now. No event tells */
    char message[128];        /* that only this changed. The same for people: one line, or "" for NONE */
    char mounted_target[256]; /* what is mounted, as last seen: as cmr_event's target */
    char applied_target[256]; /* what was for the current snapshot: another one while a bad generation */
                              /* is mounted */
    cmr_mount_kind kind;      /* what it is; AUTO while that is not known */
    uint32_t kept_files;      /* that keep their last good contents: keep_bad_files */
    bool swappable;           /* a secret of which not all could be locked in memory */
    cmr_boot_source applied_from; /* MOUNT, or what it was started with, as long as nothing good has come */
} cmr_mount_status;

#define CMR_MOUNT_STATUS_INIT CMR_SIZED_INIT(cmr_mount_status)

/* mount may be NULL: the first. CMR_ERR_NOT_FOUND for an unknown one. */
CMR_API cmr_status cmr_reloader_get_mount_status(cmr_reloader *reloader, const char *mount,
                                                 cmr_mount_status *ret_status);

/* What is wrong with what is mounted: a copy, for you to free, of the report that REJECTED told of it, or of
 * what was found when cmr_reloader_check_now had it looked at once more. NULL: it is good, or not known yet.
 * mount may be NULL: the first. Any thread. CMR_ERR_NOT_FOUND for an unknown one, CMR_ERR_NO_MEMORY (also
 * when there was none to keep the report), CMR_ERR_INVALID_ARGUMENT, CMR_ERR_FORKED. */
CMR_API cmr_status cmr_reloader_get_report(cmr_reloader *reloader, const char *mount,
                                           cmr_report **ret_report);

/* Everything that an operator asks, of one moment, for a page of yours, an admin socket or a log: state and
 * counters as above, the content hash of what is applied (of a secret ""), and what is wrong with what is
 * mounted, as one JSON object on one line. *ret_text is yours to free(). Any thread; only memory is read.
 * docs/observability.md has the members; more may be added, and "v" grows with any incompatible change.
 * CMR_ERR_NO_MEMORY, CMR_ERR_INVALID_ARGUMENT, CMR_ERR_FORKED. */
CMR_API cmr_status cmr_reloader_status_json(cmr_reloader *reloader, char **ret_text);

/* The same as metrics, in Prometheus' text exposition format 0.0.4, whose Content-Type is
 * CMR_PROMETHEUS_CONTENT_TYPE; docs/observability.md has their table. Their names are `prefix` (NULL:
 * "cmreload"), "_config_" and the rest. labels, as worker="1",zone="b", are put first in each sample's
 * braces; NULL: none. As above, and CMR_ERR_INVALID_ARGUMENT for a prefix that is not
 * [a-zA-Z_:][a-zA-Z0-9_:]*, and for labels that are malformed, doubled, begin with "__", or are called as the
 * library's: hash, mount, result, role, source, state. */
#define CMR_PROMETHEUS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
CMR_API cmr_status cmr_reloader_status_prometheus(cmr_reloader *reloader, const char *prefix,
                                                  const char *labels, char **ret_text);

/* ------------------------------------------------------------------------------------------------
 * FOR TOOLS: iteration, files, hashes, reading once, comparing. A mount of NULL is the first one.
 */

/* Goes over what the patterns match: files by name, entries in the order of the file. Scalars and
 * empty containers are entries; of a container with children, the children are. The cursor holds a
 * reference to the snapshot. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
typedef struct cmr_cursor cmr_cursor;
CMR_API cmr_status cmr_cursor_new(cmr_snapshot *snapshot, const char *patterns, cmr_cursor **ret_cursor);
CMR_API void cmr_cursor_free(cmr_cursor *cursor);

typedef struct cmr_entry {
    const char *mount;
    const char *key; /* as in cmr_change */
    cmr_value value; /* of its own type */
} cmr_entry;

/* The next entry, or NULL at the end, and when memory ran out, which cmr_cursor_failed tells. The
 * entry is overwritten by the next call; what its value points to lives as long as the snapshot. */
CMR_API const cmr_entry *cmr_cursor_next(cmr_cursor *cursor);
CMR_API bool cmr_cursor_failed(const cmr_cursor *cursor);

/* A file of a snapshot, or one to make a snapshot of. */
typedef struct cmr_file {
    const char *name;   /* within the mount: "app.yaml", "dir/file" */
    const void *data;
    size_t size;
    const char *format; /* its format's name; ignored when making a snapshot */
} cmr_file;

/* The files of a mount, by name. CMR_ERR_NOT_FOUND: no such mount, or past the end. */
CMR_API size_t cmr_snapshot_file_count(const cmr_snapshot *snapshot, const char *mount);
CMR_API cmr_status cmr_snapshot_file(const cmr_snapshot *snapshot, const char *mount, size_t index,
                                     cmr_file *ret_file);

/* What the volume's ..data pointed at; of a plain directory, or a single file in one, its content hash;
 * "" if it was made of given bytes, or is an optional mount that was not there; NULL: no such mount. */
CMR_API const char *cmr_snapshot_target(const cmr_snapshot *snapshot, const char *mount);

/* Whether the mount is a secret one, whose values are not to be shown. */
CMR_API bool cmr_snapshot_is_secret(const cmr_snapshot *snapshot, const char *mount);

/* The content hash of a mount, "xxh3-128:" and 32 hex digits: XXH3-128 over the name and the
 * contents of each file, by name (bytewise), each preceded by its length as 64 bits, little-endian.
 * NULL: no such mount. "": a secret mount. It is a contract: the same contents have the same hash in every
 * version. */
CMR_API const char *cmr_snapshot_hash(const cmr_snapshot *snapshot, const char *mount);

/* The like over the keys that match only: each key (with its mount, unless that is the first) and
 * its value's text, sorted by key. Comments, order and all other keys leave it as it is.
 * CMR_ERR_INVALID_ARGUMENT (also when keys of a secret mount match), CMR_ERR_NO_MEMORY. */
#define CMR_HASH_SIZE 48
CMR_API cmr_status cmr_snapshot_hash_keys(const cmr_snapshot *snapshot, const char *patterns,
                                          char ret_hash[CMR_HASH_SIZE]);

/* Reads what is at path once (a plain directory without settling), and follows nothing. On failure
 * *ret_report (may be NULL) is the report, for you to free, if the contents are at fault
 * (CMR_ERR_REJECTED), else NULL. CMR_ERR_NOT_FOUND: nothing there. CMR_ERR_BUSY: it was swapped at
 * every try to read it. */
CMR_API cmr_status cmr_snapshot_read(const char *path, const cmr_mount_options *options,
                                     cmr_report **ret_report, cmr_snapshot **ret_snapshot);

/* Makes a snapshot of given bytes, which are copied, as if a volume held them. As above, and
 * CMR_ERR_INVALID_ARGUMENT for two files of one name. */
CMR_API cmr_status cmr_snapshot_from_files(const cmr_file *files, size_t count,
                                           const cmr_mount_options *options, cmr_report **ret_report,
                                           cmr_snapshot **ret_snapshot);

/* What has changed from one snapshot to another, as a subscription with these patterns and this
 * type (and table, for ENUM) would be told, but at once and with a count that may be 0. Mounts are
 * compared by their number, not by their names. It costs what differs: of two snapshots of one
 * reloader, files whose bytes are equal cost nothing. Any thread may call it, and read the update,
 * which holds references to both snapshots.
 * CMR_ERR_TYPE, CMR_ERR_RANGE: something that differs does not convert in `after` (in `before` it
 * counts as absent). CMR_ERR_INVALID_ARGUMENT (also for the types NULL, MAP and LIST, whose items
 * would want a type of their own), CMR_ERR_NO_MEMORY. */
CMR_API cmr_status cmr_snapshot_diff(cmr_snapshot *before, cmr_snapshot *after, const char *patterns,
                                     cmr_type type, const cmr_enum_item *table,
                                     cmr_update **ret_update);

/* For an update that cmr_snapshot_diff made. One in a callback is borrowed. */
CMR_API void cmr_update_free(cmr_update *update);

/* ------------------------------------------------------------------------------------------------
 * WRITING A VOLUME, as the kubelet does: for tests, on a laptop, or to hand a generation to other
 * programs. `cmreload apply` does it.
 */

typedef struct cmr_volume_options {
    size_t size;
    bool sync;              /* each step lasts before the next begins (fsync): when power fails, at any */
                            /* moment, the old generation is there or the new one, whole. Default: no, as */
                            /* the kubelet */
    bool restricted;        /* for this user alone: modes 0700 and 0600. Default: 0755 and 0644, as the */
                            /* kubelet */
    const char *stop_after; /* for tests of programs that follow a volume: end as if killed behind that */
                            /* step: "generation", "files", "tmp-link", "swap", "links", "unlink", as */
                            /* `cmreload apply --help` explains them. NULL: do not */
} cmr_volume_options;

#define CMR_VOLUME_OPTIONS_INIT CMR_SIZED_INIT(cmr_volume_options)

typedef struct cmr_volume_result {
    size_t size;
    bool written;         /* false: the volume held these very files already, or it failed */
    char generation[256]; /* the directory in it that holds them; "": none was finished */
    char message[256];    /* when it failed: what was tried, on what, and why; else "" */
} cmr_volume_result;

#define CMR_VOLUME_RESULT_INIT CMR_SIZED_INIT(cmr_volume_result)

/* Makes the directory at path, created if missing (its parents not), a ConfigMap volume that holds these
 * files and no others, in any order: a new generation's directory, the swap of ..data, a link for each
 * name, the old generation removed. Who follows it sees the old generation or the new one. One writer at
 * a time. A file's format is ignored. options may be NULL, and so may ret_result, which is filled on
 * failure, too.
 *   CMR_ERR_INVALID_ARGUMENT  also for names that cannot lie in one volume: absolute, with "." or ".." or
 *                             an empty component, beginning with "..", there twice, below another file
 *   CMR_ERR_REJECTED          the directory holds something else than a volume: it is left alone
 *   CMR_ERR_SYSTEM (errno), CMR_ERR_NO_MEMORY, CMR_ERR_BUSY (another writer)   the volume is as it was, but
 *                             for what a kubelet leaves behind, too; or it is swapped, and what comes after
 *                             that is not done: the next write brings it */
CMR_API cmr_status cmr_volume_write(const char *path, const cmr_file *files, size_t count,
                                    const cmr_volume_options *options, cmr_volume_result *ret_result);

/* ------------------------------------------------------------------------------------------------
 * EXAMINING A PATH: what an operator asks when changes do not arrive. `cmreload doctor` prints it.
 */

typedef enum cmr_finding_level {
    CMR_FINDING_OK = 0,
    CMR_FINDING_NOTE = 1,    /* good to know */
    CMR_FINDING_WARNING = 2, /* changes arrive, but later; or others than this library miss something */
    CMR_FINDING_PROBLEM = 3, /* why they do not arrive, or nothing can be loaded */
} cmr_finding_level;

/* "ok", "note", "warning", "problem"; "?" for other numbers. Static. */
CMR_API const char *cmr_finding_level_name(cmr_finding_level level);

/* Subjects are stable names, for programs: docs/cli.md has the list. */
typedef struct cmr_finding {
    cmr_finding_level level;
    const char *subject;
    const char *message; /* what is so; one line */
    const char *advice;  /* what to do; one line, or "" */
} cmr_finding;

/* How a reloader would follow the path: as cmr_mount_state, but for what would be waited for in vain. */
typedef enum cmr_follow_mode {
    CMR_FOLLOW_WAITING = 0, /* it would wait: there is nothing to follow yet, or it cannot be reached */
    CMR_FOLLOW_EVENTS = 1,
    CMR_FOLLOW_POLLING = 2,
    CMR_FOLLOW_NEVER = 3, /* a subPath, or WRONG_KIND, or GENERATION */
} cmr_follow_mode;

/* "waiting", "events", "polling", "never"; "?" for other numbers. Static. */
CMR_API const char *cmr_follow_mode_name(cmr_follow_mode follow);

typedef struct cmr_verdict {
    cmr_follow_mode follow;
    bool loads;              /* what is there now can be read, and is good */
    cmr_mount_kind kind;     /* what it is; AUTO: not known */
    cmr_mount_reason reason; /* as in cmr_mount_status: why it would be in that state */
    const char *message;
} cmr_verdict;

typedef struct cmr_examination cmr_examination;

/* Examines what is at path, as a reloader with these options (may be NULL) would follow it: looks at it,
 * reads it once, tries inotify, and asks /proc for mounts, limits and who uses them. It is for people who
 * wait, not for a loop: all processes of this user are looked at. Any thread may call it. It changes
 * nothing. CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM (a relative path, and no current
 * directory). */
CMR_API cmr_status cmr_examine(const char *path, const cmr_mount_options *options,
                               cmr_examination **ret_examination);
CMR_API void cmr_examination_free(cmr_examination *examination);

CMR_API const cmr_verdict *cmr_examination_verdict(const cmr_examination *examination);
CMR_API size_t cmr_examination_count(const cmr_examination *examination);

/* NULL past the end. */
CMR_API const cmr_finding *cmr_examination_get(const cmr_examination *examination, size_t index);

#ifdef __cplusplus
}
#endif

#endif /* CMRELOAD_CMRELOAD_H */
