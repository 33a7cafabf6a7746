# SPDX-License-Identifier: MIT
"""What yaml_judge.py and yaml_suite.py share: our answers, and PyYAML's nodes read by YAML 1.2's core schema.

PyYAML resolves scalars by YAML 1.1. Here its parser and composer are kept, and all that follows is written anew
from https://yaml.org/spec/1.2.2/#103-core-schema and https://yaml.org/type/merge.html: types, tags, the
merging of maps, the place of each entry; and what we promise to refuse.
"""

import collections
import os
import re
import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging
from judging import DEPTH, Entry

try:
    import yaml
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner
except ImportError:
    debian = "/usr/bin/python3"  # has Debian's python3-yaml, when another python3 stands first in PATH
    if os.path.exists(debian) and os.path.realpath(sys.executable) != os.path.realpath(debian):
        os.execv(debian, [debian, *sys.argv])
    judging.skip("python3-yaml is not installed")
if not yaml.__with_libyaml__:
    judging.skip("this PyYAML is built without libyaml")

# entries: None, when refused; then status, place and message say why
Answer = collections.namedtuple("Answer", "entries status place message")

# ---- our answer


def read_answer(answers):
    count = answers.number()
    if count < 0:
        return Answer(None, count, (answers.number(), answers.number()), answers.text())
    return Answer(answers.entries(count), 0, None, "")


def ask_ours(dump, inputs):
    return judging.ask([dump], inputs, read_answer)


# ---- the core schema

CORE = [("null", r"~|null|Null|NULL|"), ("bool", r"true|True|TRUE|false|False|FALSE"), ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), ("string", r"(?s:.*)")]
CORE = [(name, re.compile(pattern)) for name, pattern in CORE]
TAG = "tag:yaml.org,2002:"
TAGS = {"!": "string", TAG + "str": "string", TAG + "int": "int", TAG + "float": "float", TAG + "bool": "bool", TAG + "null": "null"}


def resolve_core(text):
    return next(name for name, pattern in CORE if pattern.fullmatch(text))


def read_scalar(node):
    """Its type, and whether it counts as quoted; no type for a tag that does not fit, or that nobody knows."""
    if node.tag is None:
        return ("string", True) if node.style else (resolve_core(node.value), False)
    wanted, found = TAGS.get(node.tag), resolve_core(node.value)
    fits = wanted in (found, "string") or (wanted, found) == ("float", "int")
    return wanted if fits else None, bool(node.style) or wanted == "string"


# ---- PyYAML's nodes


class Alias:
    """Stands where an alias does, for the node that it means."""

    def __init__(self, node, start_mark):
        self.node = node
        self.start_mark = start_mark


class Nodes(Composer):
    """PyYAML's composer, but tags stay as they are written, aliases keep their place, and an anchor may be defined
    again, as YAML 1.2 has it (section 7.1)."""

    def resolve(self, kind, value, implicit):
        return None

    def descend_resolver(self, node, index):
        pass

    def ascend_resolver(self):
        pass

    def compose_scalar_node(self, anchor):
        event = self.get_event()
        node = yaml.ScalarNode(event.tag, event.value, event.start_mark, event.end_mark, style=event.style)
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def compose_node(self, parent, index):
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            node = super().compose_node(parent, index)
            self.recursive |= not isinstance(node, yaml.ScalarNode) and node.end_mark is None
            return Alias(node, event.start_mark)
        if event.anchor in self.anchors:
            self.redefines = True
            del self.anchors[event.anchor]
        return super().compose_node(parent, index)

    def read(self):
        self.recursive = self.redefines = self.several = False
        self.get_event()
        root = None
        if not self.check_event(yaml.StreamEndEvent):
            root = self.compose_document()
            self.several = not self.check_event(yaml.StreamEndEvent)
        return root


class PythonNodes(Nodes, Reader, Scanner, Parser):
    """By PyYAML's own scanner and parser."""

    def __init__(self, data):
        Reader.__init__(self, data)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


class LibyamlNodes(Nodes, yaml.cyaml.CParser):
    """By libyaml's, as PyYAML calls them."""

    def __init__(self, data):
        yaml.cyaml.CParser.__init__(self, data)
        Composer.__init__(self)


def real(node):
    return node.node if isinstance(node, Alias) else node


def is_map(node):
    return isinstance(real(node), yaml.MappingNode)


def is_list(node):
    return isinstance(real(node), yaml.SequenceNode)


def is_scalar(node):
    return isinstance(real(node), yaml.ScalarNode)


