# SPDX-License-Identifier: MIT
"""asyncio: the loop dispatches, and changes are iterated over.

What an iterator has not been asked for yet is one Update, into which each new one is merged: a consumer that is slow gets the
newest state, and what waits is never more than the keys that changed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ._errors import ClosedError, ForkedError
from ._types import Change, Update

if TYPE_CHECKING:
    from ._cmreload import Snapshot
    from ._reloader import Reloader


class Attachment:
    """The loop dispatches the reloader until detach(), or the end of a `with`. Several share one reader of the loop."""

    def __init__(self, reloader: Reloader, loop: asyncio.AbstractEventLoop) -> None:
        self._reloader: Reloader | None = reloader
        self._loop = loop
        if not reloader._attached.get(loop):
            loop.add_reader(reloader.fileno(), _dispatch, reloader)
        reloader._attached[loop] = reloader._attached.get(loop, 0) + 1

    def detach(self) -> None:
        reloader, self._reloader = self._reloader, None
        if reloader is None or self._loop not in reloader._attached:
            return
        reloader._attached[self._loop] -= 1
        if not reloader._attached[self._loop]:
            del reloader._attached[self._loop]
            _remove_reader(self._loop, reloader.fileno())

    def __enter__(self) -> Attachment:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()


def detach_all(reloader: Reloader) -> None:
    """Before the descriptor is closed."""
    for loop in tuple(reloader._attached):
        _remove_reader(loop, reloader.fileno())
    reloader._attached.clear()


def _dispatch(reloader: Reloader) -> None:
    try:
        reloader.dispatch()
    except (ClosedError, ForkedError):
        pass  # closed by another thread; a child has a loop of its own


def _remove_reader(loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
    """Also from a finalizer, on whatever thread that runs."""
    if loop.is_closed() or descriptor < 0:
        return
    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = not loop.is_running()
    if here:
        loop.remove_reader(descriptor)
    else:
        loop.call_soon_threadsafe(loop.remove_reader, descriptor)


class Mailbox:
    """What has changed and was not asked for yet. It does not know its iterator, which so can be dropped."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.event = asyncio.Event()
        self.closed = False
        self._lock = threading.Lock()
        self._changes: dict[str, Change] = {}
        self._before: Snapshot | None = None
        self._after: Snapshot | None = None

    def put(self, update: Update) -> None:
        """The subscription's callback, on the thread that dispatches."""
        with self._lock:
            if self._before is None:
                self._before = update.before
            self._after = update.after
            for change in update:
                merge(self._changes, change)
        self.wake()

    def take(self) -> Update | None:
        with self._lock:
            before, after, changes = self._before, self._after, tuple(self._changes.values())
            self._before = self._after = None
            self._changes = {}
        if before is None or after is None or not changes:
            return None
        return Update(changes, before, after)

    def close(self) -> None:
        self.closed = True
        self.wake()

    def wake(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.event.set)


def merge(changes: dict[str, Change], change: Change) -> None:
    """What a key changed twice is one change, or none if it is back where it was."""
    prior = changes.pop(change.key, None)
    if prior is not None:
        was, now = prior.kind != "added", change.kind != "removed"
        if not was and not now or was and now and prior.old == change.new:
            return
        change = change._replace(kind="modified" if was and now else "added" if now else "removed", old=prior.old)
    changes[change.key] = change


class Changes(AsyncIterator[Update]):
    """What Reloader.changes() returns. It ends with the reloader, by aclose(), or when it is dropped."""

    def __init__(self, reloader: Reloader, patterns: str, attach: bool, options: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        self._mailbox = Mailbox(loop)
        self._reloader = reloader
        self._handle = reloader.subscribe(patterns, self._mailbox.put, **options)
        self._attachment = Attachment(reloader, loop) if attach else None
        reloader._mailboxes.add(self._mailbox)

    async def __anext__(self) -> Update:
        while True:
            self._mailbox.event.clear()
            update = self._mailbox.take()
            if update is not None:
                return update
            if self._mailbox.closed:
                raise StopAsyncIteration
            await self._mailbox.event.wait()

    async def aclose(self) -> None:
        """Ends it; who waits for the next one, and who asks, hears that it is over."""
        self._end()

    def _end(self) -> None:
        if self._mailbox.closed:
            return
        self._mailbox.close()
        if not self._reloader.closed:
            self._handle.cancel()
            if self._attachment is not None:
                self._attachment.detach()

    def __del__(self) -> None:
        if hasattr(self, "_attachment"):  # else it never came to be
            self._end()
