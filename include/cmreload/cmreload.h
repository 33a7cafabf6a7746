/* SPDX-License-Identifier: MIT
 *
 * cmreload: a program's configuration follows its mounted Kubernetes ConfigMap, while it runs.
 *
 *     static void on_lives(void *user, const cmr_update *update)
 *     {
 *         for (size_t i = 0; i < cmr_update_count(update); i++) {
 *             const cmr_change *change = cmr_update_change(update, i);
 *             if (change->new_value)
 *                 printf("%s is now %lld\n", change->key, (long long)change->new_value->as.int64);
 *         }
 *     }
 *
 *     cmr_options options = CMR_OPTIONS_INIT;
 *     cmr_subscription_options typed = CMR_SUBSCRIPTION_OPTIONS_INIT;
 *     cmr_reloader *reloader;
 *     options.log = cmr_log_stderr;
 *     typed.type = CMR_TYPE_INT64;
 *     typed.initial = true;
 *     if (cmr_open("/etc/config", &options, &reloader) != CMR_OK) return 1;
 *     cmr_subscribe(reloader, "game.properties#lives", on_lives, NULL, &typed, NULL);
 *     while (cmr_reloader_wait(reloader, -1) == CMR_OK) { }
 *
 * This header is the manual. Read it from top to bottom once: conventions, status, diagnostics,
 * logging, values, keys, snapshots, options, the reloader, subscriptions, events, counters.
 *
 * CONVENTIONS
 *  - Functions that can fail return a cmr_status: CMR_OK (0) or a negative CMR_ERR_ value. Output
 *    parameters are called ret_..., come last, and stay untouched on failure.
 *  - free ends what open, new or subscribe made; ref and unref share (an object lives until its
 *    last unref); get borrows (what is returned belongs to the object it was asked of). Every
 *    free and unref takes NULL.
 *  - Times are milliseconds in int64_t, named ..._ms, on the monotonic clock unless said
 *    otherwise. Text is NUL-terminated UTF-8. Sizes are bytes. Lines and columns count from 1;
 *    a column counts characters (Unicode code points). 0 means "does not apply".
 *  - Structs that the application fills begin with their size, set by an ..._INIT macro. Zero in
 *    any other field means its default. A struct from a newer header whose extra fields are not
 *    all zero is refused with CMR_ERR_INVALID_ARGUMENT.
 *  - The library starts no thread, installs no signal handler, writes nothing to stdout or stderr
 *    (cmr_log_stderr does, when you set it), never writes to the mount, and opens every descriptor
 *    close-on-exec.
 *  - Memory comes from malloc(). Running out of it is reported, never fatal.
 *
 * THREADS. Snapshots and everything got from them are immutable: any thread may read one it holds
 * a reference to. All functions on one cmr_reloader may be called from any thread, but only one
 * thread dispatches at a time (cmr_reloader_dispatch, _wait and _load; a second one gets
 * CMR_ERR_BUSY). All callbacks run inside those three calls, on the thread that called them, with
 * no lock of the library held. A reloader must not be used in a forked child.
 */
#ifndef CMRELOAD_CMRELOAD_H
#define CMRELOAD_CMRELOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmreload/version.h>

#if defined(__GNUC__)
#define CMR_API __attribute__((visibility("default")))
#else
#define CMR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------
 * Version
 */

/* The running library's version as "MAJOR.MINOR.PATCH". Static; any thread. Since 0.1. */
CMR_API const char *cmr_version(void);

/* ---------------------------------------------------------------------------------------------
 * Status
 */

typedef enum cmr_status {
    CMR_OK = 0,
    CMR_ERR_INVALID_ARGUMENT = -1, /* a NULL, an unknown option, a key or pattern that is malformed */
    CMR_ERR_NO_MEMORY = -2,        /* malloc failed; nothing changed */
    CMR_ERR_SYSTEM = -3,           /* a system call failed (permission, I/O, descriptors); errno is kept */
    CMR_ERR_NOT_FOUND = -4,        /* no such key, file, mount, or no volume at that path (yet) */
    CMR_ERR_TYPE = -5,             /* the value is there and is not of the wanted type */
    CMR_ERR_RANGE = -6,            /* the value is of the wanted type and does not fit into it */
    CMR_ERR_SYNTAX = -7,           /* a file that its format's grammar refuses */
    CMR_ERR_LIMIT = -8,            /* a file or generation over one of cmr_limits */
    CMR_ERR_REJECTED = -9,         /* the mounted generation is bad; the last good one stays */
    CMR_ERR_BUSY = -10,            /* another thread, or a caller further up this stack, dispatches */
    CMR_ERR_TIMEOUT = -11,         /* the time given was over and nothing had happened */
    CMR_ERR_INTERRUPTED = -12,     /* a signal handler ran during the wait; call again */
    CMR_ERR_CLOSED = -13,          /* the reloader was freed by a callback of this very call */
} cmr_status;

