#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our JSON reader with Python's json.loads(bytes) on random inputs.

    json_judge.py DUMP [COUNT [SEED]]

DUMP is json_dump, built. Inputs follow from the seed alone, which is printed. Compared are acceptance
and the whole structure: types, names, order, the text of strings and numbers; and each entry's line and column,
where Python must find the same key or item. Where the two differ on purpose is written down in
wanted(); every other difference is printed, and the exit status is 1.
"""

import collections
import json
import re
import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging
from judging import BOM, DEPTH, LIMIT, SYNTAX

COUNT = 30000
SEED = 20240819

# ---- inputs

BLANKS = ["", "", "", "", "", " ", " ", "\n", "\t", "\r\n", "\r", "  \n\t"]
WORDS = ["a", "b", "key", "a.b", "8080", "x" * 7, "y" * 8, "z" * 31, "/", "'", "#", "{", "]", ",", "\x7f", "\x80", "é",
         "\u2028", "日本", "\ufeff", "\uffff", "😀", "\U0010ffff"]
ESCAPES = ['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0000", "\\u0041", "\\u00e9", "\\u20AC", "\\uFFFF",
           "\\u0022", "\\u005c", "\\ud83d\\ude00", "\\uDBFF\\uDFFF", "\\uD800\\uDC00"]
LONE = ["\\ud83d", "\\ude00", "\\uDBFF\\ud83d\\ude00", "\\ud800\\u0041", "\\udc00\\ud800", "\\ud83d\\n", "\\ud83d\\ud83d",
        "\\ude00\\ude00"]
INTS = ["0", "-0", "7", "42", "-1", "10", "9007199254740993", "18446744073709551616", "-" + "9" * 40]
FRACTIONS = ["", "", ".0", ".5", ".10", ".000001", "." + "3" * 30]
EXPONENTS = ["", "", "", "e1", "E5", "e-0", "E+07", "e400", "E-400"]
TOKENS = ["{", "}", "[", "]", ",", ":", '"', "\\", "null", "true", "false", "1", "-", "0", ".", "e", "E", "+", '"a"', '"b"',
          " ", "\n", "\t", "\r", "\x00", "\x0b", "\x1f", "\xa0", "\\u", "\\ud800", "d", "é", "NaN", "Infinity", "-Infinity",
          "//", "'", "\ufeff"]
BAD_BYTES = [b"\xff", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xe2\x82", b"\xf5", b"\x00", b"\xfe\xff", BOM]
EDITS = [(0.3, judging.drop), (0.7, judging.replace_by([token.encode() for token in TOKENS])), (0.75, judging.replace_by(BAD_BYTES)),
         (0.85, judging.double), (0.95, judging.cut), (1, judging.change_byte(0))]


def make_string(rng, lone):
    parts = []
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3, 6])):
        dice = rng.random()
        parts.append(rng.choice(WORDS if dice < 0.7 else ESCAPES if dice < 0.99 or not lone else LONE))
    return '"' + "".join(parts) + '"'


def make_scalar(rng, lone):
    dice = rng.random()
    if dice < 0.45:
        return make_string(rng, lone)
    if dice < 0.85:
        return rng.choice(INTS) + rng.choice(FRACTIONS) + rng.choice(EXPONENTS)
    return rng.choice(["null", "true", "false"])


def make_key(rng, number, twice):
    """Keys differ by their number, unless `twice` allows duplicates, which often are spelled in two ways."""
    if twice and rng.random() < 0.3:
        return rng.choice(['"a"', '"\\u0061"', '"b"', '""', '"é"', '"\\u00e9"'])
    return make_string(rng, False)[:-1] + f'{number}"'


def make_value(rng, depth, odd):
    blank = lambda: rng.choice(BLANKS)
    if depth == 0 or rng.random() < 0.4:
        return make_scalar(rng, odd)
    children = range(rng.choice([0, 0, 1, 2, 3, 5]))
    if rng.random() < 0.5:
        items = [blank() + make_value(rng, depth - 1, odd) + blank() for _ in children]
        return "[" + (",".join(items) or blank()) + "]"
    items = [blank() + make_key(rng, number, odd) + blank() + ":" + blank() + make_value(rng, depth - 1, odd) + blank()
             for number in children]
    return "{" + (",".join(items) or blank()) + "}"


def make_document(rng, odd=False):
    return rng.choice(BLANKS) + make_value(rng, rng.choice([0, 1, 2, 3, 4]), odd) + rng.choice(BLANKS)


def make_deep(rng):
    levels = rng.choice([DEPTH - 1, DEPTH, DEPTH + 1, DEPTH + 2, 100, 3000])
    opened = [rng.choice(["[", '{"a":']) for _ in range(levels)]
    closed = ["]" if text == "[" else "}" for text in reversed(opened)]
    return "".join(opened) + rng.choice(["1", "[]", "{}", '"["', ""]) + "".join(closed)


def exchange(rng, data):
    """One structural character for another."""
    places = [match.start() for match in re.finditer(rb"[][{}:,\"]", data)]
    if not places:
        return data
    at = rng.choice(places)
    return data[:at] + rng.choice([b"[", b"]", b"{", b"}", b":", b",", b'"', b""]) + data[at + 1 :]


def mutate(rng, data):
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        data = judging.edit(rng, data, 8, EDITS)
    return data


def make_input(rng):
    dice = rng.random()
    if dice < 0.45:
        return make_document(rng).encode()
    if dice < 0.55:
        return (rng.choice(["", "\ufeff"]) + make_document(rng, odd=True)).encode()
    if dice < 0.65:
        return exchange(rng, make_document(rng).encode())
    if dice < 0.85:
        return mutate(rng, make_document(rng).encode())
    if dice < 0.86:
        return make_deep(rng).encode()
    if dice < 0.87:
        return make_document(rng).encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32"]), "surrogatepass")
    if dice < 0.98:
        return "".join(rng.choice(TOKENS) for _ in range(rng.randrange(16))).encode()
    return bytes(rng.randrange(256) for _ in range(rng.randrange(24)))


# ---- Python's answer: None when refused, else a tree of tuples

Pairs = collections.namedtuple("Pairs", "pairs")


def refuse(text):
    raise ValueError(text)


def shape(value):
    if isinstance(value, Pairs):
        return ("map", [(name, shape(child)) for name, child in value.pairs])
    if isinstance(value, list):
        return ("list", [("", shape(child)) for child in value])
    if isinstance(value, tuple):
        return value
    if isinstance(value, str):
        return ("string", value)
    return ("null", "null") if value is None else ("bool", "true" if value else "false")


def ask_python(data):
    try:
        return shape(json.loads(data, object_pairs_hook=Pairs, parse_constant=refuse, parse_int=lambda text: ("int", text),
                                parse_float=lambda text: ("float", text)))
    except ValueError:
        return None


def nodes(tree):
    """All values, and the names of those in maps."""
    waiting = [("", tree)]
    while waiting:
        name, value = waiting.pop()
        yield name, value
        if value[0] in ("map", "list"):
            waiting += value[1]


def has_lone_surrogate(tree):
    texts = (text for name, value in nodes(tree) for text in (name, value[1] if value[0] == "string" else ""))
    return any(0xD800 <= ord(character) < 0xE000 for text in texts for character in text)


def has_duplicates(tree):
    return any(len({name for name, _ in value[1]}) < len(value[1]) for _, value in nodes(tree) if value[0] == "map")


# ---- our answer

# places: of each entry its line, column, name (None: it has none) and value
Answer = collections.namedtuple("Answer", "status tree places")


def build_tree(entries, places):
    """The next entry's name and value."""
    entry = next(entries)
    is_container = entry.kind in ("map", "list")
    value = (entry.kind, [] if is_container else entry.value)
    places.append((entry.line, entry.column, entry.name, value))
    if is_container:
        value[1].extend([build_tree(entries, places) for _ in range(entry.value)])
    return entry.name or "", value


