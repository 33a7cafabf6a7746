/* SPDX-License-Identifier: MIT
 *
 * Loads through iniparser (https://gitlab.com/iniparser/iniparser; tried with 4.1).
 *
 * iniparser reads files by path, and answers with a dictionary that knows neither lines nor which of two
 * equal keys it has dropped, takes quadratic time, and, when memory runs out, lacks entries without a word.
 * So it gets a memfd, few lines at a time, and before each line a section of ours that says which one it is:
 *
 *     [~07]           "~07"              of a key there is its entry,
 *     port = 80       "~07:port" = "80"
 *     [~08]           "~08"              of a section one below it
 *     [Server]        "server"
 *     ~08=            "server:~08" = ""
 *
 * where ~ is the byte 0xff, which no UTF-8 has, so that no file can hold such a name. An entry, or a marker,
 * that is not there when iniparser is done means that it ran out of memory; a section line that was lost
 * would show as "~08:~08". The dictionary is never so full that it would have to grow.
 *
 * Process-wide, and the library's one global: iniparser's error callback, which there is no way to ask for.
 * While it is ours a lock is held, so that no two threads of the library meet in it; it passes over what
 * other threads do in iniparser on their own; afterwards there is none, as before. In a forked child the lock
 * is made anew, since the thread that held it may not be there; that a fork handler does, as a child may read
 * files without asking any reloader. Characters are taken by
 * the C locale, whatever the program's is: another would break UTF-8 in lower-casing it. iniparser opens the
 * memfd once more for each load, and without O_CLOEXEC. */
#include <iniparser/iniparser.h>

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "format/ini_load.h"

#define MARK '\xff'
#define DICTIONARY_SIZE 128 /* entries that a dictionary has room for without growing */
#define ROOM 16384          /* more than the stream and the empty dictionary of a load take */

static struct {
    atomic_bool survives_forks; /* the lock does */
    pthread_mutex_t lock;
    _Atomic(pthread_t) thread; /* that holds it */
    struct cmr__ini_load *load;
} callback = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* iniparser's error callback. What it says of a line ends in "in FILE (LINE)"; else it cannot open the file,
 * or has no memory. */
static int note_error(const char *format, ...)
{
    if (!pthread_equal(atomic_load(&callback.thread), pthread_self()))
        return 0;
    int error = errno ? errno : ENOMEM;
    if (!strstr(format, "(%d)")) {
        callback.load->error = error;
        return 0;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)va_arg(arguments, const char *);
    int line = va_arg(arguments, int);
    va_end(arguments);
    if (callback.load->refused_line == 0)
        callback.load->refused_line = (unsigned)line;
    return 0;
}

/* Whether a load's memory can be had. iniparser 4.1 crashes if not, and never looks; what was just freed is
 * there, as good as certainly. volatile: else the compiler sees that nobody uses it. */
static bool has_room(void)
{
    void *volatile room = malloc(ROOM);
    bool had = room != NULL;
    free(room);
    return had;
}

static dictionary *load_locked(struct cmr__ini_load *load, const char *path)
{
    dictionary *made;
    atomic_store(&callback.thread, pthread_self());
    callback.load = load;
    iniparser_set_error_callback(note_error);
    errno = 0;
    made = iniparser_load(path);
    iniparser_set_error_callback(NULL);
    callback.load = NULL;
    return made;
}

static void renew_lock(void)
{
    pthread_mutex_init(&callback.lock, NULL);
}

/* Before the lock is taken for the first time. Two threads may come here at once, and twice does no harm. */
static bool survive_forks(void)
{
    if (!callback.survives_forks && pthread_atfork(NULL, NULL, renew_lock) == 0)
        callback.survives_forks = true;
    return callback.survives_forks;
}

/* Has iniparser read the memfd. */
static void load_file(struct cmr__ini_load *load)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", load->descriptor);
    load->refused_line = 0;
    load->error = 0;
    if (!survive_forks())
        return;
    locale_t before = uselocale(load->locale);
    pthread_mutex_lock(&callback.lock);
    if (has_room())
        load->dictionary = load_locked(load, path);
    pthread_mutex_unlock(&callback.lock);
    uselocale(before);
}

/* ---- the file */

static cmr_status status_of(int error)
{
    return error == ENOMEM || error == ENOSPC ? CMR_ERR_NO_MEMORY : CMR_ERR_SYSTEM;
}

static cmr_status write_feed(struct cmr__ini_load *load)
{
    size_t written = 0;
    while (written < load->feed.size) {
        ssize_t more =
            pwrite(load->descriptor, load->feed.data + written, load->feed.size - written, (off_t)written);
        if (more < 0 && errno != EINTR)
            return status_of(errno);
        written += more > 0 ? (size_t)more : 0;
    }
    if (load->file_size > written && ftruncate(load->descriptor, (off_t)written) != 0)
        return status_of(errno);
    load->file_size = written;
    return CMR_OK;
}

