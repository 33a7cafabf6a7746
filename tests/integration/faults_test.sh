#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_faults.c makes system calls fail one by one. What the library's objects of watch, source and engine
# call must therefore be wrapped there, or stand below: because it calls nothing of the system, or with the
# reason why it does not fail there. So must what share calls, there or in the tests of its parts.
set -eu
source_dir=$2 build_dir=$3
objects=$build_dir/CMakeFiles/cmreload_objects.dir/src

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Memory: test_failmalloc.c fails each allocation.
memory="calloc free malloc realloc strdup strndup"

# Nothing of the system, or on memory only.
plain="__errno_location __isoc99_sscanf bcmp dirfd memchr memcmp memcpy memmove memset qsort snprintf sscanf strchr
    strcmp strcspn strerror strftime strlen strncmp strrchr strstr vsnprintf pthread_cond_broadcast pthread_cond_destroy
    pthread_cond_init pthread_cond_signal pthread_mutex_destroy pthread_mutex_init pthread_mutex_lock
    pthread_mutex_trylock pthread_mutex_unlock pthread_equal pthread_self sigfillset gmtime_r rand_r setlogmask
    strspn __cmsg_nxthdr getpid"

# These cannot fail with good arguments, or the library looks at no result of theirs.
certain="getrlimit munmap pthread_cond_wait pthread_detach pthread_join pthread_sigmask"

# One that is interrupted makes a pause shorter, in which nothing is waited for.
harmless="nanosleep"


# No part of following: after a fork, and for a secret mount: test_requirements_forks.c and test_secret.c fail them.
elsewhere="dup3 getrandom"

# Writing a volume: test_volume_crash.c fails them.
writing="fchmodat flock fsync mkdir mkdirat renameat symlinkat unlinkat"

for name in $elsewhere $writing $memory $plain $certain $harmless; do
    echo "$name"
done >"$work/exempt"

# wrapped TEST...: by lines of these that the build looks at, too
wrapped() {
    sed -nE 's/^WRAPPED[A-Z_]*\([^,]*, *([a-z0-9_]+),.*/\1/p; s/^[a-z].*[ *]__wrap_([a-z0-9_]+)\(.*/\1/p' "$@" |
        sed 's/^__getdelim$/getline/' | sort -u
}
tests=$source_dir/tests
wrapped "$tests/integration/test_faults.c" >"$work/wrapped"
wrapped "$tests/unit/test_sealed.c" "$tests/unit/test_packet.c" "$tests/unit/test_share_making.c" \
    "$tests/integration/test_share_faults.c" "$tests/integration/test_faults.c" >"$work/wrapped_by_parts"

# called OBJECT...: what they want from elsewhere, by the name in the source; of compilers and sanitizers nothing
called() {
    nm --undefined-only --format=posix "$@" | awk 'NF >= 2 && $2 ~ /^[Uw]/ { print $1 }' |
        sed -E 's/@.*//; s/^__(.*)_chk$/\1/; s/^__(open(at)?)_2$/\1/; s/^__getdelim$/getline/; s/^(open|openat|stat|fstat|fstatat|readdir|fstatfs|fcntl|fopen)64$/\1/' |
        grep -vE '^(cmr_|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__(asan|tsan|ubsan|sanitizer|gcov|llvm)_)' | sort -u
}

# unknown WRAPPED OBJECT...: what is neither wrapped nor exempt
unknown() {
    list=$1
    shift
    called "$@" | grep -vxF -f "$list" -f "$work/exempt" || true
}

found=$(
    unknown "$work/wrapped" "$objects"/watch/*.o "$objects"/source/*.o "$objects"/engine/*.o
    unknown "$work/wrapped_by_parts" "$objects"/share/*.o "$objects"/model/mapping.c.o
)
[ -z "$found" ] || {
    echo "FAILED: neither wrapped by a test nor exempt:" $found
    exit 1
}
echo "ok: $(wc -l <"$work/wrapped") calls are wrapped, $(wc -l <"$work/exempt") exempt"

# What is wrapped is called: a name that is misspelt would never fail.
called "$objects"/watch/*.o "$objects"/source/*.o "$objects"/engine/*.o "$objects"/base/*.o >"$work/called"
idle=$(grep -vxF -f "$work/called" "$work/wrapped" || true)
[ -z "$idle" ] || {
    echo "FAILED: wrapped, but never called:" $idle
    exit 1
}

# This can fail.
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build_dir/CMakeCache.txt")
echo 'int unlink(const char *); int planted(void); int planted(void) { return unlink("x"); }' >"$work/planted.c"
"$cc" -c "$work/planted.c" -o "$work/planted.o"
[ "$(unknown "$work/wrapped" "$work/planted.o")" = unlink ] || {
    echo "FAILED: a call that nobody wraps was not noticed"
    exit 1
}
echo "ok: a call that nobody wraps is noticed"
