# SPDX-License-Identifier: MIT
"""Random YAML for yaml_judge.py: documents made to be valid, documents spoiled, and noise."""

import re
import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging

WORDS = ["a", "b", "key", "value", "server", "x y", "a.b", "a b  c", "/etc/x", "10Mi", "1h30m", "a#b", "a:b", "http://x:80/?q=1",
         "-x", "?x", ":x", "a'b", 'a"b', "a\\n", "x" * 31, "é", "日本 語", "😀", "\U0010ffff", "\xa0", "a-", "a?", "a&b", "a*b", "a!b",
         "a|b", "a>b", "a%b", "a@b", "<<", "=", "$(A)", "\ufeffx", "\ufffd", "\ue000", "\u200b"]
CORE = ["null", "Null", "NULL", "nULL", "~", "true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "yes", "No", "on", "OFF",
        "y", "n", "0", "7", "-0", "+12", "-12", "010", "0o17", "0o8", "-0o7", "0x1F", "0xg", "-0x1", "0b1", "1_000", "12:30", "1.5",
        "1.", ".5", ".", "-.5", "+.5e1", "1e3", "1E-3", "1.e+3", "1e", ".e1", ".inf", "-.inf", "+.INF", ".Inf", ".iNF", ".nan",
        "-.nan", ".NaN", ".NAN", "inf", "NaN", "1.2.3", "2001-12-14", "99999999999999999999", "1e400", "0x", "0o", "+", "-", "--1",
        "1 2", "٣", "0x1f ", "infinity"]
FLOW_UNSAFE = re.compile(r"[][{},]")
ESCAPES = ["\\0", "\\a", "\\b", "\\t", "\\\t", "\\n", "\\v", "\\f", "\\r", "\\e", "\\ ", '\\"', "\\/", "\\\\", "\\N", "\\_", "\\L",
           "\\P", "\\x41", "\\x00", "\\u00e9", "\\u20AC", "\\U0001F600", "\\uFEFF", "\\U0010FFFF"]
IN_SINGLE = ["''", "", "a", " ", "  ", "#", ": ", "\\n", '"', "é", "- ", "1", "\t", "null"]
IN_DOUBLE = ["", "a", " ", "'", "#", ": ", "é😀", "b c", "8080", "\t"]
IN_BLOCK = ["text", "a b", "# no comment", "- x", "k: v", "é", "{", "'", "\ttab", "x\t", "x ", "---x", "%x"]
BAD_ESCAPES = ["\\q", "\\x4", "\\u12", "\\ud800", "\\U00110000", "\\'", "\\é", "\\UFFFFFFFF", "\\U8000004a"]
TAGS = ["!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!", "!<tag:yaml.org,2002:str>",
        "!<tag:yaml.org,2002:int>"]
FITTING_TAGS = {"s": ["!!str", "!!str", "!", "!<tag:yaml.org,2002:str>", "!!int", "!!float"], "m": ["!!map", "!"], "l": ["!!seq", "!"]}
ODD_TAGS = ["!!binary", "!!set", "!!timestamp", "!x", "!e!x", "!<x>", "!!", "!<!>", "!!str%20", "!%", "!a%C3%A9", "!é", "!x!y!z",
            "!<", "!!merge", "!a,b", "!a[]"]
WRITTEN_OUT = [" {m: 1, k1: 2}\n", " [{m: 1}, {m: 2, n: 3}]\n", " {}\n", " {<<: {m: 1}, n: 2}\n"]
COMMENTS = ["#", "# comment", "#: {", "# é😀", "#\t'", "# - a: \"", "## ---"]
DIRECTIVES = ["%YAML 1.2", "%YAML 1.1", "%YAML 1.1", "%TAG !y! tag:yaml.org,2002:", "%TAG ! tag:yaml.org,2002:", "%YAML 1.2 # c"]
ODD_DIRECTIVES = ["%YAML 1.3", "%YAML 2.0", "%YAML 1", "%FOO bar", "%TAG !a! x", "%YAML 1.2\n%YAML 1.2", "%TAG !! !x", "%",
                  "%YAML 1.10", "%TAG !y! a\n%TAG !y! b"]
