# SPDX-License-Identifier: MIT
"""Writes api.md, the page of all classes and functions, from the package's docstrings and signatures.

    PYTHONPATH=... python3 make_api.py          prints it
    PYTHONPATH=... python3 make_api.py --write  writes api.md beside this file
"""

import enum
import inspect
import os
import re
import sys

import cmreload

GROUPS = {
    "Opening and reading": ["open", "read", "snapshot", "fill", "field", "write_volume", "follow_log_level", "version"],
    "The reloader": ["Reloader", "Handle", "Hold", "Settings", "Changes", "Attachment", "Share"],
    "Snapshots and what is told": ["Snapshot", "Update", "Change", "Event", "Diagnostic", "ReloaderStatus", "MountStatus",
                                   "Member"],
    "Options": ["Mount", "Limits", "LogLevel", "Status"],
    "Exceptions": [name for name in cmreload.__all__ if inspect.isclass(getattr(cmreload, name))
                   and issubclass(getattr(cmreload, name), Exception)],
}

# Of signatures: defaults that say no more than that nothing was given.
WORDY = {
    r"<Logger cmreload[^>]*>": "<the logger cmreload>",
    r"Limits\(file_size=[^()]*\)": "Limits()",
    r"Mount\(name=.*?optional=False\)": "Mount()",
    r"<LogLevel\.(\w+): \d+>": r"LogLevel.\1",
    "Ellipsis": "...",
    "_Mapping": "Mapping",
}


def text(thing):
    return inspect.getdoc(thing) or ""


def signature(function, name):
    try:
        found = str(inspect.signature(function))
    except ValueError:
        return name
    found = re.sub(r"^\((self|type|cls)(, /)?(, )?", "(", found)
    found = re.sub(r"(: |-> )'([^']*)'", r"\1\2", found)  # annotations are texts
    for wordy, plain in WORDY.items():
        found = re.sub(wordy, plain, found)
    return name + found


def members(kind):
    """The public ones of a class and of what it is derived from in this package, in the order of the alphabet."""
    own = [each for each in kind.__mro__ if each.__module__.startswith("cmreload")]
    return sorted({name for each in own for name in vars(each) if not name.startswith("_")})


def member_lines(kind):
    inherited = {"with_traceback", "add_note", "count", "index"}
    fields = getattr(kind, "_fields", ())
    for name in members(kind):
        if name in inherited or name in fields:
            continue
        value = inspect.getattr_static(kind, name)
        what = text(value) if not isinstance(value, (str, int, bool, tuple, type(None))) else ""
        if inspect.isroutine(value) and what:
            yield f"- `{signature(getattr(kind, name), name)}`  \n  {indented(what)}"
        elif what and (isinstance(value, property) or inspect.isgetsetdescriptor(value)):
            yield f"- `{name}`  \n  {indented(what)}"


def indented(what):
    return what.replace("\n", "\n  ").replace("\n  \n", "\n\n")


def class_lines(kind, name):
    bases = [base.__name__ for base in kind.__bases__ if base not in (object, tuple) and not base.__name__.startswith("_")
             and base.__module__ != "typing" and base.__name__ != kind.__name__]
    yield f"### class {name}" + (f"({', '.join(bases)})" if bases and not issubclass(kind, tuple) else "")
    yield text(kind)
    if issubclass(kind, enum.Enum):
        yield ", ".join(f"`{member.name}` {member.value}" for member in kind)
    elif getattr(kind, "_fields", None):
        yield "Fields: " + ", ".join(f"`{field}`" for field in kind._fields)
    lines = list(member_lines(kind))
    if lines:
        yield "\n".join(lines)


def page():
    yield "<!-- Written by make_api.py from the package's docstrings: change those. -->"
    yield "# cmreload: classes and functions"
    yield text(cmreload)
    shown = [name for names in GROUPS.values() for name in names]
    missing = set(cmreload.__all__) - set(shown)
    if missing:
        raise SystemExit(f"in no group: {sorted(missing)}")
    for title, names in GROUPS.items():
        yield f"## {title}"
        for name in names:
            value = getattr(cmreload, name)
            if name == "open":
                yield "### open"
                yield f"`{signature(value, name)}`"
                yield "Makes a Reloader; its options are explained there. Durations are seconds or a timedelta."
            elif inspect.isclass(value):
                yield from class_lines(value, name)
            else:
                yield f"### {name}"
                yield f"`{signature(value, name)}`"
                yield text(value)


def main():
    written = "\n\n".join(part for part in page() if part) + "\n"
    if sys.argv[1:] == ["--write"]:
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "api.md"), "w", encoding="utf-8") as file:
            file.write(written)
    else:
        print(written, end="")


main()
