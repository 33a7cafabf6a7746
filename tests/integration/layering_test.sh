#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The layers of the source: an #include never points up, a third-party header is included by one .c
# file only, the tool and the examples see the public header alone. Each rule is also broken on
# purpose in a copy, to show that this test can fail.
set -eu
source_dir=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# violations ROOT: prints a line for each include that breaks a rule
violations() {
    (
        cd "$1"
        find src examples -name '*.[ch]' -exec grep -Hn '^[[:space:]]*#[[:space:]]*include' {} +
    ) | sort | awk '
    BEGIN {
        may["base"] = "base"
        may["watch"] = "base watch"
        may["source"] = "base source"
        may["model"] = "base model"
        may["format"] = "base model format"
        may["schema"] = "base model schema"
        may["engine"] = "base watch source model format schema engine"
        may["share"] = may["engine"] " share"
        may["ops"] = may["engine"] " ops"
        may["cli"] = "cli"
        may["examples"] = ""
        # The C library and the kernel; anything else in angle brackets is a third party.
        n = split("assert ctype dirent errno fcntl fenv float getopt inttypes iso646 limits locale malloc math" \
                  " poll pthread sched semaphore setjmp signal stdalign stdarg stdatomic stdbool stddef stdint" \
                  " stdio stdlib stdnoreturn string strings syslog threads time uchar unistd wchar wctype", names)
        for (i = 1; i <= n; i++) libc["<" names[i] ".h>"] = 1
    }
    function broken(why) { print file ":" line ": " what ": " why }
    {
        split($0, part, ":")
        file = part[1]; line = part[2]
        what = $0
        if (!match(what, /[<"][^>"]*[>"]/)) { broken("not understood"); next }
        what = substr(what, RSTART, RLENGTH)
        path = substr(what, 2, length(what) - 2)

        split(file, folder, "/")
        layer = folder[1] == "src" ? folder[2] : folder[1]
        if (!(layer in may)) { broken("src/" layer " is no layer"); next }

        if (path == "cmreload/cmreload.h" || path == "cmreload/version.h") next
        if (path == "cmreload/log4c.h" && layer == "examples") next
        if (path ~ /^(cmreload\/lua|lua|lauxlib|lualib)\.h$/ && file == "examples/lua-host.c") next
        if (what ~ /^</) {
            if (what in libc || path ~ /^(sys|linux|arpa|netinet)\//) next
            if (layer == "examples") { broken("an example uses the public header only"); next }
            if (file !~ /\.c$/) { broken("a third-party header in a header"); next }
            owner = (layer == "cli" ? "the tool" : "the library") SUBSEP path
            if (index(users[owner] " ", " " file " ") == 0) { users[owner] = users[owner] " " file; count[owner]++ }
            next
        }
        if (path !~ /^[a-z]+\/[a-z0-9_]+\.h$/) { broken("does not name its folder"); next }
        split(path, target, "/")
        if (index(" " may[layer] " ", " " target[1] " ") == 0) broken(layer " may not include " target[1])
    }
    END {
        for (owner in count)
            if (count[owner] > 1) {
                split(owner, part, SUBSEP)
                print "<" part[2] "> is included by more than one file of " part[1] ":" users[owner]
            }
    }'
}

found=$(violations "$source_dir")
if [ -n "$found" ]; then
    echo "$found"
    echo "FAILED: these includes break the layers"
    exit 1
fi
includes=$(grep -rh '#include' "$source_dir/src" "$source_dir/examples" | wc -l)
echo "ok: $includes includes"

# plant FILE INCLUDE WORDS: with that include in that file, a violation is found and says WORDS
plant() {
    rm -rf "$work/copy"
    mkdir -p "$work/copy"
    cp -r "$source_dir/src" "$source_dir/examples" "$work/copy"
    mkdir -p "$(dirname "$work/copy/$1")"
    echo "  #  include $2 /* planted */" >>"$work/copy/$1"
    found=$(violations "$work/copy")
    case $found in
    *"$3"*) echo "ok: refused: $1 including $2" ;;
    *)
        echo "FAILED: $1 including $2 was not refused as '$3': ${found:-no violation}"
        exit 1
        ;;
    esac
}

plant src/base/planted.c '"model/document.h"' 'base may not include model'
plant src/watch/planted.h '"source/volume.h"' 'watch may not include source'
plant src/source/planted.c '"format/format.h"' 'source may not include format'
plant src/model/planted.c '"format/format.h"' 'model may not include format'
plant src/format/planted.c '"engine/reloader.h"' 'format may not include engine'
plant src/schema/planted.c '"engine/reloader.h"' 'schema may not include engine'
plant src/schema/planted.h '"format/format.h"' 'schema may not include format'
plant src/model/planted.h '"schema/record.h"' 'model may not include schema'
plant src/engine/planted.c '"cli/main.h"' 'engine may not include cli'
plant src/engine/planted.c '"ops/examination.h"' 'engine may not include ops'
plant src/share/planted.c '"ops/examination.h"' 'share may not include ops'
plant src/ops/planted.c '"cli/cli.h"' 'ops may not include cli'
plant src/cli/planted.c '"base/buffer.h"' 'cli may not include base'
plant src/base/planted.c '"buffer.h"' 'does not name its folder'
plant src/base/planted.c '"../model/document.h"' 'does not name its folder'
plant src/elsewhere/planted.c '"base/buffer.h"' 'is no layer'
plant src/base/planted.c '<xxhash.h>' 'more than one file of the library'
plant src/model/planted.h '<xxhash.h>' 'in a header'
plant examples/planted.c '"base/buffer.h"' 'examples may not include base'
plant examples/planted.c '<yaml.h>' 'public header only'
