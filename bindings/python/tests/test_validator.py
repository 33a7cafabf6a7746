# SPDX-License-Identifier: MIT
"""Validators, and dataclasses that are filled by one."""

import dataclasses
import enum
import ipaddress
import unittest
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Optional

import cmreload
from support import PATIENCE, Case


class Judge:
    def __init__(self, log, name, refused=None):
        self.log, self.name, self.refused = log, name, refused

    def prepare(self, candidate):
        self.log.append((self.name, "prepare", candidate["p.properties#a"]))
        if candidate["p.properties#a"] == self.refused:
            raise cmreload.Veto("no", key="p.properties#a", also=((None, "and no"),))

    def commit(self, published):
        self.log.append((self.name, "commit", published.generation))

    def abort(self, candidate):
        self.log.append((self.name, "abort", candidate["p.properties#a"]))


class Validating(Case):
    def setUp(self):
        super().setUp()
        self.reloader = self.loaded(p="a=1\n")
        self.events = []
        self.reloader.on_event(self.events.append)

    def step(self, value):
        self.events.clear()
        self.swap(self.reloader, p=f"a={value}\n")
        (event,) = [event for event in self.events if event.kind != "state"]
        return event

    def test_two_phases(self):
        log = []
        self.reloader.validator("one", Judge(log, "one"))
        two = self.reloader.validator("two", Judge(log, "two", "3"))
        self.assertEqual(self.step(2).kind, "applied")
        self.assertEqual(log, [("one", "prepare", "2"), ("two", "prepare", "2"), ("one", "commit", 2), ("two", "commit", 2)])
        log.clear()
        event = self.step(3)
        self.assertEqual(log, [("one", "prepare", "3"), ("two", "prepare", "3"), ("one", "abort", "3")])
        self.assertEqual(sorted(map(str, event.diagnostics)),
                         ["p.properties:1:1: p.properties#a: two: no", "two: and no"])
        two.cancel()
        log.clear()
        self.assertEqual(self.step("3\nb=1").kind, "applied")
        self.assertEqual(log, [("one", "prepare", "3"), ("one", "commit", 3)])

    def test_an_exception_is_a_veto(self):
        @self.reloader.validator("port")
        def port(candidate):
            int(candidate["p.properties#a"])

        event = self.step("x")
        self.assertEqual([str(each) for each in event.diagnostics],
                         ["port: ValueError: invalid literal for int() with base 10: 'x'"])
        self.assertEqual(self.step(2).kind, "applied")
        self.assertEqual(port({"p.properties#a": "1"}), None)

    def test_not_now(self):
        tries = []

        @self.reloader.validator("slow")
        def slow(candidate):
            tries.append(candidate)
            if len(tries) == 1:
                raise cmreload.NotNow("later")

        event = self.step(2)
        self.assertEqual((event.kind, event.reason), ("failed", "validator"))
        self.assertIn("later", event.message)
        while self.reloader.snapshot.generation == 1:
            self.assertTrue(self.reloader.wait(PATIENCE))
        self.assertEqual(len(tries), 2)

    def test_an_interrupt_judges_nothing(self):
        interrupts = [KeyboardInterrupt]

        @self.reloader.validator("v")
        def judge(candidate):
            if interrupts:
                raise interrupts.pop()

        with self.assertRaises(KeyboardInterrupt):
            self.step(2)
        while self.reloader.snapshot.generation == 1:
            self.assertTrue(self.reloader.wait(PATIENCE))
        self.assertEqual(self.reloader.status.reloads_rejected, 0)

    def test_an_exception_in_commit(self):
        class Faulty:
            def prepare(self, candidate):
                pass

            def commit(self, published):
                raise ValueError("too late")

        self.reloader.validator("faulty", Faulty())
        self.assertEqual(self.step(2).kind, "applied")
        self.assertEqual([str(error) for error in self.unraised()], ["too late"])

    def test_closed_while_judging(self):
        log = []
        self.reloader.validator("one", Judge(log, "one"))

        @self.reloader.validator("two")
        def close(candidate):
            self.reloader.close()

        with self.assertRaises(cmreload.ClosedError):
            self.step(2)
        self.assertEqual(log, [("one", "prepare", "2"), ("one", "abort", "2")])


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True)
class Peer:
    host: str
    port: int = 80