/* One English sentence fragment for a status, also for numbers that are none. Static; any thread.
 * Since 0.1. */
CMR_API const char *cmr_strerror(cmr_status status);

/* ---------------------------------------------------------------------------------------------
 * Diagnostics: what is wrong with a generation, and where
 */

typedef struct cmr_diagnostic {
    cmr_status status;   /* CMR_ERR_SYNTAX, _LIMIT, _TYPE, _RANGE or _SYSTEM */
    const char *file;    /* name within the mount, or "" for the mount as a whole */
    unsigned line;       /* from 1; 0: the file as a whole */
    unsigned column;     /* from 1, in characters; 0: the line as a whole */
    const char *key;     /* the key concerned, as in "KEYS" below, or "" */
    const char *message; /* what is wrong and what was wanted; no trailing newline */
} cmr_diagnostic;

/* A list of diagnostics, in file and line order. */
typedef struct cmr_report cmr_report;

/* A report keeps at most 100 diagnostics; a last one then says how many more there were. */
CMR_API size_t cmr_report_count(const cmr_report *report);

/* The diagnostic number index, or NULL past the end. Belongs to the report. */
CMR_API const cmr_diagnostic *cmr_report_get(const cmr_report *report, size_t index);

/* Ends a report that a call returned to you. Those in events are borrowed: do not free them. */
CMR_API void cmr_report_free(cmr_report *report);

/* ---------------------------------------------------------------------------------------------
 * Logging and log levels
 */

/* Syslog's severities (RFC 5424, section 6.2.1), and TRACE below DEBUG. */
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

/* Receives the library's own messages: one line, no trailing newline. May be called from any
 * thread that is inside a call of the library. The library logs each rejected generation (ERROR, a
 * line for each diagnostic), trouble with a mount (WARN), each publication (INFO), retries (DEBUG). */
typedef void cmr_log_fn(void *user, cmr_log_level level, const char *message);

/* A ready-made one: writes "cmreload: LEVEL: MESSAGE" to stderr for INFO and above. */
CMR_API void cmr_log_stderr(void *user, cmr_log_level level, const char *message);

/* ---------------------------------------------------------------------------------------------
 * Types and values
 *
 * Conversions are strict: the whole text must be of the type. Surrounding blanks, trailing garbage
 * and what does not fit are errors that name what was found and what was wanted.
 *
 *   type       | from YAML                  | from properties and text files
 *   -----------+----------------------------+--------------------------------------------------
 *   BOOL       | true, false (YAML 1.2)     | true false yes no on off 1 0, any case
 *   INT64,     | YAML 1.2 core schema ints: | the same: -12, +12, 0o17, 0xff
 *   UINT64     | 12, -12, +12, 0o17, 0xff   |
 *   DOUBLE     | core schema floats, ints   | the same: 1.5, -1e3, .5, .inf, .nan
 *   STRING     | any scalar but null        | anything that holds no NUL byte and is UTF-8
 *   BYTES      | any scalar but null        | anything
 *   DURATION   | Go's time.ParseDuration:   | the same. "1h30m", "1.5s", "-10ms", "300us", "0".
 *              | units ns us µs ms s m h    | nanoseconds in int64_t
 *   SIZE       | Kubernetes quantity:       | the same. "10Mi", "1G", "1.5Ki", "2e3", "4096".
 *              | k M G T P E, Ki Mi ... Ei, | whole bytes in uint64_t; the suffixes m, u and n are
 *              | e or E and an exponent     | refused (did "10m" mean 10Mi or 10M?)
 *   ENUM       | one of the table's names   | the same; exact case
 *   LOG_LEVEL  | trace debug info notice    | the same, any case, and 0 ... 7 as in syslog
 *              | warn warning error err     |
 *              | crit critical fatal alert  |
 *              | emerg panic                |
 *
 * A quoted YAML scalar is a string: "8080" in quotes is no INT64. A whole text file ends with one
 * newline in most editors: typed reads (all but BYTES) drop one final "\n" or "\r\n" and a leading
 * UTF-8 byte order mark.
 */

