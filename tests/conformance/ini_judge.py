#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our INI reader with Python's configparser, and with iniparser itself, on random inputs.

    ini_judge.py DUMP [COUNT [SEED]]

DUMP is ini_dump, built. Inputs follow from the seed alone, which is printed.

COUNT inputs of what configparser and iniparser share must read alike; each input that both may read in ways of
their own must differ for one of the reasons in REASONS, and does not count.

COUNT inputs of anything go to iniparser as whole files (through ctypes), as its users have it. What we accept
must read alike, entry by entry; what we refuse must be one of the things in find_refused(), which reads the
files anew; nothing that iniparser refuses may be accepted. Every other difference is printed, and the exit
status is 1.
"""

import collections
import configparser
import ctypes
import os
import re
import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging
from judging import BOM

COUNT = 20000
SEED = 20240905
ROOT = "\x01"  # the section that configparser gets for keys before any section
LINE_MAX = 1022
BLANKS = " \t\n\v\f\r"

# ---- inputs

ENDS = [b"\n", b"\n", b"\n", b"\r\n"]
NAMES = [b"a", b"b", b"key", b"Key", b"KEY", b"a.b", b"a b", b"x-y_z", b"a:b", b":", b"0", b"1", b"a/b", b"%d", b"a%s", b'"a"', "é".encode(),
         "É".encode(), "日本".encode(), "😀".encode(), b"a]", b"n" * 40]
VALUES = [b"1", b"8080", b"on", b"true", b"a b", b"a=b", b"==", b"[x]", b"a,b, c", b"C:\\new\\t", b"%(a)s", b"%s", b"it's", b'say "x"', b"x:y",
          "É 日本 😀".encode(), b"v" * 200, b"0"]
QUOTED = [b'"1"', b"'1'", b'" 1 "', b'"a;b"', b"'#'", b'""', b"''", b'"it\'s"', b"'\"'"]
ODD_VALUES = [b'"x', b"'", b'"a" b', b"'it's'", b'""x', b"a;b", b"a#b", b"x ; \"y", b'"x" "y"', b'"x"; y', b"\\", b"a\\ ", b"\xff", b"\x00", b"x" * 980,
              b"x" * 1018, b"x" * 1019, b"x" * 1020, b"x" * 1021, b"x" * 3000, "\u00a0x\u2003".encode(), b"\x1c", b"\v\f"]
COMMENTS = [b"; c", b"# c", b";", b"#", b"; [s]", b"# a = b", b";a=1"]
ODD_LINES = [b"[]", b"[ ]", b"[a", b"[", b"[a] ; c", b"[a]b]", b"[a]=[b]", b"[a=b", b"[a] ; b = c]", b"=", b"= 1", b"word", b"a: 1", b"x", b"a ; b = c",
             b"; c \\", b"# \\", b"\\", b" \\ ", b"]", b"a\x00=1", b"\xff=1", b"]=1", b"a = 1 ; \\"]
NOISE = [b"[", b"]", b"=", b"=", b"\n", b"\n", b"\n", b";", b"#", b'"', b"'", b"\\", b"a", b"b", b"A", b" ", b"\t", b"\r", b":", b"\\\n", "é".encode(),
         b"\x00", b"\xff", BOM]


def make_section(rng):
    return b"[" + rng.choice([b"", b"", b" "]) + rng.choice(NAMES) + rng.choice([b"", b"", b"\t"]) + b"]"


def make_key(rng, values):
    name = rng.choice(NAMES)
    if rng.random() < 0.7:
        name += str(rng.randrange(100)).encode()
    sign = rng.choice([b"=", b"=", b" = ", b" =", b"= ", b"\t=  "])
    comment = rng.choice([b" ", b"\t"]) + rng.choice(COMMENTS) if rng.random() < 0.15 else b""
    return name + sign + rng.choice(values) + rng.choice([b"", b"", b" "]) + comment


def make_shared_line(rng):
    dice = rng.random()
    if dice < 0.15:
        return rng.choice(COMMENTS)
    if dice < 0.22:
        return rng.choice([b"", b" ", b"\t "])
    if dice < 0.42:
        return make_section(rng)
    return make_key(rng, VALUES if rng.random() < 0.97 else QUOTED)


def make_wild_line(rng):
    dice = rng.random()
    indent = rng.choice([b"", b"", b" ", b"\t\v"])
    if dice < 0.10:
        return indent + rng.choice(ODD_LINES)
    if dice < 0.25:
        return indent + make_key(rng, QUOTED)
    if dice < 0.35:
        return indent + make_key(rng, ODD_VALUES)
    if dice < 0.42:
        return indent + make_key(rng, VALUES) + b" \\\n" + rng.choice([b"", b" ", b"\t"]) + rng.choice(VALUES + [b"", b";x"])
    return indent + make_shared_line(rng)


def make_lines(rng, make_line):
    parts = [BOM] if rng.random() < 0.03 else []
    for _ in range(rng.randrange(14)):
        parts += [make_line(rng), rng.choice(ENDS)]
    if parts and rng.random() < 0.4:
        parts.pop()
    return b"".join(parts)


def make_wild(rng):
    dice = rng.random()
    if dice < 0.35:
        return b"".join(rng.choice(NOISE) for _ in range(rng.randrange(24)))
    if dice < 0.45:  # few lines, so that many are accepted
        return b"\n".join(make_wild_line(rng) for _ in range(rng.randrange(4)))
    if dice < 0.50:  # more than go into one load
        return b"".join(make_section(rng) + b"\n" + b"k%d = %d\n" % (i, i) for i in range(rng.randrange(200)))
    return make_lines(rng, make_wild_line)


# ---- ours

# ok; maps: [(name, line, [(key, value, line)])], the root first
Ours = collections.namedtuple("Ours", "ok maps")


def read_map(answers):
    name, line, count = answers.text(), answers.number(), answers.number()
    return name, line, [(answers.text(), answers.text(), answers.number()) for _ in range(count)]


def read_ours(answers):
    count = answers.number()
    return Ours(count >= 0, [read_map(answers) for _ in range(max(count, 0))])


def lower(text):
    """As iniparser does it: ASCII only."""
    return re.sub("[A-Z]+", lambda found: found.group().lower(), text)


# ---- configparser


class Once(dict):
    """Refuses what configparser, not being strict, would let the last win; strict, it refuses sections that go on."""

    def __setitem__(self, name, value):
        if isinstance(value, list) and name in self:
            raise configparser.DuplicateOptionError("", name)
        super().__setitem__(name, value)


class Headers:
    """configparser's SECTCRE, with section names in lower case and without blanks around them."""

    original = configparser.RawConfigParser.SECTCRE

    def match(self, text):
        found = self.original.match(text)
        return found and type("Header", (), {"group": lambda self, name: lower(found.group(name)).strip()})()


