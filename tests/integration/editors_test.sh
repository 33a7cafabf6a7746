#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Whatever way a file is saved, whoever follows its directory, or the file alone, is told of one change with
# the final content.
set -u
tool=$1
work=$(mktemp -d)
follower=
trap 'kill $follower 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME="$work"

failures=0

# until_in FILE TEXT: waits until the file has the text
until_in() {
    tries=0
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || return 1
        sleep 0.05
    done
}

# saves NAME SHELL-COMMAND: the command, in a folder with app.properties, saves level=debug and threads=8 there
saves() {
    for path in conf conf/app.properties; do
        rm -rf conf out
        mkdir conf
        printf 'level=info\nthreads=4\n' >conf/app.properties
        # The quiet time is long, so that a busy machine stretches no save beyond it.
        "$tool" watch "$path" --settle 1s --json >out 2>&1 &
        follower=$!
        until_in out '"event":"ready"' || echo "no start" >>out
        (cd conf && eval "$2") >log 2>&1 || cat log
        until_in out '"event":"applied"' || echo "no change" >>out
        # Whatever would come late comes before this change, which is one by itself.
        sleep 1.2
        printf 'level=debug\nthreads=9\n' >conf/app.properties
        until_in out '"new":"9"' || echo "no end" >>out
        kill $follower
        wait $follower
        follower=
        found=$(grep -o '"event":"[a-z]*"\|"new":"[^"]*"' out | tr -d '\n' | sed 's/"event"//g; s/"new"//g; s/"//g')
        if [ "$found" = ":ready:modified:debug:modified:8:applied:modified:9:applied" ]; then
            echo "ok $1: $path"
        else
            failures=$((failures + 1))
            echo "not ok $1: $path: $found"
            cat out
        fi
    done
}

with_vim() {
    command -v vim >/dev/null || command -v vim.tiny >/dev/null || {
        echo "SKIP: vim is not installed"
        return
    }
    vim=$(command -v vim || command -v vim.tiny)
    # vim writes a new file and renames it, or renames the old one away, or writes in place, as it is set.
    for how in 'backupcopy=no' 'backupcopy=yes' 'backup' 'nowritebackup'; do
        saves "vim, $how" "$vim -es -u NONE -N -c 'set $how swapfile' -c '%s/info/debug/' -c '%s/4/8/' -c 'wq' app.properties"
    done
}

with_vim
saves 'sed -i' "sed -i 's/info/debug/; s/4/8/' app.properties"
saves 'cp' "printf 'level=debug\nthreads=8\n' >../new && cp ../new app.properties"
saves 'echo >' "{ echo level=debug; echo threads=8; } >app.properties"
saves 'echo > and >>' "echo level=debug >app.properties; echo threads=8 >>app.properties"
saves 'mv' "printf 'level=debug\nthreads=8\n' >../new && mv ../new app.properties"
saves 'truncate and write' ": >app.properties; sleep 0.1; printf 'level=debug\n' >>app.properties; sleep 0.1; echo threads=8 >>app.properties"

[ "$failures" -eq 0 ]
