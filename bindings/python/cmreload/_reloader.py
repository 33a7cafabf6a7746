# SPDX-License-Identifier: MIT
"""The reloader as programs use it."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import weakref
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, TypeVar, overload

from . import _cmreload
from ._asyncio import Attachment, Changes, Mailbox, detach_all
from ._cmreload import Handle, Snapshot
from ._errors import ClosedError
from ._options import Boot, Limits, Mount, MountKind, Path, Seconds, boot_number, milliseconds, mount_tuple
from ._settings import Settings, Unknown
from ._types import Diagnostic, Event, LogLevel, Update

T = TypeVar("T")
Log = Callable[[LogLevel, str], object]

_logger = logging.getLogger("cmreload")
_logger.addHandler(logging.NullHandler())

# Those that are open at the interpreter's exit are closed there, in order, without a warning.
_open_ones: weakref.WeakSet[Reloader] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for reloader in tuple(_open_ones):
        reloader.close()


def _log_function(log: logging.Logger | Log | None) -> Log | None:
    if not isinstance(log, logging.Logger):
        return log
    logger = log
    return lambda level, message: logger.log(level.logging_level, "%s", message)


class Hold:
    """The configuration is frozen until release(), or the end of a `with`."""

    def __init__(self, reloader: Reloader) -> None:
        self._reloader: Reloader | None = reloader
        reloader._hold()

    def release(self) -> None:
        """What is newest arrives with the next dispatch."""
        reloader, self._reloader = self._reloader, None
        if reloader is not None and not reloader.closed:
            reloader._release()

    def __enter__(self) -> Hold:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Reloader(_cmreload.Reloader):
    """Follows what is mounted at a path, which need not be there yet: a volume, a plain directory or a file.

    Options besides those of the mount, which Mount explains:

    - log: a Logger, or a function of a LogLevel and a message; None: nothing is logged
    - background: a thread of the library reads and parses, so that large files do not stall an event loop
    - state_dir: where each mount's last good generation is saved
    - boot: what to start with when load() would fail: "refuse", "last_good" (of state_dir), "defaults" (empty) or
      "last_good_or_defaults"

    One thread at a time dispatches: dispatch(), wait(), load() and run(). All callbacks run inside these calls; they may
    call whatever they like, and what they raise goes to sys.unraisablehook, but for KeyboardInterrupt and SystemExit, which
    the call that dispatches raises. Every other method, and snapshots, may be used from any thread. Close it, best by `with`.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str | None = None,
        formats: Mapping[str, str] | None = None,
        limits: Limits = Limits(),
        check_interval: Seconds = 0,
        kind: MountKind = "auto",
        settle: Seconds = 0,
        ignore: Iterable[str] | None = None,
        keep_bad_files: bool = False,
        secret: bool = False,
        leaky_formats: bool = False,
        optional: bool = False,
        log: logging.Logger | Log | None = _logger,
        background: bool = False,
        state_dir: Path | None = None,
        boot: Boot = "refuse",
    ) -> None:
        mount = Mount(
            name, formats, limits, check_interval, kind, settle, ignore, keep_bad_files, secret, leaky_formats, optional
        )
        self._attached: dict[asyncio.AbstractEventLoop, int] = {}
        self._mailboxes: weakref.WeakSet[Mailbox] = weakref.WeakSet()
        super().__init__(
            os.fsencode(path),
            mount_tuple(mount),
            _log_function(log),
            background,
            None if state_dir is None else os.fsdecode(state_dir),
            boot_number(boot),
        )
        _open_ones.add(self)

    def __enter__(self) -> Reloader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the reloader with all that is registered with it. Snapshots stay readable.

        In a callback it takes effect when that returns; from another thread it ends a wait(), and waits for a callback
        that runs. Iterations over changes() end. If a loop dispatches it, close it on the loop's thread.
        """
        if not self.closed:
            detach_all(self)
            for mailbox in tuple(self._mailboxes):
                mailbox.close()
        super().close()

    def add_mount(self, path: Path, options: Mount = Mount()) -> None:
        """Adds another mount, before the first load: its keys are "name:file#path". BusyError after it."""
        self._add_mount(os.fsencode(path), mount_tuple(options))

    def run(self) -> None:
        """Waits and dispatches until close(): for a thread of its own, or a program that does nothing else."""
        try:
            while not self.closed:
                self.wait()
        except ClosedError:
            pass

    @overload
    def subscribe(
        self,
        patterns: str,
        callback: Callable[[Update], object],
        *,
        type: Any = None,
        debounce: Seconds = 0,
        max_wait: Seconds = 0,
        initial: bool = False,
        lenient: bool = False,
    ) -> Handle: ...

    @overload
    def subscribe(
        self,
        patterns: str,
        callback: None = None,
        *,
        type: Any = None,
        debounce: Seconds = 0,
        max_wait: Seconds = 0,
        initial: bool = False,
        lenient: bool = False,
    ) -> Callable[[Callable[[Update], object]], Handle]: ...

    def subscribe(
        self,
        patterns: str,
        callback: Callable[[Update], object] | None = None,
        *,
        type: Any = None,
        debounce: Seconds = 0,
        max_wait: Seconds = 0,
        initial: bool = False,
        lenient: bool = False,
    ) -> Handle | Callable[[Callable[[Update], object]], Handle]:
        """Calls back with an Update when something that matches the patterns has another value than before.

        The type, as Snapshot.read() takes one, is a condition: a generation with a value that is none is rejected, or with
        `lenient` passed over. `debounce` waits until nothing that matches changed for so long, but at most `max_wait`
        (10 times as long) after the first change. `initial` calls once at the start with all that matches, as added.

        Returns a Handle, whose cancel() ends it. Without a callback it is a decorator. ConversionError: what is loaded does
        not fit. InvalidArgumentError: a malformed pattern.
        """

        def register(function: Callable[[Update], object]) -> Handle:
            return self._subscribe(
                patterns, function, type, milliseconds(debounce), milliseconds(max_wait), initial, lenient
            )

        return register if callback is None else register(callback)

    def on_event(self, callback: Callable[[Event], object]) -> Handle:
        """Calls back for every Event from the next one on. Returns a Handle; it is a decorator, too."""
        return self._observe(callback)

    @overload
    def validator(self, name: str, judge: Any) -> Handle: ...

    @overload
    def validator(self, name: str, judge: None = None) -> Callable[[Any], Handle]: ...

    def validator(self, name: str, judge: Any = None) -> Handle | Callable[[Any], Handle]:
        """Asks about each generation before it is published.

        The judge is a function of a candidate Snapshot; or an object with such a method `prepare`, and perhaps `commit` and
        `abort`: of those who agreed, each hears one of the two. Raising Veto refuses the generation, and so does any other
        Exception, with its text; raising NotNow has it tried again later. Returns a Handle, or, without a judge, a decorator.
        """

        def register(wanted: Any) -> Handle:
            prepare = getattr(wanted, "prepare", wanted)
            return self._validate(name, prepare, getattr(wanted, "commit", None), getattr(wanted, "abort", None))

        return register if judge is None else register(judge)

    def follow(self, key: str, kind: type[T], *, unknown: Unknown = "ignore") -> Settings[T]:
        """Has a dataclass filled anew for each generation: `settings.current`.

        The key names the map that stands for it: "app.yaml", "app.yaml#server"; with "" each field is a key of its own.
        Fields are int, float, bool, str, bytes, timedelta, LogLevel, Enum, Literal, of ipaddress, list[...], tuple[..., ...],
        dict[str, ...], dataclasses, and `T | None`; cmreload.field(key=...) gives one another name. An absent field has its
        default. A generation that does not fit is rejected, with all that is wrong; what __post_init__ raises is that, too.
        (In a Share the publisher judges; in a consumer `current` stays where one does not fit, and the log says why.)
        RejectedError: what is loaded already does not fit.
        """
        return Settings(self, key, kind, unknown)

    def follow_log_level(
        self, key: str, logger: logging.Logger, otherwise: LogLevel = LogLevel.INFO
    ) -> Handle:
        """Has a logger's level follow a key: from now on, and with each generation. `otherwise` is for an absent key.

        A generation whose value is no level is rejected. ConversionError: what is loaded already is none.
        """

        def set_level(update: Update) -> None:
            level = update.changes[0].new
            logger.setLevel((otherwise if level is None else level).logging_level)

        handle = self.subscribe(key, set_level, type=LogLevel, initial=True)
        logger.setLevel(self.snapshot.read(key, LogLevel, otherwise).logging_level)
        return handle

    def changes(
        self,
        patterns: str,
        *,
        attach: bool = True,
        type: Any = None,
        debounce: Seconds = 0,
        max_wait: Seconds = 0,
        initial: bool = False,
        lenient: bool = False,
    ) -> Changes:
        """An asynchronous iterator of Updates: `async for update in reloader.changes("app.yaml#**")`.

        To be called where a loop runs, which dispatches from then on; with `attach=False` a thread of yours does. The
        options are those of subscribe(). Who is slow gets one Update of all that has changed meanwhile.
        """
        options = dict(type=type, debounce=debounce, max_wait=max_wait, initial=initial, lenient=lenient)
        return Changes(self, patterns, attach, options)

    def attach(self, loop: asyncio.AbstractEventLoop | None = None) -> Attachment:
        """Has the loop (the running one) dispatch, until detach() of what is returned, the end of a `with`, or close()."""
        return Attachment(self, loop or asyncio.get_running_loop())

    def hold(self) -> Hold:
        """Freezes the configuration, as during an incident, until release() of what is returned, or the end of a `with`."""
        return Hold(self)

    def dry_run(self, candidate: Snapshot, mount: str | None = None) -> tuple[Diagnostic, ...]:
        """Whether these files would be accepted as the mount's next generation: RejectedError says why not.

        The candidate is of cmreload.read() or snapshot(). Validators are asked, and called to abort. Returns what is told
        that is no error.
        """
        return self._try(candidate, mount)


def follow_log_level(
    reloader: Reloader, key: str, logger: logging.Logger, otherwise: LogLevel = LogLevel.INFO
) -> Handle:
    """Reloader.follow_log_level()."""
    return reloader.follow_log_level(key, logger, otherwise)
