#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A first look: sh examples/quickstart.sh
#
# Builds cmreload, writes a ConfigMap volume the way the kubelet does, lets the game example follow it,
# and changes the ConfigMap under it. $CMRELOAD_BUILD_DIR: use that build instead of making one.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

work=$(mktemp -d)
game=
tidy() {
    [ -z "$game" ] || kill "$game" 2>/dev/null || true
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM

step() {
    printf '\n== %s\n' "$*"
}

fail() {
    echo "FAILED: $*"
    sed 's/^/  log | /' "$work/log" 2>/dev/null || true
    exit 1
}

# ---- build --------------------------------------------------------------------------------------

if [ -n "${CMRELOAD_BUILD_DIR:-}" ]; then
    build=$(cd "$CMRELOAD_BUILD_DIR" && pwd)
else
    . "$root/tests/support/packages.sh"
    packages_need "$packages_build"
    build=$root/build/quickstart
    step "Building into build/quickstart"
    { cmake -S "$root" -B "$build" -DCMRELOAD_TESTS=OFF && cmake --build "$build" -j "$(nproc)"; } >"$work/log" 2>&1 ||
        fail "the build"
fi
PATH=$build:$PATH

# ---- a ConfigMap, and a program that follows it -------------------------------------------------

mkdir "$work/files"
cd "$work/files"
cat >game.properties <<'END'
enemies=aliens
lives=3
enemies.cheat=true
enemies.cheat.level=noGoodRotten
secret.code.passphrase=UUDDLRLRBABAS
secret.code.allowed=true
secret.code.lives=30
END
cat >ui.properties <<'END'
color.good=purple
color.bad=yellow
allow.textmode=true
how.nice.to.look=fairlyNice
END
echo INFO >log_level
cd "$work"

# Runs a command and shows it.
show() {
    echo "\$ $*"
    "$@"
}

apply() {
    show cmreload apply config --from-file=files
}

# prints TEXT...: waits until the game has printed lines that match all of these, then shows what is new
shown=0
prints() {
    for text in "$@"; do
        tries=0
        until tail -n "+$((shown + 1))" out | grep -q "$text"; do
            tries=$((tries + 1))
            [ "$tries" -le 100 ] || fail "'$text' did not come within 10 seconds; what came: $(cat out)"
            kill -0 "$game" 2>/dev/null || fail "the game has ended"
            sleep 0.1
        done
    done
    tail -n "+$((shown + 1))" out | sed 's/^/  game | /'
    shown=$(wc -l <out)
}

step "A ConfigMap volume, as the kubelet writes it"
apply
show cmreload get config 'game.properties#lives' --type int64

step "A game that follows it"
echo "\$ game config &"
: >out
"$build/examples/game" config >out 2>log &
game=$!
prints 'lives.*3' 'log_level.*info'

step "The ConfigMap changes: lives, a colour, the log level"
sed -i 's/^lives=3$/lives=5/' files/game.properties
sed -i 's/^color.good=purple$/color.good=green/' files/ui.properties
echo DEBUG >files/log_level
apply
prints 'lives.*3 -> 5' 'color.good.*purple -> green' 'log_level.*info -> debug'

step "More lives, but with them comes a broken file: it is refused, and the game plays on"
sed -i 's/^lives=5$/lives=7/' files/game.properties
printf 'server:\n  port: [8080\n' >files/app.yaml
apply
prints 'refused a bad generation'
grep 'app\.yaml:' log | sed 's/^/   log | /' || fail "the log does not name the broken file"

step "The file is mended: now they arrive"
printf 'server:\n  port: [8080]\n' >files/app.yaml
apply
prints 'lives.*5 -> 7'

kill "$game"
wait "$game" || fail "the game ended with $?"
game=
step "Done: typed changes arrived, without a restart, and nothing that was broken. Read on in README.md."
