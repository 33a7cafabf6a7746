# SPDX-License-Identifier: MIT
"""Exceptions: one class for each way of going wrong that a program may want to tell apart, all of them Error."""

from __future__ import annotations

import os
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._types import Diagnostic


class Status(IntEnum):
    """What a call of the library came to; the numbers are its own."""

    OK = 0
    INVALID_ARGUMENT = -1
    NO_MEMORY = -2
    SYSTEM = -3
    NOT_FOUND = -4
    TYPE = -5
    RANGE = -6
    SYNTAX = -7
    LIMIT = -8
    REJECTED = -9
    BUSY = -10
    TIMEOUT = -11
    INTERRUPTED = -12
    CLOSED = -13
    FORKED = -14
    AGAIN = -15


class Error(Exception):
    """What all exceptions of cmreload are. `status` says which, `key` what it is about, if it is about a key."""

    status: Status = Status.INVALID_ARGUMENT
    key: str | None = None

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""  # a KeyError would quote it


class InvalidArgumentError(Error, ValueError):
    """An option, key or pattern that makes no sense."""


class NotFoundError(Error, KeyError):
    """A key that is absent. The message says what was probably meant."""


class NotMountedError(Error, FileNotFoundError):
    """Nothing is at the path (yet)."""


class ConversionError(Error, ValueError):
    """A value that is there, and not of the wanted type; the message has file, line and column."""


class RejectedError(Error):
    """A generation that is bad. `diagnostics` has all that is wrong with it."""

    diagnostics: tuple[Diagnostic, ...] = ()


class BusyError(Error):
    """Not now: another thread dispatches, or this is a callback."""


class LoadTimeoutError(Error, TimeoutError):
    """The time was over first."""


class ClosedError(Error):
    """The reloader is closed."""


class ForkedError(Error):
    """In a forked child: see Reloader.after_fork()."""


class NotNowError(Error):
    """A validator wants to be asked again, later."""


class SystemCallError(Error, OSError):
    """A system call failed; `errno` says how."""


class Veto(Exception):
    """Raised by a validator to refuse a generation: Veto("port 80 is taken", key="app.yaml#server.port").

    With a key, the diagnostic has its file, line and column. `also` are further reasons, as pairs (key or None, reason).
    """

    again = False

    def __init__(self, reason: str, *, key: str | None = None, also: tuple[tuple[str | None, str], ...] = ()) -> None:
        super().__init__(reason)
        self.reasons = ((key, reason), *also)


class NotNow(Veto):
    """Raised by a validator that cannot judge now: it is asked again, after 20 ms and ever more rarely up to 10 s."""

    again = True


_CLASSES: dict[Status, type[Error]] = {
    Status.SYSTEM: SystemCallError,
    Status.NOT_FOUND: NotFoundError,
    Status.TYPE: ConversionError,
    Status.RANGE: ConversionError,
    Status.REJECTED: RejectedError,
    Status.BUSY: BusyError,
    Status.TIMEOUT: LoadTimeoutError,
    Status.CLOSED: ClosedError,
    Status.FORKED: ForkedError,
    Status.AGAIN: NotNowError,
    Status.INVALID_ARGUMENT: InvalidArgumentError,
}


def make(
    number: int, message: str, key: str | None, diagnostics: tuple[Diagnostic, ...] | None, errno: int
) -> Error:
    """The exception of a status; the C part raises it."""
    status = Status(number)
    kind = _CLASSES.get(status, Error)
    if status is Status.NOT_FOUND and key is None:
        kind = NotMountedError
    if errno:
        message = f"{message}: {os.strerror(errno)}"
    if diagnostics:
        message = "\n".join(str(diagnostic) for diagnostic in diagnostics)
    error = kind(message)
    error.status = status
    error.key = key
    if isinstance(error, RejectedError):
        error.diagnostics = diagnostics or ()
    if errno and isinstance(error, OSError):
        error.errno = errno
    return error


def veto_reasons(error: BaseException) -> tuple[bool, tuple[tuple[str | None, str], ...]]:
    """What an exception of a validator says: whether to ask again, and its reasons by key."""
    if isinstance(error, Veto):
        return error.again, error.reasons
    text = str(error)
    return False, ((None, f"{type(error).__name__}: {text}" if text else type(error).__name__),)