@dataclass(frozen=True)
class Limits:
    memory: int
    note: Optional[str] = "none"


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    ratio: float = 0.5
    debug: bool = False
    timeout: timedelta = timedelta(seconds=30)
    color: Color = Color.RED
    address: ipaddress.IPv4Address | None = None
    mode: Literal["fast", "slow"] = "fast"
    tags: tuple[str, ...] = ()
    weights: dict[str, float] = dataclasses.field(default_factory=dict)
    peers: list[Peer] = dataclasses.field(default_factory=list)
    named: dict[str, Peer] = dataclasses.field(default_factory=dict)
    limits: Limits | None = None
    log_level: cmreload.LogLevel = cmreload.field(key="log-level", default=cmreload.LogLevel.INFO)
    derived: int = dataclasses.field(init=False, default=0)

    def __post_init__(self):
        if not 0 < self.port < 65536:
            raise ValueError(f"port {self.port} is out of range")


FULL = """\
server:
  host: a.example
  port: 8080
  ratio: 1
  debug: true
  timeout: 2m
  color: green
  address: 10.0.0.7
  mode: slow
  tags: [a, b]
  weights: {x: 1.5, y: 2}
  peers: [{host: b.example, port: 81}, {host: c.example}]
  named: {"odd name": {host: d.example}}
  limits: {memory: 5, note: null}
  log-level: debug
"""
FULL_SERVER = Server(
    "a.example", 8080, 1.0, True, timedelta(minutes=2), Color.GREEN, ipaddress.IPv4Address("10.0.0.7"), "slow", ("a", "b"),
    {"x": 1.5, "y": 2.0}, [Peer("b.example", 81), Peer("c.example")], {"odd name": Peer("d.example")}, Limits(5, None),
    cmreload.LogLevel.DEBUG,
)


def faults(text, kind=Server, key="app.yaml#server", **options):
    """What does not fit, as lines."""
    try:
        cmreload.fill(cmreload.snapshot({"app.yaml": text}), key, kind, **options)
    except cmreload.RejectedError as error:
        return str(error).splitlines()
    return []


