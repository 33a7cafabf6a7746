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
    build=$CMRELOAD_BUILD_DIR
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

# prints FILE TEXT...: waits until FILE has lines that match all of these, then shows what is new in it
shown=0
prints() {
    file=$1
    shift
    for text in "$@"; do
        tries=0
        until tail -n "+$((shown + 1))" "$file" | grep -q "$text"; do
            tries=$((tries + 1))
            [ "$tries" -le 100 ] || fail "'$text' did not come within 10 seconds; what came: $(cat "$file")"
            kill -0 "$game" 2>/dev/null || fail "the game has ended"
            sleep 0.1
        done
    done
    tail -n "+$((shown + 1))" "$file" | sed 's/^/  game | /'
    shown=$(wc -l <"$file")
}

step "A ConfigMap volume, as the kubelet writes it"
apply
show cmreload get config 'game.properties#lives' --type int64

step "A game that follows it"
echo "\$ game config &"
"$build/examples/game" config >out 2>log &
game=$!
prints out lives

step "The ConfigMap changes: lives, a colour, the log level"
sed -i 's/^lives=3$/lives=5/' files/game.properties
sed -i 's/^color.good=purple$/color.good=green/' files/ui.properties
echo DEBUG >files/log_level
apply
prints out 'lives.*5' 'color.*green' '[Ll]evel.*[Dd][Ee][Bb][Uu][Gg]'

step "A broken file comes with the next change: it is refused, and the game goes on as before"
sed -i 's/^lives=5$/lives=7/' files/game.properties
printf 'server:\n  port: [8080\n' >files/app.yaml
apply
tries=0
until grep -q 'app\.yaml:' log; do
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || fail "the broken file was not reported within 10 seconds"
    sleep 0.1
done
grep 'app\.yaml:' log | sed 's/^/  game | /'

step "The file is mended: now the change arrives"
echo 'port: 8080' >files/app.yaml
apply
prints out 'lives.*7'

kill "$game"
wait "$game" 2>/dev/null || true
game=
step "Done: every change arrived, typed, and without a restart. README.md says how to go on."