typedef enum cmr_type {
    CMR_TYPE_ANY = 0, /* the value's own type: what its format says it is, see below */
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
} cmr_type;

/* "any", "null", "bool", "int64", "uint64", "double", "string", "bytes", "duration", "size", "enum",
 * "log_level", "map", "list"; "?" for other numbers. Static. */
CMR_API const char *cmr_type_name(cmr_type type);

/* The type of that name (exact). CMR_ERR_NOT_FOUND when there is none. */
CMR_API cmr_status cmr_type_from_name(const char *name, cmr_type *ret_type);

/* An enum's table ends with a NULL name. The application keeps it alive as long as what it was
 * given to (static const, in most programs). */
typedef struct cmr_enum_item {
    const char *name;
    int value;
} cmr_enum_item;

/* A value. With CMR_TYPE_ANY `type` is the value's own: YAML scalars are NULL, BOOL, INT64, UINT64
 * (above INT64_MAX), DOUBLE (also ints beyond both) or STRING by the YAML 1.2 core schema, a
 * container is MAP or LIST; properties are STRING; a text file is STRING, or BYTES when it is not
 * UTF-8 or holds a NUL byte.
 *
 * All pointers belong to the snapshot (or update) the value came from. Since 0.1. */
typedef struct cmr_value {
    cmr_type type;
    union {
        bool boolean;        /* BOOL */
        int64_t int64;       /* INT64 */
        uint64_t uint64;     /* UINT64 */
        double number;       /* DOUBLE */
        int64_t duration_ns; /* DURATION, nanoseconds */
        uint64_t size;       /* SIZE, bytes */
        int enumeration;     /* ENUM, the table's value */
        cmr_log_level level; /* LOG_LEVEL */
        size_t count;        /* MAP and LIST: how many direct children */
    } as;
    const char *text; /* the scalar as written, quotes and escapes resolved; always followed by a NUL byte.
                       * STRING and BYTES are this. "{}" and "[]" for an empty container, "" for others */
    size_t length;    /* of text, without the final NUL; text may hold NUL bytes itself */
    const char *file; /* where it stands: the file's name within the mount, */
    unsigned line;    /* the line and column where its entry begins (the key's first character, */
    unsigned column;  /* or the item's in a list) */
    bool quoted;      /* YAML: written in quotes or as a block, so a string whatever it looks like */
} cmr_value;

/* Converts a text as a properties file's value would be: for options, arguments, environment
 * variables. table is for CMR_TYPE_ENUM only, else NULL. ret_value->text borrows text; its file is
 * "". Errors: CMR_ERR_TYPE, CMR_ERR_RANGE, CMR_ERR_INVALID_ARGUMENT (ENUM without a table; MAP, LIST). */
CMR_API cmr_status cmr_value_parse(const char *text, cmr_type type, const cmr_enum_item *table,
                                   cmr_value *ret_value);

/* ---------------------------------------------------------------------------------------------
 * KEYS AND PATTERNS
 *
 *   key     = [ mount ":" ] file [ "#" path ]
 *   path    = segment { "." segment | "[" number "]" | "[" string "]" }
 *
 *   log_level                                   a whole file that holds one value
 *   game.properties#enemies.cheat.level         one entry of a properties file
 *   app.yaml#server.listen[0].port              list items count from 0
 *   app.yaml#annotations["prometheus.io/scrape"]
 *   tls:["odd name: 1"]                         a file of the mount called tls
 *
 * A segment, file or mount that is empty, not UTF-8-safe to read, or holds white space, a control
 * character or one of  . [ ] # : * " \  is written as a JSON string (RFC 8259) in brackets; a file name
 * may hold dots and slashes bare (nested items are "dir/file"). Without "mount:" the reloader's
 * first mount is meant.
 *
 * In a properties file the whole key is one flat text for lookup, so enemies.cheat may hold a value
 * and begin other keys; for patterns its dots bound segments, so that most files keep their keys
 * when they move from properties to YAML. A key without "#" names the whole file: of a text file (or a
 * YAML file that is one scalar) the value itself; of any other file its raw bytes, as STRING or BYTES.
 * A list item's [0] may also stand in a properties key, so servers[0].name is found in both.
 *
 *   pattern = like a key, where * stands for any text within one segment (on the left of "#",
 *             within one directory level), ** for any number of whole segments, none included,
 *             and [*] for any list item
 *
 *   **                       everything in the first mount
 *   game.properties          everything in that file, as does game.properties#**
 *   app.yaml#server.**       server and everything below it
 *   *.yaml#*.timeout         timeout, one level below the root, in all YAML files at the top
 *   *:**                     everything in all mounts
 *
 * Where a pattern is taken, several may be given, separated by spaces: they match what any of them
 * matches.
 */

