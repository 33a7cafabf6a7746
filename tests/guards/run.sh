# SPDX-License-Identifier: MIT
#
# For tests/run.sh, whose functions and variables it uses: the stage that takes guards out of the code.
#
# Each reqNN.patch takes out what makes the library meet a requirement, and names the test that must fail
# then: one that still passes proves nothing. The patches are applied to a copy, one after the other. A patch
# that does not apply any more is a failure too: make it anew with the code that it is about.

guards_patience=5000 # milliseconds, where tests wait for what will not come

guards_copy() {
    rm -rf "$builds/guards/source"
    mkdir -p "$builds/guards/source" || return 1
    (cd "$root" && tar --exclude=./.git --exclude=./build -cf - .) | tar -xmf - -C "$builds/guards/source"
}

guards_build() {
    cmake --build "$builds/guards/build" -j "$jobs" --target "$@" >"$work/log" 2>&1
}

# guards_run PROGRAM GLOB
guards_run() {
    (cd "$builds/guards/source" && CMRELOAD_TEST=$2 CMRELOAD_PATIENCE_MS=$guards_patience \
        timeout 120 "$builds/guards/build/tests/integration/$1") >"$work/log" 2>&1
}

# As they are, with little patience, all of the tests pass.
guards_prepare() {
    heading "build: guards"
    guards_programs=$(cd "$root/tests/integration" && ls test_requirements_*.c | sed 's/\.c$//')
    if ! guards_copy ||
        ! (cd "$builds/guards/source" && cmake --preset dev -B "$builds/guards/build" -DCMRELOAD_SANITIZE= \
            -DCMRELOAD_WERROR=OFF) >"$work/log" 2>&1 || ! guards_build $guards_programs; then
        cat "$work/log"
        stage_failed "build: guards"
        return 1
    fi
    for program in $guards_programs; do
        guards_run "$program" '*' && continue
        [ $? -eq 77 ] && continue
        cat "$work/log"
        stage_failed "guards: $program fails with all guards in"
        return 1
    done
}

# guards_try PATCH: the test that it names fails
guards_try() {
    name=$(basename "$1" .patch)
    test=$(sed -n 's/^Test: //p' "$1")
    program=$(cd "$root/tests/integration" && grep -l "TEST($test)" test_requirements_*.c | sed 's/\.c$//')
    if [ -z "$program" ] || ! patch -s -p1 -d "$builds/guards/source" <"$1" >"$work/log" 2>&1; then
        cat "$work/log"
        stage_failed "guards: $name: no such test, or the patch does not apply"
    elif ! guards_build "$program"; then
        cat "$work/log"
        stage_failed "guards: $name: does not build"
    else
        guards_run "$program" "$test"
        guards_judge $?
    fi
    sed -n 's,^+++ b/,,p' "$1" | while read -r file; do
        cp "$root/$file" "$builds/guards/source/$file"
    done
}

# guards_judge STATUS: of the program
guards_judge() {
    if [ "$1" -eq 77 ]; then
        stage_skipped "guards: $name: $(sed -n 's/^SKIP: //p' "$work/log")"
    elif [ "$1" -eq 0 ] || ! grep -q "RUN.*$test" "$work/log"; then
        stage_failed "guards: $name: $test passes without the guard"
    else
        place=$(sed -n 's,.*/\([a-z_]*\.c:[0-9]*\): error: Failure.*,\1,p' "$work/log" | head -n 1)
        echo "$name: $test fails without the guard${place:+, at $place}"
        passed=$((passed + 1))
    fi
}

stage_guards() {
    command -v patch >/dev/null || {
        stage_skipped "guards: patch is not installed"
        return
    }
    guards_prepare || return
    heading "guards"
    for guard in "$root"/tests/guards/req*.patch; do
        guards_try "$guard"
    done
}
