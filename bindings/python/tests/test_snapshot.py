# SPDX-License-Identifier: MIT
"""Snapshots: a mapping, typed reads, containers."""

import collections.abc
import enum
import ipaddress
import unittest
from datetime import timedelta

import cmreload
from support import Case

YAML = """\
none: null
yes: true
port: 8080
ratio: 0.25
big: 18446744073709551615
text: "8080"
timeout: 1h0.0000015s
size: 10Mi
share: 12.5%
level: warning
ip4: 10.0.0.7
ip6: 2001:db8::7
net: 10.1.2.3/8
mode: fast
empty: {}
list: [1, two, {x: [3, null]}]
map: {b: 1s, a: 20ms}
"a.b": {"c d": ["quoted \\" \\\\ name"]}
"""


class Mode(enum.Enum):
    SLOW = "slow"
    FAST = "fast"


class Level(enum.IntEnum):
    fast = 7


class Reading(Case):
    @classmethod
    def setUpClass(cls):
        cls.snapshot = cmreload.snapshot({"app.yaml": YAML, "log": "info\n", "p.properties": "a.b=1\nlist=1, 2\nmap=x=1, y=2\n",
                                          "raw": b"a\0b", "e.json": "[]", "t.ini": "[s]\nk = v\n"})

    def test_is_a_mapping(self):
        snapshot = self.snapshot
        self.assertIsInstance(snapshot, collections.abc.Mapping)
        keys = list(snapshot)
        self.assertEqual(len(snapshot), len(keys))
        self.assertEqual(keys[:2], ["app.yaml#none", "app.yaml#yes"])
        self.assertIn('app.yaml#["a.b"]["c d"][0]', keys)
        self.assertEqual(list(snapshot.keys()), keys)
        self.assertEqual(dict(snapshot.items()), {key: snapshot[key] for key in keys})
        self.assertEqual(len(list(snapshot.values())), len(keys))
        match snapshot:
            case {"app.yaml#port": port}:
                self.assertEqual(port, 8080)
            case _:
                self.fail("match does not take it for a mapping")

    def test_every_key_reads(self):
        for key in self.snapshot:
            self.assertIn(key, self.snapshot)
            self.snapshot[key]

    def test_values_have_their_own_types(self):
        wanted = {"none": None, "yes": True, "port": 8080, "ratio": 0.25, "big": 2**64 - 1, "text": "8080", "empty": {},
                  "list": [1, "two", {"x": [3, None]}], "map": {"b": "1s", "a": "20ms"}}
        for name, value in wanted.items():
            for _ in range(2):  # the second time it is kept
                found = self.snapshot[f"app.yaml#{name}"]
                self.assertEqual((type(found), found), (type(value), value))
        self.assertEqual(self.snapshot["raw"], b"a\0b")
        self.assertEqual(self.snapshot["log"], "info")

    def test_absent(self):
        self.assertNotIn("app.yaml#prot", self.snapshot)
        self.assertNotIn("log#", self.snapshot)
        self.assertNotIn(3, self.snapshot)
        self.assertNotIn("a\0b", self.snapshot)
        self.assertIsNone(self.snapshot.get("app.yaml#prot"))
        self.assertEqual(self.snapshot.get("app.yaml#prot", 3), 3)
        self.assertEqual(self.snapshot.get_int("app.yaml#prot", 3), 3)
        self.assertEqual(self.snapshot.get_int("app.yaml#prot", default=None), None)
        self.assertEqual(self.snapshot.get_list("app.yaml#prot", int, [1]), [1])
        self.assertEqual(self.snapshot.read("app.yaml#prot", Mode, Mode.SLOW), Mode.SLOW)
        self.assertEqual(self.snapshot.get_duration_ns("app.yaml#prot", 5), 5)
        for read in (lambda key: self.snapshot[key], self.snapshot.get_int, self.snapshot.get_list, self.snapshot.tree,
                     self.snapshot.get_duration_ns, lambda key: self.snapshot.read(key, Mode)):
            with self.assertRaises(cmreload.NotFoundError) as caught:
                read("app.yaml#prot")
            self.assertIsInstance(caught.exception, KeyError)
            self.assertIn("did you mean app.yaml#port?", str(caught.exception))
            self.assertEqual(caught.exception.key, "app.yaml#prot")
            self.assertEqual(caught.exception.status, cmreload.Status.NOT_FOUND)

    def test_typed(self):
        get = self.snapshot
        self.assertEqual(get.get_int("app.yaml#port"), 8080)
        self.assertEqual(get.get_int("app.yaml#big"), 2**64 - 1)
        self.assertEqual(get.get_float("app.yaml#port"), 8080.0)
        self.assertIs(get.get_bool("app.yaml#yes"), True)
        self.assertEqual(get.get_str("app.yaml#port"), "8080")
        self.assertEqual(get.get_bytes("app.yaml#port"), b"8080")
        self.assertEqual(get.get_bytes("log"), b"info\n")
        self.assertEqual(get.get_size("app.yaml#size"), 10 << 20)
        self.assertEqual(get.get_percent("app.yaml#share"), 12.5)
        self.assertIs(get.get_log_level("app.yaml#level"), cmreload.LogLevel.WARN)
        self.assertEqual(get.get_ip("app.yaml#ip4"), ipaddress.ip_address("10.0.0.7"))
        self.assertEqual(get.get_ip("app.yaml#ip6"), ipaddress.ip_address("2001:db8::7"))
        self.assertEqual(get.get_cidr("app.yaml#net"), ipaddress.ip_interface("10.1.2.3/8"))
        self.assertEqual(str(get.get_cidr("app.yaml#net").network), "10.0.0.0/8")

    def test_durations_are_cut_to_microseconds(self):
        self.assertEqual(self.snapshot.get_duration("app.yaml#timeout"), timedelta(hours=1, microseconds=1))
        self.assertEqual(self.snapshot.get_duration_ns("app.yaml#timeout"), 3600 * 10**9 + 1500)
        before = cmreload.snapshot({"t": "-1ns", "u": "-1500ns", "v": "2562047h"})
        self.assertEqual(before.get_duration("t"), timedelta(microseconds=-1))
        self.assertEqual(before.get_duration("u"), timedelta(microseconds=-2))
        self.assertEqual(before.get_duration("v"), timedelta(hours=2562047))

    def test_read_by_type(self):
        for kind, name, wanted in (
            (int, "port", 8080),
            (float, "ratio", 0.25),
            (Mode, "mode", Mode.FAST),
            (Level, "mode", Level.fast),
            (cmreload.LogLevel, "level", cmreload.LogLevel.WARN),
            (timedelta, "map.a", timedelta(milliseconds=20)),
            (ipaddress.IPv4Address, "ip4", ipaddress.ip_address("10.0.0.7")),
            (ipaddress.IPv4Address | ipaddress.IPv6Address, "ip6", ipaddress.ip_address("2001:db8::7")),
            ("size", "size", 10 << 20),
            (dict[str, timedelta], "map", {"b": timedelta(seconds=1), "a": timedelta(milliseconds=20)}),
            (list, "list", [1, "two", {"x": [3, None]}]),
        ):
            found = self.snapshot.read(f"app.yaml#{name}", kind)
            self.assertEqual((type(found), found), (type(wanted), wanted))
        with self.assertRaises(TypeError):
            self.snapshot.read("app.yaml#port", complex)
        with self.assertRaises(TypeError):
            self.snapshot.read("app.yaml#port", "integer")

    def test_what_does_not_convert_says_where(self):
        for read, words in (
            (lambda: self.snapshot.get_int("app.yaml#ratio"), "app.yaml:4:1: app.yaml#ratio: wanted int64, found"),
            (lambda: self.snapshot.get_int("app.yaml#ratio", 1), "wanted int64"),  # a default is for what is absent
            (lambda: self.snapshot.read("app.yaml#text", Mode), "it is one of slow, fast"),
            (lambda: self.snapshot.get_list("app.yaml#list", int), 'app.yaml#list[1]: wanted int64, found the string "two"'),
            (lambda: self.snapshot.get_map("p.properties#map", "ip", {}), "wanted ip"),
            (lambda: self.snapshot.read("app.yaml#big", "int64"), "more than 9223372036854775807"),
        ):
            with self.assertRaises(cmreload.ConversionError) as caught:
                read()
            self.assertIsInstance(caught.exception, ValueError)
            self.assertIn(words, str(caught.exception))

    def test_malformed(self):
        with self.assertRaises(cmreload.InvalidArgumentError):
            self.snapshot["app.yaml#a..b"]
        with self.assertRaises(ValueError):
            self.snapshot["a\0b"]
        with self.assertRaises(ValueError):
            self.snapshot["\ud800"]
        for wrong in (lambda: self.snapshot[3], lambda: self.snapshot.get_int(), lambda: self.snapshot.get_int("a", 1, 2),
                      lambda: self.snapshot.get_int("a", otherwise=1), lambda: cmreload.Snapshot()):
            with self.assertRaises(TypeError):
                wrong()

    def test_trees(self):
        self.assertEqual(self.snapshot.tree("log"), "info")
        self.assertEqual(self.snapshot.tree("e.json"), [])
        self.assertEqual(self.snapshot.tree("t.ini"), {"s": {"k": "v"}})
        self.assertEqual(self.snapshot.tree("t.ini#s"), {"k": "v"})
        self.assertEqual(self.snapshot.tree("p.properties"), {"a.b": "1", "list": "1, 2", "map": "x=1, y=2"})
        tree = self.snapshot.tree("app.yaml")
        self.assertEqual(tree["a.b"], {"c d": ['quoted " \\ name']})
        self.assertEqual(tree["list"][2]["x"], [3, None])
        tree["list"].clear()  # it is the caller's own
        self.assertEqual(len(self.snapshot.tree("app.yaml#list")), 3)
        whole = cmreload.snapshot({"l.yaml": "- {a: [1]}\n- 2\n", "a=1": "x=1, y=2", "[odd]#.json": '{"k": {"z": 1}}'})
        self.assertEqual(whole.tree("l.yaml"), [{"a": [1]}, 2])
        self.assertEqual(whole.tree("a=1"), "x=1, y=2")
        self.assertEqual(whole.get_map("a=1", int), {"x": 1, "y": 2})
        self.assertEqual(whole.tree('["[odd]#.json"]'), {"k": {"z": 1}})

    def test_deep_trees(self):
        depth = 200
        deep = cmreload.snapshot({"d.json": "[" * depth + "]" * depth},
                                 cmreload.Mount(limits=cmreload.Limits(depth=250)))
        tree = deep.tree("d.json")
        for _ in range(depth - 1):
            tree = tree[0]
        self.assertEqual(tree, [])

    def test_lists_and_maps_that_are_written(self):
        self.assertEqual(self.snapshot.get_list("p.properties#list", int), [1, 2])
        self.assertEqual(self.snapshot.get_list("p.properties#list"), ["1", "2"])
        self.assertEqual(self.snapshot.get_map("p.properties#map"), {"x": "1", "y": "2"})
        self.assertEqual(self.snapshot.get_map("p.properties#map", int), {"x": 1, "y": 2})

    def test_select(self):
        self.assertEqual(self.snapshot.select("*.yaml#map.* log"), {"app.yaml#map.b": "1s", "app.yaml#map.a": "20ms", "log": "info"})
        with self.assertRaises(cmreload.InvalidArgumentError):
            self.snapshot.select("a..[")

    def test_files_and_hashes(self):
        self.assertEqual(self.snapshot.files()["raw"], b"a\0b")
        self.assertEqual(self.snapshot.hash, self.snapshot.hash_of())
        self.assertTrue(self.snapshot.hash.startswith("xxh3-128:"))
        self.assertEqual(self.snapshot.target_of(), "")
        self.assertEqual(self.snapshot.generation, 0)
        for ask in (self.snapshot.files, self.snapshot.hash_of, self.snapshot.target_of):
            with self.assertRaises(cmreload.Error):
                ask("elsewhere")

    def test_diff(self):
        before, after = cmreload.snapshot({"a": "1", "b": "1", "c": "1"}), cmreload.snapshot({"b": "2", "c": "1", "d": "1"})
        update = before.diff(after, type=int)
        self.assertEqual([change[:4] for change in update],
                         [("removed", "a", 1, None), ("modified", "b", 1, 2), ("added", "d", None, 1)])
        self.assertEqual((update["b"].new, "c" in update, len(update)), (2, False, 3))
        self.assertIs(update.before, before)
        self.assertEqual(len(before.diff(before)), 0)
        with self.assertRaises(cmreload.ConversionError):
            before.diff(after, "*", "ip")
        with self.assertRaises(TypeError):
            before.diff({})
        with self.assertRaises(KeyError):
            update["c"]