/* CMR_OK, or CMR_ERR_INVALID_ARGUMENT with ret_where (may be NULL) set to the byte that is wrong. */
CMR_API cmr_status cmr_key_check(const char *key, size_t *ret_where);
CMR_API cmr_status cmr_pattern_check(const char *pattern, size_t *ret_where);

/* ---------------------------------------------------------------------------------------------
 * Snapshots: one whole generation, immutable
 */

typedef struct cmr_snapshot cmr_snapshot;

/* Shares and returns the snapshot. Any thread. */
CMR_API cmr_snapshot *cmr_snapshot_ref(cmr_snapshot *snapshot);
CMR_API void cmr_snapshot_unref(cmr_snapshot *snapshot);

/* A number that only grows within one reloader: 1 for the first generation published; 0 for "nothing
 * loaded yet", an empty snapshot, and for snapshots that come from no reloader. */
CMR_API uint64_t cmr_snapshot_generation(const cmr_snapshot *snapshot);

/* The time of loading, seconds since the epoch (CLOCK_REALTIME). */
CMR_API int64_t cmr_snapshot_loaded_at(const cmr_snapshot *snapshot);

/* What the volume's ..data link pointed at, "" if it did not come from a volume; NULL for an unknown
 * mount. mount may be NULL: the first. */
CMR_API const char *cmr_snapshot_target(const cmr_snapshot *snapshot, const char *mount);

/* The content hash of a mount (NULL: the first), "xxh3-128:" and 32 hex digits: XXH3-128 over the
 * file names and contents, sorted by name (bytewise), each preceded by its length as 64-bit
 * little-endian. NULL for an unknown mount. */
CMR_API const char *cmr_snapshot_hash(const cmr_snapshot *snapshot, const char *mount);

/* A hash of the same form over those keys only that match the pattern: their texts sorted
 * bytewise, and each value's text, each preceded by its length. Comments, order and all other keys leave it
 * alone. Errors: CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
#define CMR_HASH_SIZE 48
CMR_API cmr_status cmr_snapshot_hash_keys(const cmr_snapshot *snapshot, const char *pattern,
                                          char ret_hash[CMR_HASH_SIZE]);

/* Typed reads. They allocate nothing. CMR_ERR_NOT_FOUND: absent. CMR_ERR_TYPE, CMR_ERR_RANGE: there, but
 * not that; cmr_explain says it in words. CMR_ERR_INVALID_ARGUMENT: the key is malformed. Strings and
 * bytes belong to the snapshot; a string is NUL-terminated and free of other NUL bytes. */
CMR_API cmr_status cmr_get(const cmr_snapshot *snapshot, const char *key, cmr_type type,
                           const cmr_enum_item *table, cmr_value *ret_value);
CMR_API cmr_status cmr_get_bool(const cmr_snapshot *snapshot, const char *key, bool *ret_value);
CMR_API cmr_status cmr_get_int64(const cmr_snapshot *snapshot, const char *key, int64_t *ret_value);
CMR_API cmr_status cmr_get_uint64(const cmr_snapshot *snapshot, const char *key, uint64_t *ret_value);
CMR_API cmr_status cmr_get_double(const cmr_snapshot *snapshot, const char *key, double *ret_value);
CMR_API cmr_status cmr_get_string(const cmr_snapshot *snapshot, const char *key, const char **ret_value);
CMR_API cmr_status cmr_get_bytes(const cmr_snapshot *snapshot, const char *key, const void **ret_data,
                                 size_t *ret_size);
CMR_API cmr_status cmr_get_duration(const cmr_snapshot *snapshot, const char *key, int64_t *ret_nanoseconds);
CMR_API cmr_status cmr_get_size(const cmr_snapshot *snapshot, const char *key, uint64_t *ret_bytes);
CMR_API cmr_status cmr_get_enum(const cmr_snapshot *snapshot, const char *key, const cmr_enum_item *table,
                                int *ret_value);
