# SPDX-License-Identifier: MIT
"""A dataclass, filled anew for each generation.

Each field is read by its own key as its own type, so that all formats serve, and what is wrong has its line. All that
is wrong is told at once. A generation that does not fit is refused by a validator, which is what a Settings is.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
import re
import types
import typing
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from ._errors import ConversionError, Error, NotFoundError, RejectedError, Status, Veto
from ._types import Diagnostic, kind_of

if TYPE_CHECKING:
    from ._cmreload import Snapshot
    from ._reloader import Reloader
    from ._types import Event

T = TypeVar("T")
_logger = logging.getLogger("cmreload")
Unknown = Literal["ignore", "refuse"]

_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_ABSENT: Any = object()
_FAULT: Any = object()


def field(*, key: str, **options: Any) -> Any:
    """dataclasses.field() with the name that the field has in the file, if that is another one: "log-level"."""
    return dataclasses.field(metadata={"cmreload.key": key, **options.pop("metadata", {})}, **options)


def child_key(key: str, path: str) -> str:
    """The key of what is below: path is the text of names and dots, as it stands in a key."""
    if not key:
        return path
    if "#" not in _JSON_STRING.sub("", key):
        return f"{key}#{path}"
    return f"{key}{path}" if path.startswith("[") else f"{key}.{path}"


def quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f"[{json.dumps(name)}]"


def _optional(hint: Any) -> tuple[Any, bool]:
    """T | None is (T, True)."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [part for part in typing.get_args(hint) if part is not type(None)]
        if len(rest) < len(typing.get_args(hint)):
            return typing.Union[tuple(rest)], True
    return hint, False


