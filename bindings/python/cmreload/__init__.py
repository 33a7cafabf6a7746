# SPDX-License-Identifier: MIT
"""A program's configuration follows its mounted Kubernetes ConfigMap, while it runs.

    with cmreload.open("/etc/config") as reloader:
        settings = reloader.follow("app.yaml#server", Server)
        reloader.load(timeout=10)
        while True:
            reloader.wait()
            print(settings.current)

Keys, patterns and formats are the library's: see its manual, include/cmreload/cmreload.h.
"""

from __future__ import annotations

import os as _os
from collections.abc import Mapping as _Mapping

from ._cmreload import Handle, Share, Snapshot, _from_files, _read, _write_volume, version
from ._errors import (
    BusyError,
    ClosedError,
    ConversionError,
    Error,
    ForkedError,
    InvalidArgumentError,
    LoadTimeoutError,
    NotFoundError,
    NotMountedError,
    NotNow,
    NotNowError,
    RejectedError,
    Status,
    SystemCallError,
    Veto,
)
from ._options import Limits, Mount, Path, files_tuple as _files_tuple, mount_tuple as _mount_tuple
from ._reloader import Hold, Reloader, follow_log_level
from ._asyncio import Attachment, Changes
from ._settings import Settings, field, fill
from ._types import Change, Diagnostic, Event, LogLevel, Member, MountStatus, ReloaderStatus, Update

__all__ = [
    "open",
    "read",
    "snapshot",
    "write_volume",
    "version",
    "follow_log_level",
    "field",
    "fill",
    "Reloader",
    "Snapshot",
    "Settings",
    "Update",
    "Change",
    "Event",
    "Diagnostic",
    "Handle",
    "Hold",
    "Changes",
    "Attachment",
    "Share",
    "Member",
    "LogLevel",
    "Mount",
    "Limits",
    "MountStatus",
    "ReloaderStatus",
    "Status",
    "Veto",
    "NotNow",
    "Error",
    "RejectedError",
    "NotFoundError",
    "ConversionError",
    "InvalidArgumentError",
    "NotMountedError",
    "LoadTimeoutError",
    "SystemCallError",
    "NotNowError",
    "BusyError",
    "ClosedError",
    "ForkedError",
]

_Mapping.register(Snapshot)

open = Reloader
"""Opens a path, which need not be there yet: open(path, **options) is Reloader(path, **options)."""


def read(path: Path, options: Mount = Mount()) -> Snapshot:
    """Reads what is at a path once, and follows nothing. RejectedError, NotMountedError."""
    return _read(_os.fsencode(path), _mount_tuple(options))


def snapshot(files: _Mapping[str, str | bytes], options: Mount = Mount()) -> Snapshot:
    """A snapshot of given files, by name, as if a volume held them: for tests, and Reloader.dry_run(). RejectedError."""
    return _from_files(_files_tuple(files), _mount_tuple(options))


def write_volume(
    path: Path, files: _Mapping[str, str | bytes], *, sync: bool = False, restricted: bool = False
) -> bool:
    """Makes a directory a ConfigMap volume that holds these files, as the kubelet does: for tests, and on a laptop.

    Who follows it sees the old generation or the new one. False: it held these very files already. `sync` has each step
    outlive a power failure; `restricted` gives modes 0700 and 0600.
    """
    return _write_volume(_os.fsencode(path), _files_tuple(files), sync, restricted)