CMR_API cmr_status cmr_get_log_level(const cmr_snapshot *snapshot, const char *key, cmr_log_level *ret_level);

/* The same with a default in place of a status: whatever goes wrong, the default comes back. Where
 * a wrong value must be noticed, use the forms above, or a typed subscription, which rejects it. */
CMR_API bool cmr_get_bool_or(const cmr_snapshot *snapshot, const char *key, bool otherwise);
CMR_API int64_t cmr_get_int64_or(const cmr_snapshot *snapshot, const char *key, int64_t otherwise);
CMR_API uint64_t cmr_get_uint64_or(const cmr_snapshot *snapshot, const char *key, uint64_t otherwise);
CMR_API double cmr_get_double_or(const cmr_snapshot *snapshot, const char *key, double otherwise);
CMR_API const char *cmr_get_string_or(const cmr_snapshot *snapshot, const char *key, const char *otherwise);
CMR_API int64_t cmr_get_duration_or(const cmr_snapshot *snapshot, const char *key,
                                    int64_t otherwise_nanoseconds);
CMR_API uint64_t cmr_get_size_or(const cmr_snapshot *snapshot, const char *key, uint64_t otherwise_bytes);
CMR_API int cmr_get_enum_or(const cmr_snapshot *snapshot, const char *key, const cmr_enum_item *table,
                            int otherwise);
CMR_API cmr_log_level cmr_get_log_level_or(const cmr_snapshot *snapshot, const char *key,
                                           cmr_log_level otherwise);

/* Why cmr_get with the same arguments fails, for a person: "app.yaml:3:3: app.yaml#server.port: wanted int64,
 * found the string \"80a\"". Writes at most size bytes, NUL included; returns the length that the whole
 * text has, like snprintf. 0 and "" when the read succeeds. */
CMR_API size_t cmr_explain(const cmr_snapshot *snapshot, const char *key, cmr_type type,
                           const cmr_enum_item *table, char *buffer, size_t size);

/* Iteration over what a pattern matches ("**": everything in the first mount, "app.yaml#server.**": a
 * subtree): files by name, entries in the order of the file. Scalars and empty containers are
 * entries; a container with children is not, its children are. */
typedef struct cmr_cursor cmr_cursor;

typedef struct cmr_entry {
    const char *mount;
    const char *key; /* canonical: without the mount, brackets only where needed */
    cmr_value value; /* of its own type */
} cmr_entry;

/* Holds a reference to the snapshot until cmr_cursor_free. One thread at a time. */
CMR_API cmr_status cmr_cursor_new(cmr_snapshot *snapshot, const char *pattern, cmr_cursor **ret_cursor);
/* The next entry, or NULL at the end (and when memory ran out: cmr_cursor_failed tells). It belongs to the
 * cursor and is overwritten by the next call; the value's pointers live as long as the snapshot. */
CMR_API const cmr_entry *cmr_cursor_next(cmr_cursor *cursor);
CMR_API bool cmr_cursor_failed(const cmr_cursor *cursor);
CMR_API void cmr_cursor_free(cmr_cursor *cursor);

/* A file of a snapshot, or one to make a snapshot from. */
typedef struct cmr_file {
    const char *name; /* relative to the mount: "app.yaml", "dir/file" */
    const void *data;
    size_t size;
    const char *format; /* "text", "bytes", "properties", "yaml"; ignored on input */
} cmr_file;

/* The files of a mount (NULL: the first), sorted by name. They belong to the snapshot. */
CMR_API size_t cmr_snapshot_file_count(const cmr_snapshot *snapshot, const char *mount);
CMR_API cmr_status cmr_snapshot_file(const cmr_snapshot *snapshot, const char *mount, size_t index,
                                     cmr_file *ret_file);

/* ---------------------------------------------------------------------------------------------
 * Options of a mount
 */

/* 0 in a field: its default, given here. A generation over a limit is rejected, with a diagnostic that
 * names the limit. */
typedef struct cmr_limits {
    uint64_t file_size;       /* bytes of one file: 1 MiB; at most 1 GiB */
    uint64_t generation_size; /* bytes of all files: 8 MiB */
    uint32_t files;           /* 4,096 */
    uint32_t depth;           /* nesting of directories, and of containers in a file: 64 */
    uint32_t entries;         /* entries of one file, aliases expanded: 200,000 */
} cmr_limits;

