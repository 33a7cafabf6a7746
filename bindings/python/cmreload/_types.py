# SPDX-License-Identifier: MIT
"""What callbacks are told and snapshots give; and which type of the library a Python type is."""

from __future__ import annotations

import enum
import functools
import ipaddress
import logging
import typing
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from ._cmreload import Snapshot

ChangeKind = Literal["added", "modified", "removed"]
EventKind = Literal["ready", "applied", "rejected", "state", "failed", "shared"]


class LogLevel(IntEnum):
    """Syslog's severities, and TRACE below them. `logging_level` is the number that Python's logging has for it."""

    EMERG = 0
    ALERT = 1
    CRIT = 2
    ERROR = 3
    WARN = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7
    TRACE = 8

    @property
    def logging_level(self) -> int:
        """CRITICAL for EMERG, ALERT and CRIT; 25 for NOTICE and 5 for TRACE, which logging has no names for."""
        return _LOGGING_LEVELS[self]


_LOGGING_LEVELS = (
    logging.CRITICAL,
    logging.CRITICAL,
    logging.CRITICAL,
    logging.ERROR,
    logging.WARNING,
    25,
    logging.INFO,
    logging.DEBUG,
    5,
)


class Diagnostic(NamedTuple):
    """What is wrong with a generation, and where. As text: FILE:LINE:COLUMN: KEY: MESSAGE, as far as it applies."""

    status: int
    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class Change(NamedTuple):
    """One key that has another value. `old` is None when it was added, and `new` when it was removed."""

    kind: ChangeKind
    key: str
    old: Any
    new: Any
    mount: str


class Update:
    """What has changed since the last one: iterate over it, or ask for a key.

    `before` and `after` are the snapshots that were compared, `changes` a tuple of Change.
    """

    __slots__ = ("changes", "before", "after")

    def __init__(self, changes: tuple[Change, ...], before: Snapshot, after: Snapshot) -> None:
        self.changes = changes
        self.before = before
        self.after = after

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __contains__(self, key: object) -> bool:
        return any(change.key == key for change in self.changes)

    def __getitem__(self, key: str) -> Change:
        for change in self.changes:
            if change.key == key:
                return change
        raise KeyError(key)

    def __repr__(self) -> str:
        return f"Update({list(self.changes)!r})"


class Event(NamedTuple):
    """What happens to the reloader as a whole; the library's cmr_event.

    `diagnostics` of "rejected" is what is wrong; of "ready" and "applied" what is only told, such as unknown keys.
    """

    kind: EventKind
    mount: str
    generation: int
    target: str
    hash: str
    diagnostics: tuple[Diagnostic, ...]
    state: str
    reason: str
    message: str
    booted_from: str


class ReloaderStatus(NamedTuple):
    """Counters and the like; the library's cmr_reloader_status."""

    generation: int
    last_success: int
    reloads_applied: int
    reloads_rejected: int
    reloads_failed: int
    read_retries: int
    subscriptions: int
    held: bool
    booted_from: str
    saves: int
    saves_failed: int
    role: str
    publisher: int


class MountStatus(NamedTuple):
    """How a mount is followed; the library's cmr_mount_status."""

    state: str
    reason: str
    message: str
    mounted_target: str
    applied_target: str
    kind: str
    kept_files: int
    swappable: bool
    applied_from: str


class Member(NamedTuple):
    """A process that joined a Share: what it has published, and a later generation that it refused, and why."""

    pid: int
    role: str
    generation: int
    refused: int
    message: str


# The library's numbers of cmr_type, by its names.
_NUMBERS = {
    name: number
    for number, name in enumerate(
        "any null bool int64 uint64 double string bytes duration size enum log_level map list percent ip ipv4 ipv6 cidr".split()
    )
}

_OF_CLASSES: dict[object, str] = {
    Any: "any",
    object: "any",
    bool: "bool",
    int: "int64",
    float: "double",
    str: "string",
    bytes: "bytes",
    timedelta: "duration",
    LogLevel: "log_level",
    ipaddress.IPv4Address: "ipv4",
    ipaddress.IPv6Address: "ipv6",
    ipaddress.IPv4Address | ipaddress.IPv6Address: "ip",
    ipaddress.IPv4Interface: "cidr",
    ipaddress.IPv6Interface: "cidr",
    ipaddress.IPv4Interface | ipaddress.IPv6Interface: "cidr",
    list: "list",
    dict: "map",
}

Kind = tuple[int, int, tuple[str, ...] | None, tuple[Any, ...] | None]


def enum_names(kind: type[enum.Enum]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """How members are written: by their value if that is a str, else by their name. Aliases are names too."""
    members = kind.__members__.items()
    names = tuple(member.value if isinstance(member.value, str) else name for name, member in members)
    return names, tuple(member for _, member in members)


@functools.lru_cache(maxsize=256)
def kind_of(kind: Any) -> Kind:
    """(type, type of items, names of an enum, its members), in the library's numbers; the C part asks."""
    if isinstance(kind, str) and kind in _NUMBERS:
        return _NUMBERS[kind], 0, None, None
    if kind in _OF_CLASSES:
        return _NUMBERS[_OF_CLASSES[kind]], 0, None, None
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return (_NUMBERS["enum"], 0, *enum_names(kind))
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is list and len(arguments) == 1:
        item, _, names, members = kind_of(arguments[0])
        return _NUMBERS["list"], item, names, members
    if (origin is dict or origin is Mapping) and len(arguments) == 2 and arguments[0] is str:
        item, _, names, members = kind_of(arguments[1])
        return _NUMBERS["map"], item, names, members
    raise TypeError(f"a value cannot be read as {kind!r}")