class Sources(Case):
    def test_read_once(self):
        self.write(app="port: 80\n")
        self.assertEqual(cmreload.read(self.path)["app.yaml#port"], 80)
        with self.assertRaises(cmreload.NotMountedError) as caught:
            cmreload.read(self.path + "/nothing")
        self.assertIsInstance(caught.exception, FileNotFoundError)
        self.write(app="port: [80\n")
        with self.assertRaises(cmreload.RejectedError) as caught:
            cmreload.read(self.path)
        (diagnostic,) = caught.exception.diagnostics
        self.assertEqual((diagnostic.file, diagnostic.line, diagnostic.column), ("app.yaml", 2, 1))
        self.assertIn("app.yaml:2:1: did not find", str(caught.exception))

    def test_write(self):
        self.assertTrue(cmreload.write_volume(self.path, {"a": "1", "b/c": b"2"}, sync=True, restricted=True))
        self.assertFalse(cmreload.write_volume(self.path, {"a": "1", "b/c": b"2"}))
        self.assertEqual(dict(cmreload.read(self.path)), {"a": "1", "b/c": "2"})
        with self.assertRaises(cmreload.InvalidArgumentError):
            cmreload.write_volume(self.path, {"../a": "1"})

    def test_options(self):
        mount = cmreload.Mount(name="m", formats={"*.conf": "properties"}, secret=True)
        found = cmreload.snapshot({"a.conf": "k=v"}, mount)
        self.assertEqual(found["a.conf#k"], "v")
        self.assertEqual(found["m:a.conf#k"], "v")
        with self.assertRaises(cmreload.ConversionError) as caught:
            found.get_int("a.conf#k")
        self.assertNotIn('"v"', str(caught.exception))
        with self.assertRaises(ValueError):
            cmreload.snapshot({}, cmreload.Mount(kind="disk"))
        with self.assertRaises(cmreload.InvalidArgumentError):
            cmreload.snapshot({}, cmreload.Mount(formats={"*": "toml"}))
        with self.assertRaises(cmreload.RejectedError):
            cmreload.snapshot({"a": "12345"}, cmreload.Mount(limits=cmreload.Limits(file_size=4)))


if __name__ == "__main__":
    unittest.main()
