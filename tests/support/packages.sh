# shellcheck shell=sh disable=SC2034 # the lists are used where this is sourced
# SPDX-License-Identifier: MIT
#
# The Debian packages that the project is built and tested with; sourced by examples/quickstart.sh
# and tests/run.sh. As root what is missing is installed, without a question and without starting
# any service; anybody else is shown the one line that does it.

# To build the library, the tool and the examples.
packages_build='gcc libc6-dev make cmake pkg-config libyaml-dev libiniparser-dev libxxhash-dev'
# For the tests, and for their full run.
packages_tests='g++ libcmocka-dev liblog4c-dev binutils strace procps util-linux patch python3'
packages_full='clang libclang-rt-dev valgrind python3-yaml python3-jsonschema python3-prometheus-client'
# For nginx's module.
packages_full="$packages_full nginx nginx-dev libnginx-mod-http-lua"
# Tools that single tests compare with, as COMMAND=PACKAGE: without one its tests are skipped.
packages_wanted='javac=default-jdk-headless kubectl=kubernetes-client vi=vim-tiny go=golang-go wrk=wrk mypy=mypy'
# For the Lua binding. (luajit is luajit2: libluajit-5.1-2 excludes nginx's Lua module.)
packages_full="$packages_full lua5.4 liblua5.4-dev lua5.1 liblua5.1-0-dev luajit2 libluajit2-5.1-dev luarocks"
# For the Python binding: its headers, and what pip makes a wheel with.
packages_full="$packages_full python3-dev python3-setuptools python3-wheel python3-pip"

# Those of the packages that are not installed.
packages_missing() {
    for package in "$@"; do
        # A package may be there for several architectures: one word for each.
        case " $(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null)" in
        *' installed '*) ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

# The packages of those COMMAND=PACKAGE pairs whose command is not there.
packages_wanting() {
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null || printf '%s ' "${pair#*=}"
    done
}

# Installs packages, as root. A subshell: its traps are not the caller's.
packages_install() (
    policy=/usr/sbin/policy-rc.d
    log=$(mktemp)
    policy_made=
    trap 'rm -f "$log" ${policy_made:+"$policy"}' EXIT
    trap 'exit 1' HUP INT TERM
    if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
        policy_made=yes
        printf '#!/bin/sh\nexit 101\n' >"$policy" # "action forbidden by policy", to every init script
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1
    echo "Installing: $*"
    apt-get -qq update </dev/null >"$log" 2>&1 || true # whether the lists are good enough, the next line tells
    apt-get -qq -y --no-install-recommends install "$@" </dev/null >>"$log" 2>&1 || {
        cat "$log"
        exit 1
    }
)

# packages_need REQUIRED [WANTED]: returns when all of REQUIRED are installed, else ends the script
# with 1. WANTED are pairs as above: installed if they can be had.
packages_need() {
    command -v dpkg-query >/dev/null || {
        echo "This is no Debian: taking for granted what these packages have: $1"
        return 0
    }
    # shellcheck disable=SC2086 # lists of words
    packages_required=$(packages_missing $1)
    # shellcheck disable=SC2086
    packages_optional=$(packages_wanting ${2:-})
    if [ "$(id -u)" -ne 0 ]; then
        [ -n "$packages_required" ] || return 0
        echo "sudo apt-get install -y --no-install-recommends $packages_required$packages_optional" | sed 's/ $//'
        exit 1
    fi
    # shellcheck disable=SC2086
    [ -z "$packages_required" ] || packages_install $packages_required || exit 1
    # shellcheck disable=SC2086
    [ -z "$packages_optional" ] || packages_install $packages_optional ||
        echo "Going on without: $packages_optional"
}