/* Files whose name matches the glob (* within a directory level, ** across, ? one character) are
 * read as the format: "properties", "yaml", "text", or "bytes" (text that is never a string). The first rule
 * that matches decides; then the name's ending does: .properties; .yaml and .yml; else text. */
typedef struct cmr_format_rule {
    const char *glob;
    const char *format;
} cmr_format_rule;

typedef struct cmr_mount_options {
    size_t size;
    const char *name;               /* for keys and messages; default: the last component of the path */
    const cmr_format_rule *formats; /* ends with a NULL glob; copied */
    cmr_limits limits;
    int64_t check_interval_ms; /* the safety check, which sees a change even if no event comes: 60,000;
                                  negative: off */
} cmr_mount_options;

#define CMR_MOUNT_OPTIONS_INIT                                                                               \
    {                                                                                                        \
        .size = sizeof(cmr_mount_options)                                                                    \
    }

/* Reads the volume at path once, with no watch: for tools, tests and start-up checks. On failure
 * *ret_report (which may be NULL) is set to the report, yours to free, if the contents are at fault
 * (CMR_ERR_REJECTED), and to NULL else. CMR_ERR_NOT_FOUND: no volume there. */
CMR_API cmr_status cmr_snapshot_read(const char *path, const cmr_mount_options *options,
                                     cmr_report **ret_report, cmr_snapshot **ret_snapshot);

/* Builds a snapshot from given bytes, which are copied, as if a volume held them. Errors as above, and
 * CMR_ERR_INVALID_ARGUMENT for two files of one name. */
CMR_API cmr_status cmr_snapshot_from_files(const cmr_file *files, size_t count,
                                           const cmr_mount_options *options, cmr_report **ret_report,
                                           cmr_snapshot **ret_snapshot);

/* ---------------------------------------------------------------------------------------------
 * The reloader
 */

typedef struct cmr_reloader cmr_reloader;

typedef struct cmr_options {
    size_t size;
    cmr_log_fn *log;                /* default: silence */
    void *log_user;                 /* handed to log */
    const cmr_mount_options *mount; /* of the mount that cmr_open adds; default: all defaults */
} cmr_options;

#define CMR_OPTIONS_INIT                                                                                     \
    {                                                                                                        \
        .size = sizeof(cmr_options)                                                                          \
    }

/* Follows the ConfigMap volume mounted at path (a directory; it need not exist yet). Nothing is
 * loaded until the first cmr_reloader_load, _wait or _dispatch. options may be NULL.
 * Errors: CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY, CMR_ERR_SYSTEM (no descriptor left for epoll). */
CMR_API cmr_status cmr_open(const char *path, const cmr_options *options, cmr_reloader **ret_reloader);

/* Adds one more mount, before the first load. All mounts of a reloader share one inotify instance, and
 * one snapshot: it is first published when all of them are loaded. Errors: as cmr_open;
 * CMR_ERR_INVALID_ARGUMENT too for a name that is taken; CMR_ERR_BUSY after the first load. */
CMR_API cmr_status cmr_reloader_add_mount(cmr_reloader *reloader, const char *path,
                                          const cmr_mount_options *options);

/* Ends the reloader, its subscriptions and observers (their destroy is called). From a callback it
 * returns at once and takes effect when the callback returns; from another thread it waits for a
 * running dispatch. Snapshots that you hold stay valid. */
CMR_API void cmr_reloader_free(cmr_reloader *reloader);

/* A descriptor for your event loop (poll, select, epoll level- or edge-triggered): when it is readable,
 * call cmr_reloader_dispatch. It is the reloader's own: do not read or close it. */
CMR_API int cmr_reloader_fd(const cmr_reloader *reloader);

/* Does all there is to do, without blocking on anything but the mount's file system: drains events,
 * loads a changed generation, publishes, calls back. Cheap when there is nothing.
 * CMR_OK also when a generation was rejected (that is an event, not an error of the call).
 * CMR_ERR_BUSY: somebody dispatches already. CMR_ERR_CLOSED: a callback freed the reloader. */
CMR_API cmr_status cmr_reloader_dispatch(cmr_reloader *reloader);

/* Waits until there is something to do, or timeout_ms is over (negative: no limit), and dispatches.
 * For programs without an event loop. CMR_ERR_TIMEOUT, CMR_ERR_INTERRUPTED, and as dispatch. */
CMR_API cmr_status cmr_reloader_wait(cmr_reloader *reloader, int64_t timeout_ms);