static cmr_status write_file(struct cmr__ini_load *load)
{
    if (load->feed.failed)
        return CMR_ERR_NO_MEMORY;
    if (load->descriptor < 0)
        load->descriptor = memfd_create("cmreload-ini", MFD_CLOEXEC);
    return load->descriptor < 0 ? status_of(errno) : write_feed(load);
}

/* ---- the entries */

/* Which line a marker stands before. */
static unsigned read_marker(const char *mark, const char **ret_end)
{
    unsigned number = 0;
    const char *at = mark + 1;
    for (; *at >= '0' && *at <= '9' && number < CMR__INI_BATCH; at++)
        number = 10 * number + (unsigned)(*at - '0');
    *ret_end = at;
    return number;
}

/* An entry whose name begins with a marker: the marker's own, or a key below it. */
static void take_key(struct cmr__ini_load *load, const char *entry, const char *value)
{
    const char *end;
    unsigned number = read_marker(entry, &end);
    if (number >= load->count)
        return;
    struct cmr__ini_item *item = &load->items[number];
    if (*end == '\0') {
        item->is_marked = true;
    } else if (*end == ':' && !item->is_section) {
        item->name = end + 1;
        item->name_length = strlen(end + 1);
        item->value = value;
    }
}

/* An entry that is a section, or a marker below it. */
static void take_section(struct cmr__ini_load *load, const char *entry)
{
    const char *end, *mark = strrchr(entry, MARK);
    unsigned number = mark ? read_marker(mark, &end) : load->count;
    if (number >= load->count || mark[-1] != ':' || !load->items[number].is_section)
        return;
    load->items[number].name = entry;
    load->items[number].name_length = (size_t)(mark - 1 - entry);
    load->items[number].value = "";
}

static bool take_entries(struct cmr__ini_load *load)
{
    const dictionary *made = load->dictionary;
    for (ssize_t i = 0; i < made->size; i++) {
        const char *entry = made->key[i];
        if (entry && *entry == MARK)
            take_key(load, entry, made->val[i]);
        else if (entry)
            take_section(load, entry);
    }
    for (unsigned i = 0; i < load->count; i++)
        if (!load->items[i].is_marked || !load->items[i].name || !load->items[i].value)
            return false;
    return true;
}

/* ---- the interface */

cmr_status cmr__ini_load_init(struct cmr__ini_load *load)
{
    *load = (struct cmr__ini_load){ .feed = CMR__BUFFER_INIT, .descriptor = -1 };
    load->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return load->locale ? CMR_OK : CMR_ERR_NO_MEMORY;
}

static void drop(struct cmr__ini_load *load)
{
    if (load->dictionary)
        iniparser_freedict(load->dictionary);
    load->dictionary = NULL;
}

void cmr__ini_load_reset(struct cmr__ini_load *load)
{
    int error = errno;
    drop(load);
    cmr__buffer_reset(&load->feed);
    cmr__close_fd(&load->descriptor);
    if (load->locale)
        freelocale(load->locale);
    errno = error;
}

bool cmr__ini_load_is_full(const struct cmr__ini_load *load)
{
    return load->count == CMR__INI_BATCH || load->entries + 3 > DICTIONARY_SIZE;
}

void cmr__ini_load_add(struct cmr__ini_load *load, bool is_section, const char *text, size_t length)
{
    if (load->dictionary) {
        drop(load);
        load->count = load->entries = load->lines = 0;
        load->feed.size = 0;
    }
    const char tens = (char)('0' + load->count / 10), ones = (char)('0' + load->count % 10);
    cmr__buffer_append(&load->feed, (const char[]){ '[', MARK, tens, ones, ']', '\n' }, 6);
    cmr__buffer_append(&load->feed, text, length);
    cmr__buffer_append_char(&load->feed, '\n');
    if (is_section)
        cmr__buffer_append(&load->feed, (const char[]){ MARK, tens, ones, '=', '\n' }, 5);
    load->items[load->count++] =
        (struct cmr__ini_item){ .is_section = is_section, .fed_line = load->lines + 2 };
    load->entries += is_section ? 3 : 2;
    load->lines += is_section ? 3 : 2;
}

static cmr_status find_refused(const struct cmr__ini_load *load, unsigned *ret_refused)
{
    for (unsigned i = 0; i < load->count; i++)
        if (load->items[i].fed_line == load->refused_line) {
            *ret_refused = i;
            return CMR_ERR_SYNTAX;
        }
    return CMR_ERR_NO_MEMORY; /* one of ours, or none that it got */
}

cmr_status cmr__ini_load_run(struct cmr__ini_load *load, unsigned *ret_refused)
{
    cmr_status status = write_file(load);
    if (status != CMR_OK)
        return status;
    load_file(load);
    if (load->refused_line)
        return find_refused(load, ret_refused);
    if (load->error) {
        errno = load->error;
        return status_of(load->error);
    }
    return load->dictionary && take_entries(load) ? CMR_OK : CMR_ERR_NO_MEMORY;
}