def read_answer(answers):
    count, places = answers.number(), []
    if count < 0:
        return Answer(count, None, None)
    _, tree = build_tree(iter(answers.entries(count)), places)
    return Answer(0, tree, places)


def ask_ours(dump, inputs):
    return judging.ask([dump], inputs, read_answer)


def stands_there(text, at, name, value):
    """Whether Python, too, finds that key or item at the offset."""
    kind, content = value
    if name is None and kind in ("map", "list"):
        return text[at] == ("{" if kind == "map" else "[")
    if name is None and kind != "string":
        return text.startswith(content, at)
    return text[at] == '"' and json.decoder.scanstring(text, at + 1)[0] == (content if name is None else name)


def places_are_right(data, places):
    text = data.decode("utf-8-sig")
    starts = [0] + [match.end() for match in re.finditer("\r\n|\n|\r", text)]
    offsets = [starts[line - 1] + column - 1 for line, column, _, _ in places]
    ascending = all(one < other for one, other in zip(offsets, offsets[1:]))
    return ascending and all(stands_there(text, at, name, value) for at, (_, _, name, value) in zip(offsets, places))


# ---- the judgement


def depth_of(data):
    """Of containers in one another, outside of strings."""
    deepest = depth = 0
    for token in re.findall(rb'"(?:\\.|[^"\\])*"|[][{}]', data, re.DOTALL):
        depth += (token in b"[{") - (token in b"]}")
        deepest = max(deepest, depth)
    return deepest


def wanted(data, python):
    """What we promise: the statuses that are right, and why this is not Python's answer."""
    if not json.detect_encoding(data).startswith("utf-8"):
        return [SYNTAX], "UTF-16 or UTF-32"
    if not judging.is_utf8(data):
        return [SYNTAX], "surrogates encoded in UTF-8"
    if python is not None and has_lone_surrogate(python):
        return [SYNTAX], "lone surrogates"
    if depth_of(data) > DEPTH + 1:
        return [LIMIT] if python is not None else [LIMIT, SYNTAX], "depth"
    if python is not None and has_duplicates(python):
        return [SYNTAX], "duplicate keys"
    return [SYNTAX] if python is None else [0], None


def compare(inputs, answers):
    differences = judging.Differences("python", "ours")
    for data, ours in zip(inputs, answers):
        try:
            python = ask_python(data)
        except RecursionError:  # beyond its own limit; nobody promises anything there
            python = None
        statuses, reason = wanted(data, python)
        same = ours.status == 0 and ours.tree == python and places_are_right(data, ours.places)
        if ours.status not in statuses or (ours.status == 0 and not same):
            differences.add(data, python, ours)
        elif (python is not None) != (ours.status == 0):
            differences.add(data, python, ours, reason)
    return differences


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    inputs = [make_input(task.rng) for _ in range(task.count)]
    answers = ask_ours(task.dump, inputs)
    differences = compare(inputs, answers)
    judging.tell(task.seed, [ours.status for ours in answers], differences)
    judging.end(differences)


if __name__ == "__main__":
    main()