/* Dispatches until the first generation is published, so that initial callbacks have run when it
 * returns CMR_OK. A mount that is not there yet is waited for until deadline_ms from now (0: not at all;
 * negative: no limit). CMR_ERR_NOT_FOUND: not there, or without ..data, at the deadline. CMR_ERR_REJECTED:
 * there, and bad; observers were told what and where. CMR_ERR_SYSTEM, CMR_ERR_NO_MEMORY: could not be read;
 * dispatching later goes on trying. CMR_ERR_INTERRUPTED, CMR_ERR_BUSY, CMR_ERR_CLOSED. Once loaded it returns
 * CMR_OK at once. */
CMR_API cmr_status cmr_reloader_load(cmr_reloader *reloader, int64_t deadline_ms);

/* Makes the next dispatch look at every mount, events or not, rejected before or not; fd becomes
 * readable. Async-signal-safe: call it from a SIGHUP handler if you like. */
CMR_API void cmr_reloader_check_now(cmr_reloader *reloader);

/* Freezes the configuration, as during an incident: nothing is loaded or delivered until release, which
 * then brings the newest generation. Calls nest. */
CMR_API void cmr_reloader_hold(cmr_reloader *reloader);
CMR_API void cmr_reloader_release(cmr_reloader *reloader);

/* The current snapshot, with a reference for you to unref. Never NULL; generation 0 and empty before the
 * first load. */
CMR_API cmr_snapshot *cmr_reloader_ref_snapshot(cmr_reloader *reloader);

/* ---------------------------------------------------------------------------------------------
 * Subscriptions
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
    const char *key;            /* canonical, without the mount */
    const cmr_value *old_value; /* NULL when added */
    const cmr_value *new_value; /* NULL when removed */
} cmr_change;

/* Gets what changed since this subscriber's last update. The update and all in it are valid during
 * the call. A subscriber may read, subscribe, unsubscribe (itself too), and free the reloader. */
typedef void cmr_update_fn(void *user, const cmr_update *update);

CMR_API size_t cmr_update_count(const cmr_update *update);                           /* at least 1 */
CMR_API const cmr_change *cmr_update_change(const cmr_update *update, size_t index); /* NULL past the end */
CMR_API cmr_snapshot *cmr_update_before(const cmr_update *update); /* borrowed; ref it to keep it */
CMR_API cmr_snapshot *cmr_update_after(const cmr_update *update);

typedef struct cmr_subscription_options {
    size_t size;
    cmr_type type;              /* old and new come converted to it; default ANY: each of its own type */
    const cmr_enum_item *table; /* for CMR_TYPE_ENUM */
    int64_t debounce_ms; /* wait until nothing that matches has changed for so long; default 0: at once */
    int64_t max_wait_ms; /* but never longer than this after the first change; default 10 times debounce_ms */
    bool initial;        /* once, first: everything that matches, as added */
    bool lenient;        /* see cmr_subscribe */
    void (*destroy)(void *user); /* called once, when user will not be touched again */
} cmr_subscription_options;

#define CMR_SUBSCRIPTION_OPTIONS_INIT                                                                        \
    {                                                                                                        \
        .size = sizeof(cmr_subscription_options)                                                             \
    }

/* Calls back when something that matches the pattern (see KEYS AND PATTERNS) has changed its value.
 *
 * Values are compared, not bytes: comments, order and white space are no change; for a typed subscription
 * "10s" to "10000ms" is none; what ends the debounce where it began is none. Without `initial` the first
 * generation is what later ones are compared with, and causes no call.
 *
 * A type is a promise: a generation in which a matching value does not convert is rejected, and the last good
 * one stays. With `lenient` it is accepted, the failure is logged, and this subscriber stays at the values it
 * has until all that it matches converts again.
 *
 * options may be NULL. ret_subscription may be NULL; the subscription then lives as long as the reloader. It
 * belongs to the reloader. Errors: CMR_ERR_INVALID_ARGUMENT; CMR_ERR_NO_MEMORY; CMR_ERR_TYPE or
 * CMR_ERR_RANGE: the type does not fit the generation that is already loaded. On failure destroy is not
 * called. */
CMR_API cmr_status cmr_subscribe(cmr_reloader *reloader, const char *pattern, cmr_update_fn *callback,
                                 void *user, const cmr_subscription_options *options,
                                 cmr_subscription **ret_subscription);

/* Ends it. After it returns the callback is not running and will not run, except when called from inside a
 * callback: then it returns at once, and a callback that is running may finish. So never hold a lock here
 * that the callback takes. */
