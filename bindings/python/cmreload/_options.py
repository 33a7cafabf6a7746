# SPDX-License-Identifier: MIT
"""Options as Python programs write them, made into what the C part takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal, NamedTuple

MountKind = Literal["auto", "volume", "directory", "file"]
Boot = Literal["refuse", "last_good", "defaults", "last_good_or_defaults"]
Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]
Seconds = float | timedelta

_KINDS = {"auto": 0, "volume": 1, "directory": 2, "file": 3}
_BOOTS = {"refuse": 0, "last_good": 1, "defaults": 2, "last_good_or_defaults": 3}


class Limits(NamedTuple):
    """What a generation may be; one that is over a limit is rejected. 0 is the library's default."""

    file_size: int = 0
    generation_size: int = 0
    files: int = 0
    depth: int = 0
    entries: int = 0


class Mount(NamedTuple):
    """Options of a mount: keywords of open(), and for add_mount(), read() and snapshot() one of these.

    - name: for keys and messages; the path's last component
    - formats: globs of files and their formats, {"*.conf": "properties"}; else a name's ending decides
    - limits: what is over one is rejected
    - check_interval: how often to look even if no event comes, 60 seconds; negative: never
    - kind: "volume", "directory" or "file": follow only that; else whatever is there
    - settle: read when it was quiet for so long, 0.1 seconds in plain directories; negative: at once, as in volumes
    - ignore: globs of files to leave out; else, in plain directories, what editors leave behind
    - keep_bad_files: a file that its format refuses keeps its last good contents, and the others are applied
    - secret: locked in memory, wiped, and quoted by no message; leaky_formats: read YAML and INI all the same
    - optional: while nothing is there it is an empty mount
    """

    name: str | None = None
    formats: Mapping[str, str] | None = None
    limits: Limits = Limits()
    check_interval: Seconds = 0
    kind: MountKind = "auto"
    settle: Seconds = 0
    ignore: Iterable[str] | None = None
    keep_bad_files: bool = False
    secret: bool = False
    leaky_formats: bool = False
    optional: bool = False


def milliseconds(seconds: Seconds) -> int:
    """What is not 0 stays so: 0 has a meaning of its own."""
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    result = round(seconds * 1000)
    if result == 0 and seconds != 0:
        return 1 if seconds > 0 else -1
    return result


def _number(numbers: Mapping[str, int], name: str, what: str) -> int:
    if name not in numbers:
        raise ValueError(f"{what} is one of {', '.join(numbers)}, not {name!r}")
    return numbers[name]


def mount_tuple(mount: Mount) -> tuple[object, ...]:
    formats = None if mount.formats is None else tuple(text for rule in mount.formats.items() for text in rule)
    return (
        mount.name,
        formats,
        None if mount.ignore is None else tuple(mount.ignore),
        tuple(mount.limits),
        milliseconds(mount.check_interval),
        _number(_KINDS, mount.kind, "kind"),
        milliseconds(mount.settle),
        mount.keep_bad_files,
        mount.secret,
        mount.leaky_formats,
        mount.optional,
    )


def boot_number(boot: str) -> int:
    return _number(_BOOTS, boot, "boot")


def files_tuple(files: Mapping[str, str | bytes]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, data.encode() if isinstance(data, str) else bytes(data)) for name, data in files.items())
