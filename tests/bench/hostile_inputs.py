# SPDX-License-Identifier: MIT
"""Hostile inputs, the same in every run: hostile_inputs.py FOLDER SIZE

Writes each into FOLDER as a file of SIZE bytes, NUMBER.ENDING, and prints a line for each, fields divided by tabs:
the file, the format, what should become of it (read or refused) and what it is. The first of each format is the
well-formed one that the others are measured against.

An input is a row below: what it is, what should become of it in which formats (by the letters P properties, Y yaml,
J json, I ini, E env, T text; none: refused), and a function of the size.
"""
import os
import sys

sys.dont_write_bytecode = True  # into the source folder
import workloads  # noqa: E402

ENDINGS = {"P": "properties", "Y": "yaml", "J": "json", "I": "ini", "E": "env", "T": "txt"}
WELL_FORMED = {
    "P": workloads.properties,
    "Y": workloads.yaml,
    "J": workloads.json,
    "I": workloads.ini,
    "E": workloads.env,
    "T": workloads.text,
}


def repeat(unit):
    """The unit over and over, cut off at the size."""
    unit = unit if isinstance(unit, bytes) else unit.encode()
    return lambda size: (unit * (size // len(unit) + 1))[:size]


def filled(head, unit, tail="", pad=" "):
    """Whole units between head and tail; in a unit, {i} is its number. Padding before the tail makes up the size."""
    head, tail, pad = head.encode(), tail.encode(), pad.encode()

    def make(size):
        room, made, units, i = size - len(head) - len(tail), 0, [], 0
        while True:
            one = unit.replace("{i}", f"{i:06}").encode()
            if made + len(one) > room:
                return head + b"".join(units) + pad * (room - made) + tail
            units.append(one)
            made += len(one)
            i += 1

    return make


def within(kind, piece, at):
    """A well-formed file in which the piece stands over what was there, at this share of it."""

    def make(size):
        text = WELL_FORMED[kind](size)
        begin = int((size - len(piece)) * at)
        return text[:begin] + piece + text[begin + len(piece) :]

    return make


def staircase(line):
    """Each line indented by a space more than the line before."""

    def make(size):
        lines, made = [], 0
        while made < size:
            lines.append(b" " * len(lines) + line)
            made += len(lines[-1])
        return b"".join(lines)[:size]

    return make


def one_line(kind):
    """A well-formed file without a line's end."""
    return {
        "P": filled("key=", "value "),
        "Y": filled("{name: 1", ", key{i}: value", "}"),
        "J": filled('{"name":1', ',"key{i}":"value"', "}"),
        "I": filled("key=", "value "),
        "E": filled("KEY=", "value "),
        "T": filled("", "value "),
    }[kind]


def laughs(fan, levels, tail=""):
    """YAML: each list holds the one before it `fan` times; comments make up the size."""
    text = "a0: &a0 lol\n"
    for level in range(1, levels + 1):
        text += f"a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * fan) + "]\n"
    return filled(text + tail, "# a comment that is not read and takes room, that is all it does\n", "", "\n")


def pairs(kind, name, value):
    """One key a unit, in each format's way of writing it."""
    return {
        "P": filled("", f"{name}={value}\n", "", "#"),
        "Y": filled("", f"{name}: {value}\n", "", "#"),
        "J": filled('{"":0', f',\n"{name}":{value}', "}"),
        "I": filled("", f"{name}={value}\n", "", "#"),
        "E": filled("", f"{name}={value}\n", "", "#"),
    }[kind]


def each(kinds, make):
    return {kind: make(kind) for kind in kinds}


def alike(kinds, make):
    return each(kinds, lambda kind: make)


# What it is; the formats that read it (all others refuse it); per format, what makes it.
ROWS = [
    ("well-formed", "PYJIET", WELL_FORMED),
    # Structure
    ("`[`", "", alike("PYJI", repeat("["))),
    ("`{`", "", alike("PYJ", repeat("{"))),
    ('`{"a":`', "P", alike("PYJ", repeat('{"a":'))),
    ("`]`", "", alike("YJ", repeat("]"))),
    ("`,`", "", alike("YJ", repeat(","))),
    ("`[],` in a list", "", {"Y": filled("[", "[], ", "]"), "J": filled("[1", ",[]", "]")}),
    ("lists 60 deep, again and again", "YJ", alike("YJ", filled("[1", ",\n" + " " * 200 + "[" * 60 + "]" * 60, "]"))),
    ("maps 60 deep, again and again", "YJ", alike("YJ", filled("[1", "," + '{"a": ' * 60 + "1" + "}" * 60, "]"))),
    ("as many items as fit: `[1,1,...`", "", alike("YJ", filled("[1", ",1", "]"))),
    ("as many items as the limit lets pass", "YJ", alike("YJ", filled("[1", ",  123", "]"))),
    ("`&a [*a`", "", {"Y": repeat("&a [*a, ")}),
    ("`- `", "", {"Y": repeat("- ")}),
    ("`? `", "", {"Y": repeat("? ")}),
    ("`: `", "P", {"Y": repeat(": "), "P": repeat(": ")}),
    ("`a: ` in one line", "", {"Y": repeat("a: ")}),
    ("`a:`, each a space deeper", "", {"Y": staircase(b"a:\n")}),
    ("`-`, each a space deeper", "", {"Y": staircase(b"-\n")}),
    ("`- - - - a`, 60 in a line", "Y", {"Y": filled("", "- " * 60 + "a" * 300 + "\n", "", "#")}),
    ("`? a` lines", "", {"Y": filled("", "? a\n", "", "#")}),
    ("`[a: 1, ...`", "Y", {"Y": filled("[", "abcd: 123456, ", "]")}),
    ("`{a, ...`", "Y", {"Y": filled("{", "a{i}, ", "}")}),
    # Anchors, aliases, merges, tags, directives
    ("billion laughs", "", {"Y": laughs(9, 9)}),
    ("laughs, 190,000 that the limit lets pass", "Y", {"Y": laughs(7, 6, "b: [*a5, *a5]\n")}),
    ("laughs, with 1 MiB of text", "Y", {"Y": filled("a: &a ", "x", "\nb: [" + "*a, " * 1000 + "*a]\n", "x")}),
    ("anchors, each its own", "Y", {"Y": filled("", "- &a{i} 1\n", "", "#")}),
    ("one anchor, set again and again", "Y", {"Y": filled("", "- &a 123\n", "", "#")}),
    ("aliases", "Y", {"Y": filled("- &a 1\n", "-    *a\n", "", "#")}),
    ("aliases that nothing stands for", "", {"Y": repeat("- *a\n")}),
    ("`<<: *a` in many maps", "", {"Y": filled("- &a {b: 1, c: 2}\n", "- {<<: *a, d: 3333333333333333333}\n", "", "#")}),
    ("`<<: *a` in one map", "", {"Y": filled("a: &a {b: 1, c: 2}\n", "<<: *a\n", "", "#")}),
    ("`<<: [*a, *a, ...]`", "", {"Y": filled("a: &a {b: 1, c: 2}\n<<: [*a", ", *a", "]\n")}),
    ("`<<` in `<<` in `<<`", "", {"Y": filled("", "- {<<: {<<: {<<: {a: 1}, b: 2}, c: 3}, d: 4, <<: {e: 5}}\n", "", "#")}),
    ("a merge of each map before", "", {"Y": filled("- &a {a: 1}\n", "- &a {<<: *a, k{i}: 1}\n", "", "#")}),
    ("`!!str `", "Y", {"Y": filled("", "- !!str a\n", "", "#")}),
    ("tags nobody knows", "", {"Y": repeat("- !nobody a\n")}),
    ("a tag of that length", "", {"Y": filled("- !", "a", " b\n", "a")}),
    ("an anchor of that length", "Y", {"Y": filled("- &", "a", " b\n", "a")}),
    ("`%TAG` directives", "", {"Y": filled("", "%TAG !e{i}! tag:e,2000:\n", "--- a\n", "#")}),
    ("`%` directives", "", {"Y": repeat("%YAML 1.2\n")}),
    ("`%`", "T", {"Y": repeat("%"), "T": repeat("%")}),
    ("`---` documents", "", {"Y": repeat("---\n")}),
    ("`...` lines", "", {"Y": repeat("...\n")}),
    # One long thing
    ("one line, no newline", "PYJET", each("PYJIET", one_line)),
    ("one string", "YJ", alike("YJ", filled('"', "a", '"', "a"))),
    ("one string in single quotes", "Y", {"Y": filled("'", "a", "'", "a"), "J": filled("'", "a", "'", "a")}),
    ("one plain scalar", "Y", {"Y": filled("", "a", "", "a"), "J": filled("", "a", "", "a")}),
    ("one number", "YJ", alike("YJ", filled("", "1", "", "1"))),
    ("one block of lines", "Y", {"Y": filled("a: |\n", "  b\n", "", " ")}),
    ("one folded block of lines", "Y", {"Y": filled("a: >\n", "  b\n\n", "", " ")}),
    ("one plain scalar of many lines", "Y", {"Y": filled("a:\n", "  b\n", "", " ")}),
    ("one quoted string of many lines", "Y", {"Y": filled('a: "', "  b\n\n", '"')}),
    ("one quoted string of blank lines", "Y", {"Y": filled('a: "', "\n", '"', "\n")}),
    ("one string that does not end", "", alike("YJI", filled('"', "a", "", "a"))),
    ("one key", "I", {"P": filled("", "a", "=1", "a"), "Y": filled("? ", "a", "\n: 1", "a"),
                      "J": filled('{"', "a", '":1}', "a"), "E": filled("", "a", "=1", "a")}),
    ("a key of 65,535 bytes, again and again", "PJY", {
        "P": filled("", "k{i}" + "a" * 65528 + "=1\n", "", "#"),
        "Y": filled("", "? k{i}" + "a" * 65528 + "\n: 1\n", "", "#"),
        "J": filled('{"":0', ',"k{i}' + "a" * 65528 + '":1', "}"),
    }),
    ("a key of 1,000 bytes, again and again", "PYJI", {
        **each("PYJ", lambda kind: pairs(kind, "k{i}" + "a" * 993, "1")),
        "I": filled("", "k{i}" + "a" * 993 + "=1\n", "", "#"),
        "E": pairs("E", "k{i}" + "a" * 993, "1"),
    }),
    ("keys of many dots", "P", {"P": filled("", "a{i}" + ".a" * 500 + "=1\n", "", "#")}),
    ("keys of many `[0]`", "P", {"P": filled("", "a{i}" + "[0]" * 300 + "=1\n", "", "#")}),
    ("a line of 5,000 bytes, again and again", "PYE", {
        "P": filled("", "k{i}=" + "a" * 4992 + "\n", "", "#"),
        "Y": filled("", "k{i}: " + "a" * 4991 + "\n", "", "#"),
        "I": filled("", "k{i}=" + "a" * 4992 + "\n", "", "#"),
        "E": filled("", "k{i}=" + "a" * 4992 + "\n", "", "#"),
    }),
    # Many small things
    ("equal keys", "P", each("PYJIE", lambda kind: pairs(kind, "key", "1234"))),
    ("equal sections with equal keys", "", {"I": filled("", "[a]\nb=1\n", "", "#")}),
    ("equal sections with other keys", "I", {"I": filled("", "[a]\nk{i}=1\n", "", "#")}),
    ("`[section]`", "I", {"I": filled("", "[section]\n", "", "#")}),
    ("sections, each its own", "I", {"I": filled("", "[s{i}]\n", "", "#")}),
    ("`[s]`, with one key each", "I", {"I": filled("", "[s{i}]\na=1\n", "", "#")}),
    ("all keys in one section", "I", {"I": filled("[a]\n", "key-{i} = word {i} ; comment\n", "", "#")}),
    ("as many lines as fit", "", {
        "P": repeat("a\n"),
        "Y": repeat("a:\n"),
        "J": filled('{"":0', ',"":0', "}"),
        "I": repeat("a=\n"),
        "E": repeat("a=\n"),
    }),
    ("as many sections as fit", "", {"I": repeat("[a]\n")}),
    ("as many keys as fit", "PYJIE", {
        "P": filled("", "{i}\n", "", "#"),
        "Y": filled("", "{i}:\n", "", "#"),
        "J": filled('{"":0', ',"{i}":1', "}"),
        "I": filled("", "{i}=\n", "", "#"),
        "E": filled("", "k{i}=\n", "", "#"),
    }),
    ("more keys than the limit", "", {"P": lambda size: b"".join(
        bytes((97 + i % 26, 97 + i // 26 % 26, 97 + i // 676 % 26, 65 + i // 17576, 10)) for i in range(size // 5 + 1))[:size]}),
    ("lines that are no key", "PY", alike("PYIE", filled("", "k{i}\n", "", "#"))),
    ("lines that are no valid key", "P", {"P": filled("", "k {i}=1\n", "", "#"), "E": filled("", "k {i}=1\n", "", "#")}),
    # One byte over and over
    ("`#`", "PY", alike("PYJI", repeat("#"))),
    ("`;` lines", "I", alike("I", repeat(";\n"))),
    ("`# a` lines", "PYI", alike("PYI", repeat("# a\n"))),
    ("`=`", "P", alike("PIE", repeat("="))),
    ("`a=` in one line", "PE", alike("PIE", repeat("a="))),
    ("`!`", "P", alike("PY", repeat("!"))),
    ("`&`", "", {"Y": repeat("&")}),
    ("`*`", "", {"Y": repeat("*")}),
    ("`|`", "", {"Y": repeat("|")}),
    ("`-`", "Y", {"Y": repeat("-"), "J": repeat("-")}),
    ('`"`', "", alike("PYJI", repeat('"'))),
    ("`'`", "Y", {"Y": repeat("'"), "I": repeat("'")}),
    ("`a=\"` lines", "PE", alike("PIE", filled("", 'a{i}="\n', "", "#"))),
    ("blanks", "YE", alike("YJIE", repeat(" "))),
    ("tabs", "E", alike("YIE", repeat("\t"))),
    ("line feeds", "PYIE", alike("PYJIE", repeat("\n"))),
    ("carriage returns", "PYE", alike("PYJIE", repeat("\r"))),
    ("U+3000", "YE", alike("PYE", filled("", "\u3000"))),
    ("U+2028", "Y", alike("PYI", filled("", "\u2028"))),
    ("NUL bytes", "T", alike("PYJIET", repeat(b"\0"))),
    ("the byte 0xff", "T", alike("PYJIET", repeat(b"\xff"))),
    ("the byte 0x80 on each line", "", alike("PYJIE", repeat(b"a\x80\n"))),
    ("well-formed, 0xff at the end", "", each("PYJIE", lambda kind: within(kind, b"\xff", 1))),
    ("well-formed, a NUL at the end", "PE", each("PYJIE", lambda kind: within(kind, b"\0", 1))),
    ("byte order marks", "YT", alike("PYJIT", filled("", "\ufeff"))),
    ("UTF-16", "Y", {"Y": lambda size: workloads.yaml(size // 2 - 1).decode().encode("utf-16")[:size]}),
    ("text of U+00E9", "PYJIET", {"P": filled("a=", "\u00e9"), "Y": filled("a: ", "\u00e9"), "J": filled('"', "\u00e9", '"'),
                                "I": filled("", "a{i}=\u00e9\u00e9\u00e9\u00e9\n", "", "#"), "E": filled("a=", "\u00e9"),
                                "T": filled("", "\u00e9")}),
    ("text of U+10FFFD", "PYJT", {"P": filled("a=", "\U0010fffd"), "Y": filled("a: ", "\U0010fffd"),
                                  "J": filled('"', "\U0010fffd", '"'), "T": filled("", "\U0010fffd")}),
    ("keys of U+00E9", "PYJI", each("PYJI", lambda kind: pairs(kind, "\u00e9\u00e9{i}", "1"))),
    # Escapes and continued lines
    ("backslashes", "Y", alike("PYJI", repeat("\\"))),
    ("a string of backslashes", "YJ", alike("YJ", filled('"', "\\\\", '"', "a"))),
    ("`\\u00e9`", "YJP", {"P": filled("a=", "\\u00e9"), "Y": filled('"', "\\u00e9", '"'), "J": filled('"', "\\u00e9", '"')}),
    ("`\\ud800`, half a pair", "", {"P": filled("a=", "\\ud800"), "Y": filled('"', "\\ud800", '"'),
                                    "J": filled('"', "\\ud800", '"')}),
    ("`\\uzzzz`", "", {"P": filled("a=", "\\uzzzz"), "Y": filled('"', "\\uzzzz", '"'), "J": filled('"', "\\uzzzz", '"')}),
    ("`\\q`", "P", {"P": filled("a=", "\\q"), "Y": filled('"', "\\q", '"'), "J": filled('"', "\\q", '"')}),
    ("lines that a backslash continues", "Y", {"P": repeat("a\\\n"), "I": repeat("a\\\n"), "Y": filled('"', "a\\\n", '"')}),
    ("empty lines that a backslash continues", "PYI", {"P": repeat("\\\n"), "I": repeat("\\\n"), "Y": filled('"', "\\\n", '"')}),
    ("a comment that a backslash continues", "P", {"P": repeat("#a\\\n"), "I": repeat("#a\\\n")}),
    ("a bad escape on each line", "", {"P": filled("", "a{i}=\\u\n", "", "#"), "J": filled('{"":0', ',\n"{i}":"\\q"', "}")}),
    ("`\\u` and its digits on a line each", "P", {"P": filled("a=", "\\u0\\\n0\\\ne\\\n9")}),
]


def main():
    folder, size = sys.argv[1], int(sys.argv[2])
    for number, (what, read, makers) in enumerate(ROWS):
        for kind in "PYJIET":
            if kind not in makers:
                continue
            data = makers[kind](size)
            assert len(data) == size, (what, kind, len(data))
            name = f"{number:03}.{ENDINGS[kind]}"
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
            print(name, ENDINGS[kind].replace("txt", "text"), "read" if kind in read else "refused", what, sep="\t")


if __name__ == "__main__":
    main()