def _is_dataclass(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _fields(kind: Any) -> list[tuple[dataclasses.Field[Any], str, Any]]:
    """Each field that is filled, its path in the file, and its type."""
    hints = typing.get_type_hints(kind)
    return [
        (each, each.metadata.get("cmreload.key", each.name), hints[each.name])
        for each in dataclasses.fields(kind)
        if each.init
    ]


def check_class(kind: Any, seen: tuple[Any, ...] = ()) -> None:
    """TypeError for a field whose type nothing can be read as: when the program starts, not with a generation."""
    if not _is_dataclass(kind):
        raise TypeError(f"a dataclass is wanted, not {kind!r}")
    for each, _, hint in _fields(kind):
        try:
            _check_hint(hint, (*seen, kind))
        except TypeError as error:
            raise TypeError(f"{kind.__qualname__}.{each.name}: {error}") from None


def _check_hint(hint: Any, seen: tuple[Any, ...]) -> None:
    hint, _ = _optional(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if _is_dataclass(hint):
        if hint not in seen:
            check_class(hint, seen)
    elif origin is list and len(arguments) == 1:
        _check_hint(arguments[0], seen)
    elif origin is tuple and len(arguments) == 2 and arguments[1] is ...:
        _check_hint(arguments[0], seen)
    elif origin in (dict, Mapping) and len(arguments) == 2 and arguments[0] is str:
        _check_hint(arguments[1], seen)
    elif origin is Literal and all(isinstance(each, str) for each in arguments):
        pass
    else:
        kind_of(hint)


def _is_simple(hint: Any) -> bool:
    """Whether a list or map of these is one call."""
    return not _is_dataclass(hint) and not _optional(hint)[1] and typing.get_origin(hint) is None


class Filler:
    """Fills dataclasses from one snapshot; `faults` are pairs of a key and what is wrong with it."""

    def __init__(self, snapshot: Snapshot, unknown: Unknown = "ignore") -> None:
        self.snapshot = snapshot
        self.unknown = unknown
        self.faults: list[tuple[str, str]] = []

    def fill(self, key: str, kind: Any) -> Any:
        before = len(self.faults)
        values: dict[str, Any] = {}
        for each, path, hint in _fields(kind):
            value = self._value(child_key(key, path), hint)
            if value is _ABSENT:
                if each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING:
                    self.faults.append((child_key(key, path), "is required, and missing"))
            elif value is not _FAULT:
                values[each.name] = value
        if self.unknown == "refuse":
            self._refuse_unknown(key, kind)
        if len(self.faults) > before:
            return _FAULT
        try:
            return kind(**values)
        except Exception as error:  # of its __post_init__: bounds, and what must go together
            self.faults.append((key, str(error) or type(error).__name__))
            return _FAULT

    def _value(self, key: str, hint: Any) -> Any:
        hint, optional = _optional(hint)
        if optional and key in self.snapshot and self.snapshot[key] is None:
            return None
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if _is_dataclass(hint):
            return self.fill(key, hint) if self._is_present(key) else _ABSENT
        if origin in (list, tuple):
            return self._list(key, arguments[0], origin)
        if origin in (dict, Mapping):
            return self._map(key, arguments[1])
        if origin is Literal:
            return self._literal(key, arguments)
        return self._read(key, hint)

    def _read(self, key: str, hint: Any) -> Any:
        try:
            return self.snapshot.read(key, hint)
        except NotFoundError:
            return _ABSENT
        except Error as error:
            self._tell(key, error)
            return _FAULT

    def _tell(self, key: str, error: Error) -> None:
        """The place and the key are told beside it."""
        message = str(error)
        self.faults.append((key, message.partition(f" {error.key}: ")[2] or message))

    def _literal(self, key: str, words: tuple[str, ...]) -> Any:
        word = self._read(key, str)
        if word is _ABSENT or word is _FAULT or word in words:
            return word
        self.faults.append((key, f"wanted one of {', '.join(words)}, found {json.dumps(word)}"))
        return _FAULT

    def _list(self, key: str, item: Any, kind: type[Any]) -> Any:
        if _is_simple(item):
            values = self._read(key, list[item])
            return values if values is _ABSENT or values is _FAULT else kind(values)
        values = []
        while self._is_present(f"{key}[{len(values)}]"):
            values.append(self._value(f"{key}[{len(values)}]", item))
        if not values:  # a list that is empty, or something else, or nothing
            values = self._read(key, list)
            if values is _ABSENT or values is _FAULT:
                return values
        return _FAULT if any(value is _FAULT for value in values) else kind(values)

    def _map(self, key: str, item: Any) -> Any:
        values = self._read(key, dict[str, item] if _is_simple(item) else dict)
        if values is _ABSENT or values is _FAULT or _is_simple(item):
            return values
        values = {name: self._value(child_key(key, quoted(name)), item) for name in values}
        return _FAULT if any(value is _FAULT for value in values.values()) else values

    def _is_present(self, key: str) -> bool:
        """In a properties file what begins with the key and a dot is what it holds."""
        return key in self.snapshot or "#" in key and bool(self.snapshot.select(f"{key}.**"))

    def _refuse_unknown(self, key: str, kind: Any) -> None:
        try:
            names = self.snapshot.get_map(key) if key else {}
        except (NotFoundError, ConversionError):
            return
        known = {re.split(r"[.\[]", path, maxsplit=1)[0] for _, path, _ in _fields(kind)}
        for name in names:
            if re.split(r"[.\[]", name, maxsplit=1)[0] not in known:
                self.faults.append((child_key(key, quoted(name)), "unknown key"))


def fill(snapshot: Snapshot, key: str, kind: type[T], *, unknown: Unknown = "ignore") -> T:
    """A dataclass of what a snapshot has at a key: "app.yaml" or "app.yaml#server", or "" for fields that are whole keys.

    RejectedError, with a diagnostic for each thing that does not fit.
    """
    check_class(kind)
    filler = Filler(snapshot, unknown)
    filled = filler.fill(key, kind)
    if filled is not _FAULT:
        return filled  # type: ignore[no-any-return]
    faults = [Diagnostic(Status.TYPE, "", 0, 0, at, message) for at, message in filler.faults]
    error = RejectedError("\n".join(map(str, faults)))
    error.status = Status.REJECTED
    error.diagnostics = tuple(faults)
    raise error


class Settings(Generic[T]):
    """What Reloader.follow() returns: `current` is the dataclass of the current generation."""

    def __init__(self, reloader: Reloader, key: str, kind: type[T], unknown: Unknown) -> None:
        check_class(kind)
        self._key, self._kind, self._unknown = key, kind, unknown
        self._next: Any = _ABSENT
        self._current: Any = _ABSENT
        self._generation = 0  # that `current` was tried to be made of
        if reloader.snapshot.generation:
            self._current = fill(reloader.snapshot, key, kind, unknown=unknown)
        self._handle = reloader._validate(kind.__name__, self._prepare, self._commit, self._abort)
        self._observer = reloader.on_event(functools.partial(self._hear, weakref.ref(reloader)))

    @property
    def current(self) -> T:
        """The dataclass; RuntimeError before the first load. It is replaced, not changed: take it once for what goes together."""
        if self._current is _ABSENT:
            raise RuntimeError("nothing is loaded yet")
        return self._current  # type: ignore[no-any-return]

    def cancel(self) -> None:
        """Ends it: `current` stays as it is."""
        self._handle.cancel()
        self._observer.cancel()

    def _prepare(self, candidate: Snapshot) -> None:
        filler = Filler(candidate, self._unknown)
        self._next = filler.fill(self._key, self._kind)
        if self._next is _FAULT:
            (key, reason), *also = [(at or None, message) for at, message in filler.faults]
            raise Veto(reason, key=key, also=tuple(also))

    def _commit(self, published: Snapshot) -> None:
        self._current, self._next = self._next, _ABSENT
        self._generation = published.generation

    def _hear(self, reloader: weakref.ref[Reloader], event: Event) -> None:
        """In a consumer of a Share validators are not asked: what does not fit is logged there, and `current` stays."""
        owner = reloader()
        if owner is None or event.kind not in ("ready", "applied") or event.generation == self._generation:
            return
        published = owner.snapshot
        self._generation = published.generation
        try:
            self._current = fill(published, self._key, self._kind, unknown=self._unknown)
        except RejectedError as error:
            _logger.error("generation %d does not fit %s, which stays: %s", published.generation, self._kind.__name__, error)

    def _abort(self, candidate: Snapshot) -> None:
        self._next = _ABSENT
