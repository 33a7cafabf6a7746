#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our properties parser with java.util.Properties on random inputs.

    properties_judge.py DUMP [COUNT [SEED]]

DUMP is properties_dump, built. Inputs follow from the seed alone, which is printed. Where the two
differ on purpose is written down in is_right(); every other difference is printed, and the exit
status is 1. 77: there is no Java here.
"""

import collections
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging
from judging import BOM, SYNTAX

COUNT = 20000
SEED = 20240611
LONG = 9000  # longer than LineReader's buffer of 8,192 characters

# What inputs are strung together from. The grammar's own characters come in every mix and number;
# the rest stands for "any other character" in each of its lengths.
ENDS = [b"\n", b"\r", b"\r\n"]
BLANKS = [b" ", b"\t", b"\f", b"  ", b" \t\f "]
SIGNS = [b"=", b":", b"=:", b"==", b" = ", b" : ", b" "]
WORDS = [b"a", b"b", b"key", b"a.b.c", b"true", b"8080", b"x" * 40, b"t", b"n", b"u", b"u0041", b"0", b"-", b"\v",
         b"\x00", b"\x7f", b'"', b"'", "é".encode(), "\u00a0".encode(), "\u0085".encode(), "\u2028".encode(),
         "日本".encode(), "😀".encode(), "\U0010ffff".encode()]
COMMENTS = [b"#", b"!", b" #", b"\t! x", b"# \\", b"#=:", b"! \\u12"]
ESCAPES = [b"\\t", b"\\n", b"\\r", b"\\f", b"\\\\", b"\\=", b"\\:", b"\\ ", b"\\\t", b"\\#", b"\\!", b"\\a", b"\\\"",
           b"\\0", b"\\\x00", "\\é".encode(), "\\😀".encode()]
UNICODE = [b"\\u0041", b"\\u00e9", b"\\u20AC", b"\\u0000", b"\\u000a", b"\\u0020", b"\\u003d", b"\\u005c", b"\\uFFFF",
           b"\\ud83d\\ude00", b"\\uDBFF\\uDFFF"]
SPLIT = [b"\\u00\\\n41", b"\\u\\\r\n 0041", b"\\ud83d\\\n  \\ude00", b"\\u004\\\r\t\\\n1"]
LONE = [b"\\ud83d", b"\\ude00", b"\\udbff", b"\\ud83d\\ud83d\\ude00", b"\\ud83d\\ud83d", b"\\ude00\\ude00",
        b"\\ud83d\\u0041", b"\\ud83d\\n"]
MALFORMED = [b"\\u", b"\\u1", b"\\u12", b"\\u123", b"\\u12g4", b"\\u 123", b"\\u=123", b"\\u\\u0041", b"\\u+123"]
INVALID = [b"\xff", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf5"]
NOISE = [b"\\", b"\\", b"\\", b"=", b":", b" ", b"\t", b"\f", b"\n", b"\r", b"#", b"!", b"a", b"u", b"0", b"\x00"]


def make_piece(rng, odd):
    """A part of a key or value."""
    dice = rng.random()
    if dice < 0.60:
        return rng.choice(WORDS)
    if dice < 0.75:
        return rng.choice(ESCAPES)
    if dice < 0.84:
        return rng.choice(UNICODE)
    if dice < 0.93:
        return b"\\" * rng.choice([1, 1, 1, 2, 3, 4]) + rng.choice(ENDS) + rng.choice([b"", *BLANKS])
    if dice < 0.95:
        return rng.choice(SPLIT)
    if dice < 0.97:
        return rng.choice(SIGNS + BLANKS)
    return rng.choice(odd) if odd else rng.choice(WORDS)


def make_text(rng, odd):
    return b"".join(make_piece(rng, odd) for _ in range(rng.randrange(5)))


def make_line(rng, odd):
    dice = rng.random()
    if dice < 0.15:
        return rng.choice(COMMENTS) + make_text(rng, odd)
    if dice < 0.25:
        return rng.choice([b"", b"\\", *BLANKS])
    return rng.choice([b"", b"", *BLANKS]) + make_text(rng, odd) + rng.choice(SIGNS) + make_text(rng, odd)


def make_lines(rng, odd, length):
    parts = []
    while length > 0:
        parts += [make_line(rng, odd), rng.choice(ENDS)]
        length -= len(parts[-2]) + len(parts[-1])
    if rng.random() < 0.5:
        parts.pop()
    return b"".join(parts)


def make_noise(rng):
    return b"".join(rng.choice(NOISE) for _ in range(rng.randrange(24)))


def make_bytes(rng):
    return bytes(rng.randrange(256) for _ in range(rng.randrange(24)))


def make_input(rng):
    dice = rng.random()
    if dice < 0.30:
        return make_noise(rng)
    if dice < 0.32:
        return make_bytes(rng)
    if dice < 0.34:
        return make_lines(rng, [], LONG + rng.randrange(LONG))
    odd = rng.choice([[], [], [], MALFORMED, LONE, LONE + MALFORMED, INVALID])
    start = BOM if rng.random() < 0.03 else b""
    return start + make_lines(rng, odd, rng.randrange(1, 120))


Answer = collections.namedtuple("Answer", "status properties has_lone_surrogate")


def last_of_each(pairs):
    """The last property of each name, in the order of the file."""
    last = {key: number for number, (key, _) in enumerate(pairs)}
    return [pair for number, pair in enumerate(pairs) if last[pair[0]] == number]


def read_java(answers):
    count, lone = answers.number(), answers.number()
    pairs = answers.pairs(max(count, 0), "utf-16-be", "surrogatepass")
    return Answer(SYNTAX if count < 0 else 0, last_of_each(pairs), bool(lone))


def read_ours(answers):
    count = answers.number()
    return Answer(min(count, 0), answers.pairs(max(count, 0), "utf-8", "surrogatepass"), False)


def ask_java(inputs):
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "PropertiesJudge.java")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["javac", "-d", folder, source], check=True)
        return judging.ask(["java", "-cp", folder, "PropertiesJudge"], inputs, read_java)


def agree(java, ours):
    return java.status == ours.status and java.properties == ours.properties


def is_right(data, java, ours):
    """What we promise: Java's answer to what stands behind a byte order mark, but for what UTF-8 cannot hold."""
    if not judging.is_utf8(data) or java.has_lone_surrogate:
        return ours.status == SYNTAX
    return agree(java, ours)


def explain(data):
    """Why we are right and differ from Java."""
    if not judging.is_utf8(data):
        return "invalid UTF-8"
    return "byte order mark" if data.startswith(BOM) else "lone surrogate"


def compare(inputs, answers):
    stripped = [data[len(BOM) :] if data.startswith(BOM) else b"" for data in inputs]
    java_answers = ask_java(inputs + stripped)
    differences = judging.Differences("java", "ours")
    for data, java, java_without_bom, ours in zip(inputs, java_answers, java_answers[len(inputs) :], answers):
        if not is_right(data, java_without_bom if data.startswith(BOM) else java, ours):
            differences.add(data, java, ours)
        elif not agree(java, ours):
            differences.add(data, java, ours, explain(data))
    return differences


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    judging.need_programs("java", "javac")
    inputs = [make_input(task.rng) for _ in range(task.count)]
    answers = judging.ask([task.dump], inputs, read_ours)
    differences = compare(inputs, answers)
    judging.tell(task.seed, [ours.status for ours in answers], differences)
    judging.end(differences)


if __name__ == "__main__":
    main()
