# SPDX-License-Identifier: MIT
"""The scenarios' runner in Python, against the package as programs use it; scenario_c.c is the model, and scenarios.txt
explains the commands. PYTHONPATH leads to the package."""
import enum
import sys
from datetime import timedelta

import cmreload

PATIENCE = 60  # seconds: far more than any answer takes


class Run:
    """What a scenario has so far; `told` counts since the command began."""

    def __init__(self):
        self.reloader = self.kept = self.first = None
        self.handles = {}
        self.generations = self.updates = 0


run = Run()


# ---- what is told


def text(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, cmreload.LogLevel):
        return value.name.lower()
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, bytes):
        return text(value.decode("utf-8", "surrogateescape"))
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, timedelta):
        return text(value.total_seconds())
    return str(value)


def whole(value):
    """A list or map that was asked for as one."""
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {text(value[name])}" for name in sorted(value)) + "}"
    return text(value)


def count(value):
    """A list or map that was met, by how many there are in it."""
    if isinstance(value, list):
        return f"[{len(value)}]"
    return f"{{{len(value)}}}" if isinstance(value, dict) else text(value)


def printed(value, kind):
    return count(value) if kind is None else whole(value)


def with_mount(mount, key):
    return key if key.startswith(mount + ":") else f"{mount}:{key}"


def status_name(status):
    return cmreload.Status(status).name.lower()


def on_event(event):
    if event.kind == "state":
        return
    run.generations += 1
    print(event.kind, event.generation, event.mount)
    for diagnostic in event.diagnostics:
        place = f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}"
        print(f"  {status_name(diagnostic.status)} {place} [{diagnostic.key}] {diagnostic.message}")


def on_update(name, kind, flags, update):
    run.updates += 1
    print("update", name, update.before.generation, update.after.generation)
    for change in update:
        values = []
        if change.kind != "added":
            values.append(printed(change.old, kind))
        if change.kind != "removed":
            values.append(printed(change.new, kind))
        sign = {"added": "+", "modified": "~", "removed": "-"}[change.kind]
        print(f"  {sign} {with_mount(change.mount, change.key)} {' -> '.join(values)}")
    if "once" in flags:
        run.handles.pop(name).cancel()
    if "close" in flags:
        do_close("")


class Judge:
    def __init__(self, name, key, refused):
        self.name, self.key, self.refused = name, key, refused

    def prepare(self, candidate):
        print("prepare", self.name)
        if self.key in candidate and candidate.get_str(self.key) == self.refused:
            raise cmreload.Veto(f"it is {self.refused}", key=self.key)

    def commit(self, published):
        print("commit", self.name, published.generation)

    def abort(self, candidate):
        print("abort", self.name)


# ---- commands: each gets what stands behind its name


def read_type(word):
    """None for any: each value has its own type."""
    name, _, rest = word.partition("/")
    if name == "any":
        return None
    if name == "enum":
        return enum.Enum("Enum", [(item, int(number)) for item, number in (pair.split("=") for pair in rest.split(","))])
    items = {"int64": int, "duration": timedelta}
    if name in ("list", "map"):
        return list[items[rest]] if name == "list" else dict[str, items[rest]]
    return name


def flags_of(words):
    return {name: value for name, _, value in (word.partition("=") for word in words.split(","))}


def options_of(words):
    return {flag: True for flag in flags_of(words) if flag in ("keep_bad_files", "optional", "secret", "background")}


def do_open(rest):
    path, _, flags = rest.partition(" ")
    run.reloader, run.first = cmreload.open(path, log=None, **options_of(flags)), path
    run.reloader.on_event(on_event)


def do_mount(rest):
    path, _, flags = rest.partition(" ")
    run.reloader.add_mount(path, cmreload.Mount(**options_of(flags)))


def do_subscribe(rest):
    name, word, words, patterns = rest.split(" ", 3)
    kind, flags = read_type(word), flags_of(words)
    run.handles[name] = run.reloader.subscribe(
        patterns, lambda update: on_update(name, kind, flags, update), type=kind, initial="initial" in flags,
        lenient="lenient" in flags, debounce=int(flags.get("debounce", 0)) / 1000)


def do_unsubscribe(rest):
    run.handles.pop(rest).cancel()


def do_validate(rest):
    name, key, refused = rest.split(" ", 2)
    run.handles[name] = run.reloader.validator(name, Judge(name, key, refused))


def do_load(rest):
    run.reloader.load(PATIENCE)


def do_wait(rest):
    while not (run.updates if rest == "update" else run.generations):
        run.reloader.wait(PATIENCE)


def do_dispatch(rest):
    run.reloader.dispatch()


def do_hold(rest):
    run.held = run.reloader.hold()


def do_release(rest):
    run.held.release()


def get(snapshot, rest):
    word, _, key = rest.partition(" ")
    kind = read_type(word)
    try:
        print(printed(snapshot[key] if kind is None else snapshot.read(key, kind), kind))
    except cmreload.Error as error:
        print(status_name(error.status), error)


def do_get(rest):
    get(run.reloader.snapshot, rest)


def do_keep(rest):
    run.kept = run.reloader.snapshot


def do_kept(rest):
    get(run.kept, rest)


def do_pairs(rest):
    for key, value in run.reloader.snapshot.select(rest).items():
        print(key if ":" in key.partition("#")[0] else f"{run.first}:{key}", count(value))


def do_status(rest):
    status = run.reloader.status
    print(f"generation {status.generation} applied {status.reloads_applied} rejected {status.reloads_rejected} "
          f"subscriptions {status.subscriptions} held {text(status.held)}")


def do_close(rest):
    run.reloader.close()
    run.handles.clear()


def do_end(rest):
    global run
    if run.reloader:
        run.reloader.close()
    run = Run()


def main():
    for line in sys.stdin:
        name, _, rest = line.rstrip("\n").partition(" ")
        run.generations = run.updates = 0
        try:
            globals()["do_" + ("unsubscribe" if name == "unvalidate" else name)](rest)
        except cmreload.Error as error:
            print(status_name(error.status))
        print(".", flush=True)


main()
