/* SPDX-License-Identifier: MIT
 *
 * Mappings are taken from smaps: a core dump holds those that are readable, and not marked "dd"
 * (MADV_DONTDUMP) or "io". (Which of the others the kernel leaves out besides, such as unchanged pages of
 * programs, does no harm here.) The first four bytes of each piece go into a table, so that a look at a byte
 * costs one probe. */
#include "support/memory_scan.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_PLANTS 16
#define CHUNK ((size_t)1 << 20)
#define FLIP 0x55

static char flipped(unsigned number, unsigned at)
{
    static const char letters[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    uint32_t mixed = (number * 131 + at + 1) * UINT32_C(2654435761);
    mixed ^= mixed >> 15;
    return (char)(letters[mixed % (sizeof letters - 1)] ^ FLIP);
}

void plant_make(unsigned number, char ret_text[PLANT_SIZE + 1])
{
    for (unsigned i = 0; i < PLANT_SIZE; i++)
        ret_text[i] = (char)(flipped(number, i) ^ FLIP);
    ret_text[PLANT_SIZE] = '\0';
}

static bool is_piece(const char *text, unsigned number, unsigned from)
{
    for (unsigned i = 0; i < PLANT_PIECE; i++)
        if ((text[i] ^ FLIP) != flipped(number, from + i))
            return false;
    return true;
}

static unsigned key_of(unsigned char one, unsigned char two)
{
    return (unsigned)one << 8 | two;
}

/* Which two bytes may begin a piece. */
static void mark_starts(unsigned count, bool starts[65536])
{
    memset(starts, 0, 65536 * sizeof starts[0]);
    for (unsigned number = 0; number < count; number++)
        for (unsigned from = 0; from + PLANT_PIECE <= PLANT_SIZE; from++)
            starts[key_of((unsigned char)(flipped(number, from) ^ FLIP),
                          (unsigned char)(flipped(number, from + 1) ^ FLIP))] = true;
}

static size_t count_pieces(const char *text, size_t size, unsigned count)
{
    static bool starts[65536];
    size_t finds = 0;
    mark_starts(count, starts);
    for (size_t i = 0; i + PLANT_PIECE <= size; i++) {
        if (!starts[key_of((unsigned char)text[i], (unsigned char)text[i + 1])])
            continue;
        for (unsigned number = 0; number < count; number++)
            for (unsigned from = 0; from + PLANT_PIECE <= PLANT_SIZE; from++)
                finds += is_piece(text + i, number, from);
    }
    return finds;
}

bool memory_scan_text(const void *text, size_t size, unsigned count)
{
    return count_pieces(text, size, count) > 0;
}

/* Chunks overlap by a piece. */
static void scan_range(int file, uint64_t from, uint64_t to, unsigned count, const char *name,
                       struct memory_scan *scan)
{
    static char chunk[CHUNK];
    for (uint64_t at = from; at < to; at += CHUNK - PLANT_PIECE) {
        size_t wanted = to - at < CHUNK ? (size_t)(to - at) : CHUNK;
        ssize_t size = pread(file, chunk, wanted, (off_t)at);
        if (size <= 0)
            return;
        size_t finds = count_pieces(chunk, (size_t)size, count);
        if (finds && !scan->finds)
            snprintf(scan->where, sizeof scan->where, "%.80s, from %llx on", name, (unsigned long long)at);
        scan->finds += finds;
        scan->looked += (size_t)size;
        memset(chunk, 0, sizeof chunk); /* the next child of this process would have it */
        if ((size_t)size < wanted)
            return;
    }
}

bool memory_scan_file(const char *path, unsigned count, struct memory_scan *ret_scan)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    *ret_scan = (struct memory_scan){ 0 };
    if (file < 0)
        return false;
    off_t size = lseek(file, 0, SEEK_END);
    if (size > 0)
        scan_range(file, 0, (uint64_t)size, count, path, ret_scan);
    close(file);
    return size > 0;
}

/* A mapping of smaps: its first line, then its numbers, then its flags. */
static void scan_mappings(FILE *mappings, int memory, unsigned count, struct memory_scan *scan)
{
    char line[512], name[512] = "";
    unsigned long long from = 0, to = 0;
    bool readable = false;
    while (fgets(line, sizeof line, mappings)) {
        char mode[8];
        unsigned long long begin, end;
        line[strcspn(line, "\n")] = '\0';
        if (sscanf(line, "%llx-%llx %7s", &begin, &end, mode) == 3) {
            from = begin;
            to = end;
            readable = mode[0] == 'r';
            snprintf(name, sizeof name, "%s", line);
        } else if (strncmp(line, "VmFlags:", 8) == 0 && readable && !strstr(line, " dd") &&
                   !strstr(line, " io") && !strstr(name, "[vvar]")) {
            scan_range(memory, from, to, count, name, scan);
        }
    }
}

bool memory_scan_process(pid_t process, unsigned count, struct memory_scan *ret_scan)
{
    char path[40];
    *ret_scan = (struct memory_scan){ 0 };
    snprintf(path, sizeof path, "/proc/%d/mem", (int)process);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "/proc/%d/smaps", (int)process);
    FILE *mappings = fopen(path, "re");
    if (memory >= 0 && mappings)
        scan_mappings(mappings, memory, count, ret_scan);
    if (mappings)
        fclose(mappings);
    if (memory >= 0)
        close(memory);
    return ret_scan->looked > 0;
}
