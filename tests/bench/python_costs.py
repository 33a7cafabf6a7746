# SPDX-License-Identifier: MIT
"""What the Python package costs, as ratios to what Python itself does, all measured in one run:

    PYTHONPATH=build/release/bindings/python python3 tests/bench/python_costs.py

Of each the fastest of several rounds counts, and rounds are interleaved. Ratios hold from machine to machine, roughly; the
nanoseconds that stand beside do not."""
import os
import tempfile
import timeit

import cmreload

ROUNDS, CALLS = 9, 100_000

YAML = "".join(f"k{number}: value {number}\n" for number in range(100)) + "port: 8080\ntimeout: 30s\n"
KEY, PORT, TIMEOUT = "app.yaml#k50", "app.yaml#port", "app.yaml#timeout"


def fastest(measured):
    """The nanoseconds of one call of each."""
    times = {name: [] for name in measured}
    for _ in range(ROUNDS):
        for name, (statement, names) in measured.items():
            times[name].append(timeit.timeit(statement, globals=names, number=CALLS))
    return {name: min(each) / CALLS * 1e9 for name, each in times.items()}


def reads(reloader):
    snapshot = reloader.snapshot
    names = {"d": dict(snapshot), "s": snapshot, "r": reloader, "KEY": KEY, "PORT": PORT, "TIMEOUT": TIMEOUT}
    found = fastest({
        "a dict's lookup, d[key]": ("d[KEY]", names),
        "snapshot[key]": ("s[KEY]", names),
        "reloader.snapshot[key]": ("r.snapshot[KEY]", names),
        "a dict's d.get(key)": ("d.get(KEY)", names),
        "snapshot.get(key)": ("s.get(KEY)", names),
        "snapshot.get_int(key)": ("s.get_int(PORT)", names),
        "snapshot.get_duration(key)": ("s.get_duration(TIMEOUT)", names),
    })
    base = found["a dict's lookup, d[key]"]
    print("a read, as so many lookups of a dict:")
    for name, time in found.items():
        print(f"  {time / base:5.1f}  {name}  ({time:.0f} ns)")


def first_reads():
    """Of keys that were not read before, for each of which an object is made."""
    snapshot = cmreload.snapshot({"app.yaml": "".join(f"k{number}: v\n" for number in range(4000))})
    keys = list(snapshot)
    plain = dict.fromkeys(keys, "v")
    once = timeit.timeit(lambda: [snapshot[key] for key in keys], number=1)
    again = min(timeit.repeat(lambda: [snapshot[key] for key in keys], number=1, repeat=5))
    lookup = min(timeit.repeat(lambda: [plain[key] for key in keys], number=1, repeat=5))
    print(f"a first read of a key: {once / lookup:.1f} lookups; the next: {again / lookup:.1f}")


def callbacks(path, reloader):
    """A dispatch that tells many subscribers, less one that tells nobody, against plain calls of the same function."""
    count = 1000

    def changed(update):
        return update

    def step(number):
        cmreload.write_volume(path, {"app.yaml": YAML.replace("8080", str(number))})
        reloader.check_now()
        return timeit.timeit(reloader.dispatch, number=1)

    alone = min(step(number) for number in range(1, 12))
    handles = [reloader.subscribe(PORT, changed) for _ in range(count)]
    with_callbacks = min(step(number) for number in range(12, 23))
    for handle in handles:
        handle.cancel()
    call = min(timeit.repeat("changed(None)", globals={"changed": changed}, number=count, repeat=9))
    each = (with_callbacks - alone) / count
    print(f"a callback with one change: {each / (call / count):.0f} plain calls  ({each * 1e9:.0f} ns, of which the library matches and"
          " compares, and an Update with its Change is made)")


def main():
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        path = os.path.join(folder, "config")
        cmreload.write_volume(path, {"app.yaml": YAML})
        with cmreload.open(path, log=None) as reloader:
            reloader.load(60)
            reads(reloader)
            first_reads()
            callbacks(path, reloader)


main()