def run_configparser(data):
    """{section: [(key, value)]}; None: it refuses."""
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#", ";"), inline_comment_prefixes=("#", ";"), strict=False,
                                          empty_lines_in_values=False, default_section="\x02", dict_type=Once)
    parser.SECTCRE = Headers()
    parser.optionxform = lower
    text = data.decode("utf-8").removeprefix("\ufeff")
    try:
        parser.read_string(f"[{ROOT}]\n{text}")
    except configparser.Error:
        return None
    return {name: parser.items(name) for name in parser.sections()}


def same_as_configparser(ours, theirs):
    if not ours.ok or theirs is None:
        return ours.ok == (theirs is not None)
    names = [name for name, _, _ in ours.maps]
    mine = {name if number else ROOT: [pair[:2] for pair in pairs] for number, (name, _, pairs) in enumerate(ours.maps)}
    return mine == theirs and names[1:] == list(theirs)[1:]


def has_line(data, pattern):
    return any(re.search(pattern, line) for line in data.decode("utf-8").removeprefix("\ufeff").split("\n"))


# Where the two grammars part; each is a line's form.
REASONS = {
    "a value in quotes": r"=\s*[\"']",
    "a value with a comment sign and no blank before it": r"=.*\S[;#]|=[;#]",
    "a comment sign in a name": r"^[^=]*\s[;#].*=|^\s*\[.*\s[;#].*\]",
    "text behind a section's ]": r"^\s*\[[^\]]*\].*\S",
    "a [ that begins a key": r"^\s*\[[^\]]*$",
}