CMR_API void cmr_unsubscribe(cmr_subscription *subscription);

/* ---------------------------------------------------------------------------------------------
 * Events: what happens to the reloader as a whole
 */

typedef enum cmr_mount_state {
    CMR_MOUNT_WAITING = 0, /* nothing there yet, or no ..data in it; looked for again and again */
    CMR_MOUNT_READY = 1,   /* followed by events */
    CMR_MOUNT_POLLING = 2, /* events are not to be had (the reason says why): looked at every 2 s, or
                              check_interval_ms if less */
    CMR_MOUNT_DEAD = 3,    /* was there and is gone; the last good stays, and its return is waited for */
} cmr_mount_state;

/* "waiting", "ready", "polling", "dead"; "?" for other numbers. Static. */
CMR_API const char *cmr_mount_state_name(cmr_mount_state state);

typedef enum cmr_event_kind {
    CMR_EVENT_READY = 1,    /* the first generation was published */
    CMR_EVENT_APPLIED = 2,  /* a later one was */
    CMR_EVENT_REJECTED = 3, /* a generation is bad: told once for each; the last good stays */
    CMR_EVENT_STATE = 4,    /* a mount changed its state */
} cmr_event_kind;

/* All pointers are valid during the call. */
typedef struct cmr_event {
    cmr_event_kind kind;
    const char *mount;        /* the mount concerned */
    uint64_t generation;      /* READY, APPLIED: the one published; else the one that is applied */
    const char *target;       /* what ..data points at: of the published, or of the rejected generation */
    const char *hash;         /* READY, APPLIED: the mount's content hash; else "" */
    const cmr_report *report; /* REJECTED: all that is wrong, of all files; else NULL */
    cmr_mount_state state;    /* the mount's */
    const char *reason;       /* STATE: why, or "" */
} cmr_event;

typedef void cmr_event_fn(void *user, const cmr_event *event);
typedef struct cmr_observer cmr_observer;

/* Calls back for every event, READY and APPLIED before the subscribers are called. destroy may be NULL;
 * ret_observer may be NULL, as in cmr_subscribe. Errors: CMR_ERR_INVALID_ARGUMENT, CMR_ERR_NO_MEMORY. */
CMR_API cmr_status cmr_observe(cmr_reloader *reloader, cmr_event_fn *callback, void *user,
                               void (*destroy)(void *user), cmr_observer **ret_observer);

/* Ends it, under the rules of cmr_unsubscribe. */
CMR_API void cmr_unobserve(cmr_observer *observer);

/* ---------------------------------------------------------------------------------------------
 * Status and counters
 */

typedef struct cmr_reloader_status {
    size_t size;
    uint64_t generation;       /* applied: the current snapshot's; 0 before the first load */
    int64_t last_success;      /* when it was loaded, seconds since the epoch; 0: never */
    uint64_t reloads_applied;  /* generations published */
    uint64_t reloads_rejected; /* generations that were bad */
    uint64_t
        reloads_failed; /* attempts that failed for want of memory, descriptors or I/O, and are tried again */
    uint64_t read_retries;  /* times a read was begun anew, because the volume was swapped under it */
    uint64_t subscriptions; /* live ones */
    bool held;
} cmr_reloader_status;

#define CMR_RELOADER_STATUS_INIT                                                                             \
    {                                                                                                        \
        .size = sizeof(cmr_reloader_status)                                                                  \
    }

CMR_API cmr_status cmr_reloader_get_status(cmr_reloader *reloader, cmr_reloader_status *ret_status);

typedef struct cmr_mount_status {
    size_t size;
    cmr_mount_state state;
    char reason[128];         /* why polling or dead, or "" */
    char mounted_target[256]; /* what ..data points at as last seen */
    char applied_target[256]; /* what it pointed at when the applied generation was read; they differ while a
                                 bad generation is mounted */
} cmr_mount_status;

#define CMR_MOUNT_STATUS_INIT                                                                                \
    {                                                                                                        \
        .size = sizeof(cmr_mount_status)                                                                     \
    }

/* mount may be NULL: the first. CMR_ERR_NOT_FOUND for an unknown one. */
CMR_API cmr_status cmr_reloader_get_mount_status(cmr_reloader *reloader, const char *mount,
                                                 cmr_mount_status *ret_status);

#ifdef __cplusplus
}
#endif

#endif