def is_merge(key):
    key = real(key)
    return isinstance(key, yaml.ScalarNode) and key.tag is None and not key.style and key.value == "<<"


def children(node):
    node = real(node)
    if is_map(node):
        return [child for pair in node.value for child in pair]
    return node.value if is_list(node) else []


def all_nodes(root):
    """Each once."""
    seen, waiting = set(), [root]
    while waiting:
        node = real(waiting.pop())
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += children(node)


def depth_of(node, known):
    """How many containers stand in one another, aliases expanded."""
    node = real(node)
    if is_scalar(node):
        return 0
    if id(node) not in known:
        known[id(node)] = 1 + max([depth_of(child, known) for child in children(node)], default=0)
    return known[id(node)]


def find_fault(node):
    """What we promise to refuse a node for."""
    if is_scalar(node):
        kind, _ = read_scalar(node)
        if kind is None:
            yield "tags that do not fit" if node.tag in TAGS or node.tag in (TAG + "map", TAG + "seq") else "tags beyond the core schema"
        return
    if node.tag not in (None, TAG + ("map" if is_map(node) else "seq")):
        yield "tags that do not fit" if node.tag in TAGS or node.tag in (TAG + "map", TAG + "seq") else "tags beyond the core schema"
    if not is_map(node):
        return
    names = []
    for key, value in node.value:
        if not is_scalar(key):
            yield "keys that are no scalars"
        elif is_merge(key):
            if not is_map(value) and not (is_list(value) and all(is_map(child) for child in real(value).value)):
                yield "merge keys without a map"
        else:
            names.append(real(key).value)
    if len(set(names)) < len(names):
        yield "duplicate keys"


# Why we refuse what PyYAML reads: the words of our message.
REFUSALS = {
    "several documents": r"a second document",
    "keys that are no scalars": r"a (map|list) as a key",
    "duplicate keys": r"duplicate key",
    "tags beyond the core schema": r"unknown tag",
    "tags that do not fit": r"is no \w+, as its tag says",
    "aliases inside their anchors": r"stands inside its own anchor",
    "merge keys without a map": r"<< merges a map",
    "depth": r"levels of nesting",
}


def find_faults(nodes, root):
    faults = {fault for node in all_nodes(root) for fault in find_fault(node)}
    if nodes.several:
        faults.add("several documents")
    if nodes.recursive:
        faults.add("aliases inside their anchors")
    elif depth_of(root, {}) > DEPTH + 1:
        faults.add("depth")
    return faults


def merged(node):
    """A map's own entries, then those of its merge keys: (name, where, value). What comes first stays."""
    node, entries = real(node), {}
    for key, value in node.value:
        if not is_merge(key):
            entries[real(key).value] = (key.start_mark, value)
    for key, value in node.value:
        if is_merge(key):
            for source in [value] if is_map(value) else real(value).value:
                for name, mark, child in merged(source):
                    entries.setdefault(name, (mark, child))
    return [(name, mark, child) for name, (mark, child) in entries.items()]


def flatten(node, name, mark, entries):
    node = real(node)
    place = (mark.line + 1, mark.column + 1, name)
    if is_scalar(node):
        kind, quoted = read_scalar(node)
        entries.append(Entry(kind, quoted, *place, node.value))
    elif is_map(node):
        pairs = merged(node)
        entries.append(Entry("map", False, *place, len(pairs)))
        for child_name, child_mark, child in pairs:
            flatten(child, child_name, child_mark, entries)
    else:
        entries.append(Entry("list", False, *place, len(node.value)))
        for child in node.value:
            flatten(child, None, child.start_mark, entries)


# entries: None when the parser refuses, or for one of the faults; error: the parser's
Reading = collections.namedtuple("Reading", "entries faults redefines error")


def read_nodes(nodes_class, data):
    """What we promise to make of it, if that class's parser is right."""
    nodes = None
    try:
        nodes = nodes_class(data)
        root = nodes.read()
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # PyYAML calls chr() with what it finds
        return Reading(None, set(), False, error)
    finally:
        if nodes:
            nodes.dispose()
    empty = root is None or (is_scalar(root) and not root.style and root.tag is None and root.value == "")
    if empty and not nodes.several:
        return Reading([Entry("map", False, 1, 1, None, 0)], set(), nodes.redefines, None)
    faults = find_faults(nodes, root)
    if faults:
        return Reading(None, faults, nodes.redefines, None)
    entries = []
    flatten(root, None, root.start_mark, entries)
    return Reading(entries, faults, nodes.redefines, None)
