#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The wheel of the Python package: pip makes it without a network against an installed library, which pkg-config finds. It is of
# the limited API, so every Python from 3.11 on that is there imports the same one.
set -eu
source_dir=$2 build_dir=$3
. "$source_dir/tests/support/script.sh"
. "$source_dir/tests/support/python.sh"
python_need "$build_dir"
unset PYTHONPATH

work_begin
cd "$work"

for module in pip setuptools wheel; do
    "$python" -c "import $module" 2>/dev/null || skip "no $module for $python (python3-$module)"
done

cp -r "$source_dir/bindings/python" source # pip builds in the source folder
wheel() {
    CFLAGS='-O0 -g0' "$python" -m pip --disable-pip-version-check wheel --quiet --no-build-isolation --no-deps --no-index \
        --wheel-dir "$1" ./source >"$1.out" 2>&1
}

if PKG_CONFIG_LIBDIR=$work wheel without; then fail "a wheel is made without the library"; fi
grep -q 'libcmreload is not found' without.out || fail "not told what is missing: $(cat without.out)"

cmake --install "$build_dir" --prefix "$work/installed" >/dev/null
pc=$(find "$work/installed" -name cmreload.pc)
PKG_CONFIG_PATH=$(dirname "$pc") wheel wheels || fail "$(cat wheels.out)"
made=$(ls wheels)
case $made in
cmreload-*-cp311-abi3-linux_*.whl) echo "ok: $made" ;;
*) fail "not an abi3 wheel for Python 3.11 and later: $made" ;;
esac

"$python" -m zipfile -e "wheels/$made" site
cat >use.py <<'END'
import sys
sys.path.insert(0, "site")
import cmreload
cmreload.write_volume("config", {"app.yaml": "port: 80\n"})
with cmreload.open("config") as reloader:
    reloader.load(60)
    assert reloader.snapshot["app.yaml#port"] == 80
    assert cmreload.__file__.startswith(sys.path[0]) or "site" in cmreload.__file__
print("ok: Python %d.%d, cmreload %s" % (*sys.version_info[:2], cmreload.version()))
END
"$python" -X dev -W error use.py
[ -e site/cmreload/py.typed ] && [ -e site/cmreload/_cmreload.pyi ] || fail "the wheel is not typed"

# Others, of which the wheel was not made.
for other in python3.12 python3.13 python3.14; do
    "$other" -c 'import sys' 2>/dev/null || continue
    "$other" -X dev -W error use.py
done