class Filling(Case):
    def test_all_types(self):
        self.assertEqual(cmreload.fill(cmreload.snapshot({"app.yaml": FULL}), "app.yaml#server", Server), FULL_SERVER)

    def test_defaults(self):
        found = cmreload.fill(cmreload.snapshot({"app.yaml": "host: a\nport: 1\n"}), "app.yaml", Server)
        self.assertEqual(found, Server("a", 1))

    def test_properties(self):
        text = ("server.host=a\nserver.port=1\nserver.tags=x, y\nserver.weights=q=2\nserver.peers[0].host=b\n"
                "server.peers[1].host=c\nserver.peers[1].port=2\nserver.limits.memory=3\n")
        found = cmreload.fill(cmreload.snapshot({"p.properties": text}), "p.properties#server", Server)
        self.assertEqual(found, Server("a", 1, tags=("x", "y"), weights={"q": 2.0}, peers=[Peer("b"), Peer("c", 2)],
                                       limits=Limits(3)))

    def test_whole_keys(self):
        @dataclass(frozen=True)
        class All:
            log_level: cmreload.LogLevel
            port: int = cmreload.field(key="app.yaml#server.port")

        found = cmreload.fill(cmreload.snapshot({"log_level": "warn", "app.yaml": FULL}), "", All)
        self.assertEqual(found, All(cmreload.LogLevel.WARN, 8080))

    def test_all_that_is_wrong_is_told(self):
        self.assertEqual(faults("server: {port: 80a, color: blue, mode: swift, peers: [{host: a}, {prot: 1}], tags: 3, limits: {}}\n"), [
            "app.yaml#server.host: is required, and missing",
            'app.yaml#server.port: wanted int64, found the string "80a"',
            'app.yaml#server.color: wanted enum, found the string "blue"; it is one of red, green',
            'app.yaml#server.mode: wanted one of fast, slow, found "swift"',
            "app.yaml#server.tags: wanted a list, found a single value",
            "app.yaml#server.peers[1].host: is required, and missing",
            "app.yaml#server.limits.memory: is required, and missing",
        ])
        self.assertEqual(faults("server: {host: a, port: 70000}\n"), ["app.yaml#server: port 70000 is out of range"])
        self.assertEqual(faults("server: {host: a, port: 1, named: {x: {}, y: {host: z}}}\n"),
                         ["app.yaml#server.named.x.host: is required, and missing"])
        self.assertEqual(faults("server: {host: a, port: 1, peers: 3}\n"),
                         ["app.yaml#server.peers: wanted a list, found a single value"])
        self.assertEqual(faults("server: {host: a, port: null}\n"), ["app.yaml#server.port: wanted int64, the value is null"])

    def test_unknown_keys(self):
        text = "server: {host: a, port: 1, prot: 2, limits: {memory: 1, a b: 1}}\n"
        self.assertEqual(faults(text), [])
        self.assertEqual(faults(text, unknown="refuse"),
                         ['app.yaml#server.limits["a b"]: unknown key', "app.yaml#server.prot: unknown key"])

    def test_classes_that_cannot_be_filled(self):
        for annotation in (complex, list[complex], int | str, dict[int, int], Literal[1], "Missing"):
            kind = dataclasses.make_dataclass("Kind", [("x", annotation)])
            with self.assertRaises((TypeError, NameError)):
                cmreload.fill(cmreload.snapshot({}), "a", kind)
        with self.assertRaises(TypeError):
            cmreload.fill(cmreload.snapshot({}), "a", int)


class Following(Case):
    def test_filled_anew_each_generation(self):
        self.write(app=FULL)
        reloader = self.open()
        settings = reloader.follow("app.yaml#server", Server)
        with self.assertRaises(RuntimeError):
            settings.current
        reloader.load(PATIENCE)
        first = settings.current
        self.assertEqual(first, FULL_SERVER)
        self.swap(reloader, app=FULL.replace("8080", "8081"))
        self.assertEqual((first.port, settings.current.port), (8080, 8081))

        events = []
        reloader.on_event(events.append)
        self.swap(reloader, app=FULL.replace("8080", "80a").replace("green", "blue"))
        self.assertEqual(settings.current.port, 8081)
        self.assertEqual([str(each) for each in events[-1].diagnostics], [
            'app.yaml:3:3: app.yaml#server.port: Server: wanted int64, found the string "80a"',
            'app.yaml:7:3: app.yaml#server.color: Server: wanted enum, found the string "blue"; it is one of red, green',
        ])
        settings.cancel()
        self.swap(reloader, app="a: 1\n")
        self.assertEqual(settings.current.port, 8081)

    def test_followed_when_loaded(self):
        reloader = self.loaded(app=FULL)
        self.assertEqual(reloader.follow("app.yaml#server", Server).current, FULL_SERVER)
        with self.assertRaises(cmreload.RejectedError) as caught:
            reloader.follow("app.yaml#server", Limits)
        self.assertEqual(caught.exception.diagnostics[0].key, "app.yaml#server.memory")
        self.swap(reloader, app=FULL + "x: 1\n")  # what could not be followed judges nothing
        self.assertEqual(reloader.snapshot.generation, 2)

    def test_another_validator_refuses(self):
        reloader = self.loaded(app=FULL)
        settings = reloader.follow("app.yaml#server", Server)

        @reloader.validator("no")
        def refuse(candidate):
            raise cmreload.Veto("no")

        self.swap(reloader, app=FULL.replace("8080", "8081"))
        self.assertEqual(settings.current.port, 8080)


if __name__ == "__main__":
    unittest.main()
