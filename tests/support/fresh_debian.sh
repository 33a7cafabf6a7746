#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Proves that a fresh Debian 12 with nothing but git is enough: sh tests/support/fresh_debian.sh [--quick]
#
# Makes one with debootstrap in a temporary folder, clones this project's last commit into it, and
# runs, inside and with no terminal to ask on: examples/quickstart.sh and tests/run.sh as an ordinary
# user (both must stop with the line that installs what is missing), then both as root. Needs root, the
# network, 3 GB below $TMPDIR, and 3 minutes with --quick, else as long as tests/run.sh takes and two more.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
release=bookworm

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "usage: sh tests/support/fresh_debian.sh [--quick]   as root, with debootstrap installed" >&2
    exit 2
fi
# Mounts are made in a namespace of our own, so that none is left behind whatever happens.
[ -n "${CMRELOAD_FRESH_NAMESPACE:-}" ] || exec env CMRELOAD_FRESH_NAMESPACE=yes unshare --mount sh "$0" "$@"

debian=$(mktemp -d)
tidy() {
    if mountpoint -q "$debian/proc"; then umount -l "$debian/proc"; fi
    rm -rf --one-file-system "$debian"
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$debian"

heading() {
    printf '\n######## %s\n' "$*"
}

fail() {
    echo "FAILED: $*"
    exit 1
}

inside() {
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 chroot "$debian" "$@" </dev/null
}

# Nothing may run in there once a script has ended, and its own policy must be gone.
nothing_left() {
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/root" 2>/dev/null)" != "$debian" ] ||
            fail "$1 left a process behind: $(tr '\0' ' ' <"$process/cmdline")"
    done
    [ ! -e "$debian/usr/sbin/policy-rc.d" ] || fail "$1 left policy-rc.d behind"
}

heading "debootstrap $release"
debootstrap --variant=minbase --include=git,ca-certificates "$release" "$debian" >"$debian.log" 2>&1 || {
    tail -n 20 "$debian.log"
    fail "debootstrap"
}
rm -f "$debian.log"
# How this machine reaches the network and the mirror; nothing else of it.
cp -L /etc/resolv.conf /etc/hosts "$debian/etc/"
apt-config dump --format '%f "%v";%n' Acquire | grep -v -e ::IndexTargets -e ::Changelogs >"$debian/etc/apt/apt.conf.d/99host"
mount -t proc proc "$debian/proc"

heading "git clone"
git -C "$root" -c safe.directory='*' bundle create --quiet "$debian/srv/cmreload.bundle" HEAD
inside git -c advice.detachedHead=false clone --quiet /srv/cmreload.bundle /srv/cmreload
inside git -C /srv/cmreload log -1 --format='%h %s'

for script in examples/quickstart.sh tests/run.sh; do
    heading "$script as an ordinary user, with packages missing"
    status=0
    said=$(inside su -s /bin/sh nobody -c "sh /srv/cmreload/$script" 2>&1) || status=$?
    echo "$said"
    [ "$status" -ne 0 ] || fail "$script went on"
    [ "$(echo "$said" | wc -l)" -eq 1 ] || fail "$script said more than one line"
    case $said in
    'sudo apt-get install -y '*) ;;
    *) fail "$script did not print the line that installs what is missing" ;;
    esac
done

heading "examples/quickstart.sh"
inside sh /srv/cmreload/examples/quickstart.sh || fail "examples/quickstart.sh ended with $?"
nothing_left examples/quickstart.sh

heading "tests/run.sh $*"
inside sh /srv/cmreload/tests/run.sh "$@" || fail "tests/run.sh ended with $?"
nothing_left tests/run.sh

heading "done: both scripts pass on a fresh Debian, and left nothing running"