NOISE = ["a", "b", "1", ":", ": ", ":\t", "- ", "-", "-\t", "[", "]", "{", "}", ",", ", ", "\n", "\n", "\n  ", "\n ", "\n\t", " ",
         "\t", "#", " #", "&a ", "&b", "*a", "*b ", "<<: ", "<<: *a\n", "'", '"', '""', "''", "|", "|\n ", ">\n", "|2-", "!!str ",
         "!!int", "! ", "!x ", "? ", "?", "\n? ", "---", "---\n", "\n---\n", "...\n", "\n...\n", "%", "%YAML 1.2\n", "é", "😀",
         "\ufeff", "\x85", "\u2028", "\u2029", "\r\n", "\r", "~", "\\", "\\n", "@", "`", "=", "null", "true", "0x1", "\x00", "\x07",
         "\x7f", "\ufffe", "\x9f"]
EDITS = [(0.25, judging.drop), (0.7, judging.replace_by(NOISE)), (0.85, judging.double), (1, judging.cut)]
BAD_BYTES = [b"\xff", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf5\x80\x80\x80", b"\xf4\x90\x80\x80", b"\x00",
             b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xef\xbf\xbe"]
BREAKS = ["\n", "\n", "\n", "\n", "\n", "\r\n", "\r\n", "\r", "\x85", "\u2028"]


class Generator:
    """One document. `anchors` are those defined so far: (name, kind), the kind being 's', 'm' or 'l'."""

    def __init__(self, rng):
        self.rng = rng
        self.anchors = []
        self.odd = rng.random() < 0.15  # now and then something that must be refused
        self.tabs = rng.random() < 0.06
        self.keys = 0

    def chance(self, probability):
        return self.rng.random() < probability

    def pick(self, *choices):
        return self.rng.choice(choices)

    # -- pieces

    def blank(self):
        return self.pick(" ", " ", "  ", "   ", self.tab(" ")) if self.chance(0.3) else " "

    def tab(self, otherwise=""):
        """In few documents, since PyYAML does not take one for a blank."""
        return self.pick("\t", " \t", "\t ") if self.tabs else otherwise

    def comment(self):
        """Behind something on a line."""
        if not self.chance(0.12):
            return self.pick(" ", self.tab()) if self.chance(0.05) else ""
        return self.pick(" ", "  ", self.tab(" ")) + self.rng.choice(COMMENTS)

    def lines_between(self):
        """Blank lines and comments, of any indentation."""
        text = ""
        while self.chance(0.1):
            text += self.pick("", " ", "    ") + self.pick("", "", *COMMENTS) + "\n"
        return text

    def properties(self, kind):
        """A tag and an anchor, each followed by a blank. Tags on scalars mostly are !!str, which fits all."""
        parts = []
        if self.chance(0.08):
            name = self.pick("a", "b", "c", "x-1", "_", "A9") + self.pick("", "", "1", "2")
            self.anchors.append((name, kind))
            parts.append("&" + name)
        if self.chance(0.08):
            tags = FITTING_TAGS[kind]
            parts.append(self.rng.choice(ODD_TAGS + TAGS if self.odd and self.chance(0.5) else tags))
        if len(parts) == 2 and self.chance(0.5):
            parts.reverse()
        return "".join(part + self.blank() for part in parts)

    def alias(self, kinds="sml"):
        names = [name for name, kind in self.anchors if kind in kinds]
        if self.odd and self.chance(0.1):
            return "*unknown"
        return "*" + self.rng.choice(names) if names else None

    # -- scalars

    def word(self, flow):
        text = self.rng.choice(CORE if self.chance(0.45) else WORDS)
        if flow and (FLOW_UNSAFE.search(text) or text in ("-", "?x", ":x") or ":" in text and self.chance(0.9)):
            return "w"
        return "w" if text in ("-",) and not self.odd else text.rstrip(" ")

    def plain(self, indent, flow):
        text = self.word(flow)
        while self.chance(0.08) and indent is not None and text not in ("|", ">"):
            indentation = " " * (indent + self.pick(0, 0, 0, 1, 4)) + self.tab() * (indent > 0)
            text += "\n" * self.pick(1, 1, 1, 2, 3) + indentation + self.pick("more", "x", "1", "b c")
        return text

    def single(self, indent):
        if self.chance(0.25):
            return f"'{self.rng.choice(CORE)}'"
        parts = [self.rng.choice(IN_SINGLE) for _ in range(self.rng.randrange(4))]
        if indent is not None and self.chance(0.15):
            parts.insert(self.rng.randrange(len(parts) + 1), self.fold(indent))
        return "'" + "".join(parts) + "'"

    def fold(self, indent):
        return self.pick("", " ", "\t") + "\n" * self.pick(1, 1, 2, 3) + " " * (indent + self.pick(0, 0, 1, 3)) + self.pick("", "", "\t")

    def double(self, indent):
        if self.chance(0.25):
            return f'"{self.rng.choice(CORE)}"'
        parts = [self.rng.choice(ESCAPES if self.chance(0.4) else IN_DOUBLE) for _ in range(self.rng.randrange(5))]
        if indent is not None and self.chance(0.2):
            parts.insert(self.rng.randrange(len(parts) + 1), self.pick("", "", "\\") + self.fold(indent))
        if self.odd and self.chance(0.1):
            parts.append(self.rng.choice(BAD_ESCAPES))
        return '"' + "".join(parts) + '"'

    def scalar(self, indent, flow=False):
        """indent: of its further lines; None: it must stand on one."""
        dice = self.rng.random()
        if dice < 0.62:
            return self.plain(indent, flow)
        return self.single(indent) if dice < 0.8 else self.double(indent)

    def block_scalar(self, indent):
        """From its indicator to its last line's end."""
        more = self.pick(1, 2, 2, 2, 4)
        number = str(more) if self.chance(0.2) else ""
        chomp = self.pick("", "", "-", "+")
        header = self.pick("|", ">") + (number + chomp if self.chance(0.7) else chomp + number) + self.comment() + "\n"
        lines = []
        for _ in range(self.rng.randrange(5)):
            text = self.rng.choice(CORE if self.chance(0.2) else IN_BLOCK)
            if self.chance(0.2):
                lines.append(self.pick("", "", " " * indent, " " * (indent + more), " " * (indent + more + 1)))
            else:
                extra = self.pick(0, 0, 0, 1, 2) if lines or number else 0
                lines.append(" " * (indent + more + extra) + text)
        return header + "".join(line + "\n" for line in lines)

    # -- flow

    def flow_blank(self, indent):
        if not self.chance(0.3):
            return self.pick("", "", " ")
        if self.chance(0.4):
            return self.pick("", " # c", self.tab()) + "\n" + " " * (indent + self.pick(0, 1, 3))
        return self.pick(" ", "  ", self.tab())

    def flow_key(self, indent):
        key = self.key(True)
        return ("? " if self.chance(0.05) else "") + key, key[-1:] in "'\""

    def flow(self, indent, depth):
        dice = self.rng.random()
        alias = self.alias() if self.chance(0.05) else None
        if alias:
            return alias + " "
        if depth <= 0 or dice < 0.6:
            return self.properties("s") + self.scalar(indent, True)
        count = self.pick(0, 1, 1, 2, 3)
        if dice < 0.8:
            parts = []
            for _ in range(count):
                pair = self.flow_pair(indent, depth) if self.chance(0.1) else self.flow(indent, depth - 1)
                parts.append(self.flow_blank(indent) + pair + self.flow_blank(indent))
            return self.properties("l") + "[" + ",".join(parts) + self.pick("", "", "", ",") * (count > 0) + self.flow_blank(indent) + "]"
        parts = [self.flow_blank(indent) + self.flow_pair(indent, depth) + self.flow_blank(indent) for _ in range(count)]
        return self.properties("m") + "{" + ",".join(parts) + self.pick("", "", "", ",") * (count > 0) + self.flow_blank(indent) + "}"

    def flow_pair(self, indent, depth):
        key, quoted = self.flow_key(indent)
        if self.chance(0.08):
            return key + self.pick("", " ", " :", " : ")
        if self.chance(0.04):
            return "<<: " + (self.alias("m") or "{m: 1}") + " "
        colon = ":" if quoted and self.chance(0.3) else self.pick("", " ") + ":" + self.blank()
        return key + colon + self.flow(indent, depth - 1)

    # -- block

    def key(self, flow=False):
        """Mostly unlike all others."""
        alias = self.alias("s") if self.chance(0.03) else None
        if alias:
            return alias + " "
        prefix = self.properties("s") if self.chance(0.4) else ""
        self.keys += 1
        if self.odd and self.chance(0.3):
            return prefix + self.pick("a", "'a'", '"\\x61"', "1", '"1"', "", "''")
        dice = self.rng.random()
        if dice < 0.75:
            return prefix + self.pick("k", "key-", "a.b", "é", "日本", "x y", "1", "0x", "a#", "-1", "http://h:8") + str(self.keys)
        if dice < 0.85:
            return prefix + self.scalar(None, flow) if self.odd else prefix + f"'k {self.keys}'"
        return prefix + f'"{self.pick("k", "", " ", chr(92) + "t", ": ", "é", chr(92) + "u00e9")}{self.keys}"'

    def node(self, indent, depth, in_list=False):
        """What stands behind "key:" or "-", to the end of its last line. indent: of the parent's keys or dashes."""
        dice = self.rng.random()
        alias = self.alias() if self.chance(0.05) else None
        if alias:
            return self.blank() + alias + self.comment() + "\n"
        if dice < 0.05:
            return self.pick("", " ", self.blank() + self.properties("s").rstrip()) + self.comment() + "\n"
        if dice < 0.12:
            return self.blank() + self.properties("s") + self.block_scalar(indent)
        if dice < 0.27:
            return self.blank() + self.flow(indent + 1, min(depth, 2)) + self.comment() + "\n"
        if depth <= 0 or dice < 0.6:
            start = "\n" + " " * (indent + self.pick(1, 2, 5)) if self.chance(0.05) else self.blank()
            return start + self.properties("s") + self.scalar(indent + 1) + self.comment() + "\n"
        return self.container(indent, depth, in_list)

    def container(self, indent, depth, in_list):
        more = indent + self.pick(1, 2, 2, 2, 2, 3, 4, 8)
        listed = self.chance(0.4)
        if in_list and self.chance(0.6):  # on the dash's line: its further lines stand where its first begins
            first = indent + self.pick(2, 2, 2, 2, 3, 5)
            body = self.items(first, depth - 1) if listed else self.pairs(first, depth - 1)
            return " " * (first - indent - 1) + body[first:] if body[:first].strip(" ") == "" else "\n" + body
        if listed and not in_list and self.chance(0.4):
            more = indent  # a list may stand where its key does
        properties = self.properties("l" if listed else "m").rstrip()
        lead = (self.blank() + properties if properties else "") + self.comment() + "\n" + self.lines_between()
        return lead + (self.items(more, depth - 1) if listed else self.pairs(more, depth - 1))

    def items(self, indent, depth):
        text = ""
        for _ in range(self.pick(1, 1, 2, 3)):
            text += " " * indent + "-" + self.node(indent, depth, True) + self.lines_between()
        return text

    def pairs(self, indent, depth):
        text = ""
        for _ in range(self.pick(1, 1, 2, 3, 4)):
            if self.chance(0.05):
                text += " " * indent + "<<:" + self.merged(indent, depth)
            elif self.chance(0.04):
                text += " " * indent + "?" + self.blank() + self.key() + self.comment() + "\n"
                text += " " * indent + ":" + self.node(indent, depth) if self.chance(0.8) else ""
            else:
                text += " " * indent + self.key() + self.pick("", "", "", " ") + ":" + self.node(indent, depth)
            text += self.lines_between()
        return text

    def merged(self, indent, depth):
        maps = [self.alias("m") for _ in range(self.pick(1, 1, 2))]
        if None in maps or self.chance(0.15):
            return self.node(indent, depth) if self.odd else self.rng.choice(WRITTEN_OUT)
        return f" {maps[0]}\n" if len(maps) == 1 else f" [{maps[0]}, {maps[1]}]\n"

    # -- documents

    def document(self):
        text = self.lines_between()
        if self.chance(0.06):
            for _ in range(self.pick(1, 1, 2)):
                text += self.rng.choice(ODD_DIRECTIVES if self.odd else DIRECTIVES) + "\n"
            text += "---" + self.comment() + "\n"
        elif self.chance(0.1):
            text += "---" + self.comment() + "\n" if self.chance(0.7) else "--- "
        text += self.body()
        if self.chance(0.06):
            text += self.pick("...", "... # end", "...\n# after", "...\n...") + "\n"
        if self.chance(0.015 if not self.odd else 0.1):
            text += self.pick("---\n", "--- b\n", "...\n---\nc: 1\n", "...\nd: 1\n", "---")
        return text

    def body(self):
        dice = self.rng.random()
        depth = self.pick(1, 2, 2, 3, 4)
        if dice < 0.6:
            return self.pairs(self.pick(0, 0, 0, 0, 2), depth)
        if dice < 0.8:
            return self.items(self.pick(0, 0, 0, 0, 1), depth)
        if dice < 0.92:
            return self.flow(self.pick(0, 1), 3) + self.pick("", "\n", " # c\n")
        if dice < 0.97:
            return self.properties("s") + self.scalar(self.pick(0, 1)) + self.pick("", "\n")
        return self.pick("", "--- ") + self.block_scalar(self.pick(-1, 0))


def make_document(rng):
    generator = Generator(rng)
    text = generator.document()
    dice = rng.random()
    if dice < 0.12:
        text = text.replace("\n", "\r\n")
    elif dice < 0.15:
        text = text.replace("\n", "\r")
    elif dice < 0.22:
        text = "".join(rng.choice(BREAKS) if character == "\n" else character for character in text)
    if rng.random() < 0.15:
        text = text.rstrip("\r\n")
    return ("\ufeff" if rng.random() < 0.03 else "") + text


def make_deep(rng):
    levels = rng.choice([60, 64, 65, 66, 70, 100])
    if rng.random() < 0.3:
        return "".join(" " * number + "a:\n" for number in range(levels)) + " " * levels + "b"
    opened = [rng.choice(["[", "{a: "]) for _ in range(levels)]
    closed = ["]" if text == "[" else "}" for text in reversed(opened)]
    return rng.choice(["", "&x "]) + "".join(opened) + rng.choice(["1", "[]", "{}", '"["', ""]) + "".join(closed)


def mutate_lines(rng, text):
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    dice = rng.random()
    if dice < 0.35:
        lines[at] = rng.choice([" ", "  ", "\t", "   "]) + lines[at]
    elif dice < 0.55:
        lines[at] = lines[at][1:] if lines[at][:1] == " " else lines[at]
    elif dice < 0.7:
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif dice < 0.85:
        lines.pop(at)
    else:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def mutate(rng, text):
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if rng.random() < 0.35:
            text = mutate_lines(rng, text)
        else:
            text = judging.edit(rng, text, 6, EDITS)
    return text


def make_input(rng):
    dice = rng.random()
    if dice < 0.52:
        return make_document(rng).encode()
    if dice < 0.78:
        return mutate(rng, make_document(rng)).encode()
    if dice < 0.80:
        data = make_document(rng).encode()
        at = rng.randrange(len(data) + 1)
        return data[:at] + rng.choice(BAD_BYTES) + data[at + rng.choice([0, 1]) :]
    if dice < 0.82:
        text = make_document(rng).removeprefix("\ufeff")
        return ("\ufeff" + text).encode(rng.choice(["utf-16-le", "utf-16-be"]))
    if dice < 0.825:
        return make_deep(rng).encode()
    return "".join(rng.choice(NOISE) for _ in range(rng.randrange(18))).encode()