def find_reason(data, theirs):
    """A key at the root and a section of one name are no difference of the grammars, but would have one key here."""
    if theirs is not None and any(name in theirs for name, _ in theirs[ROOT]):
        return "a key at the root that is called like a section"
    for reason, pattern in REASONS.items():
        if has_line(data, pattern):
            return reason
    return None


def misplaced(data, ours):
    """Whether some name is not on the line that ours says."""
    lines = [lower(line).strip(BLANKS) for line in data.decode("utf-8").removeprefix("\ufeff").split("\n")]
    for number, (name, at, keys) in enumerate(ours.maps):
        if number and lines[at - 1].lstrip("[").strip(BLANKS)[: len(name)] != name:
            return True
        if any(lines[line - 1][: len(key)] != key for key, _, line in keys):
            return True
    return False


def judge_shared(task):
    """The differences, and whether there were enough inputs that both share."""
    inputs = [make_lines(task.rng, make_shared_line) for _ in range(task.count + task.count // 3)]
    differences, shared, accepted = judging.Differences("configparser", "ours"), 0, 0
    for data, ours in zip(inputs, judging.ask([task.dump], inputs, read_ours)):
        theirs = run_configparser(data)
        reason = find_reason(data, theirs)
        if same_as_configparser(ours, theirs) and not misplaced(data, ours):
            shared += reason is None
            accepted += ours.ok and reason is None
        else:
            differences.add(data, theirs, ours, reason)
    differences.tell()
    print(f"configparser: {shared} inputs of what both share ({accepted} accepted), {len(differences.unexplained)} differences")
    return differences, shared >= task.count


# ---- iniparser


class Dictionary(ctypes.Structure):
    _fields_ = [("n", ctypes.c_int), ("size", ctypes.c_ssize_t), ("val", ctypes.POINTER(ctypes.c_char_p)),
                ("key", ctypes.POINTER(ctypes.c_char_p)), ("hash", ctypes.POINTER(ctypes.c_uint))]


def load_iniparser():
    try:
        library = ctypes.CDLL("libiniparser.so.1")
    except OSError:
        return None
    library.iniparser_load.restype = ctypes.POINTER(Dictionary)
    library.iniparser_load.argtypes = [ctypes.c_char_p]
    library.iniparser_freedict.argtypes = [ctypes.POINTER(Dictionary)]
    library.silence = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)(lambda _: 0)
    library.iniparser_set_error_callback(library.silence)
    return library


def run_iniparser(library, file, data):
    """{"section:key": value, "section": None}; None: it refuses."""
    os.ftruncate(file, 0)
    os.pwrite(file, data, 0)
    made = library.iniparser_load(f"/proc/self/fd/{file}".encode())
    if not made:
        return None
    entries = made.contents
    result = {entries.key[i]: entries.val[i] for i in range(entries.size) if entries.key[i]}
    library.iniparser_freedict(made)
    return result


def flatten(ours):
    """As iniparser would have it: the last of a name wins, in the order of the file."""
    entries = [(line, 0, name, None) for name, line, _ in ours.maps[1:]]
    entries += [(line, 1, f"{name}:{key}", value) for name, _, keys in ours.maps for key, value, line in keys]
    return {name.encode(): None if value is None else value.encode() for _, _, name, value in sorted(entries, key=lambda entry: entry[:2])}


def join_lines(text):
    """Lines as iniparser has them, each as its text, how long it came to be, and how it ends."""
    line, size, hides, number = "", 0, False, 0
    for physical in text.split("\n"):
        if number and line.lstrip(BLANKS)[:1] in ("#", ";") and physical.strip(BLANKS)[:1] not in ("", "#", ";"):
            hides = True
        line, number = line + physical, number + 1
        size = max(size, len(line.encode()))
        line = line.rstrip(BLANKS)
        if line.endswith("\\"):
            line = line[:-1]
            continue
        yield line.strip(BLANKS), size, hides, False
        line, size, hides, number = "", 0, False, 0
    if number:
        yield line.strip(BLANKS), size, hides, True


def find_refused_line(line):
    if line.startswith("["):
        name, close, behind = line[1:].partition("]")
        return "a section's form" if not close or behind or not name.strip(BLANKS) else None
    key, sign, value = line.partition("=")
    value = value.lstrip(BLANKS)
    if not sign or not key:
        return "no KEY = VALUE"
    if value[:1] in ('"', "'"):
        inner, close, behind = value[1:].partition(value[0])
        if not close or inner and behind.strip(BLANKS)[:1] not in ("", ";", "#"):
            return "text that a quote would lose"
    return None


def find_refused(data):
    """Why we refuse the file, by what is promised; equal keys aside."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return "not UTF-8"
    if "\0" in text:
        return "a NUL byte"
    if text.endswith("\n"):
        text = text[:-1]
    for line, size, hides, unfinished in join_lines(text):
        if size > LINE_MAX:
            return "a long line"
        if hides:
            return "a line that a comment hides"
        if not line or line[0] in "#;":
            continue
        reason = "an unfinished line" if unfinished else find_refused_line(line)
        if reason:
            return reason
    return None


def find_equal(text):
    """Whether a key comes twice in a section, or a section is called like a key at the root."""
    section, seen, sections = "", set(), set()
    for line, _, _, _ in join_lines(text):
        if line.startswith("["):
            section = lower(line[1:-1].strip(BLANKS))
            sections.add(section)
        elif line and line[0] not in "#;":
            name = (section, lower(line.partition("=")[0].strip(BLANKS)))
            if name in seen:
                return True
            seen.add(name)
    return any(section == "" and key in sections for section, key in seen)


def find_fault(data, ours, theirs):
    """What is wrong with our answer, and why we refuse."""
    reason = find_refused(data)
    if not reason and find_equal(data.decode("utf-8").removeprefix("\ufeff")):
        reason = "equal keys"
    if ours.ok == bool(reason):
        return "refused without a reason" if not ours.ok else f"accepted in spite of {reason}", reason
    if ours.ok and theirs is None:
        return "accepted what iniparser refuses", reason
    return "read otherwise" if ours.ok and flatten(ours) != theirs else None, reason


def judge_wild(task):
    differences = judging.Differences("iniparser", "ours")
    library = load_iniparser()
    if not library:
        judging.leave_out("iniparser as a judge: no libiniparser.so.1")
        return differences
    file = os.memfd_create("judge")
    inputs = [make_wild(task.rng) for _ in range(task.count)]
    reasons, alone, accepted = collections.Counter(), collections.Counter(), 0
    for data, ours in zip(inputs, judging.ask([task.dump], inputs, read_ours)):
        theirs = run_iniparser(library, file, data[len(BOM) :] if data.startswith(BOM) else data)
        fault, reason = find_fault(data, ours, theirs)
        accepted += ours.ok
        if fault:
            differences.add(data, theirs, f"{fault}: {ours}")
        elif not ours.ok:
            reasons[reason] += 1
            alone[reason] += theirs is not None
    differences.tell()
    for reason, number in sorted(reasons.items()):
        print(f"refused: {number} for {reason}, {alone[reason]} of them by us alone")
    print(f"iniparser: {task.count} inputs of any kind ({accepted} accepted), {len(differences.unexplained)} differences")
    return differences


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    print(f"seed {task.seed}")
    shared, enough = judge_shared(task)
    wild = judge_wild(task)
    if not enough:
        sys.exit(f"FAILED: fewer than {task.count} inputs of what configparser shares")
    judging.end(shared, wild)


if __name__ == "__main__":
    main()
