#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our reader of environment files with kubectl's rules on random inputs, and with kubectl on some.

    env_judge.py DUMP [COUNT [SEED]]

DUMP is env_dump, built. Inputs follow from the seed alone, which is printed. The rules are those of kubectl's
env_file.go, read below line by line; that they are is shown by kubectl itself, for some of the inputs, without a
cluster. Where we differ on purpose is written down in wanted(); every other difference is printed, and the exit
status is 1.
"""

import collections
import concurrent.futures
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging
from judging import BOM, SYNTAX

COUNT = 20000
KUBECTL_COUNT = 240
SEED = 20240903
GO_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z")
ABSENT = "CMRELOAD_JUDGE_ABSENT_"  # keys of lines without a sign: in nobody's environment

# ---- inputs

ENDS = [b"\n", b"\n", b"\n", b"\r\n", b"\r\r\n", b"\r"]
KEYS = [b"A", b"B", b"KEY", b"a.b", b"a-b", b"_x", b".x", b"-", b"x1", b"Z" * 40, b"A.B_C-D", b"k" * 253]
ODD_KEYS = [b"", b"1A", b".", b"..", b"..a", b"a..", b"A ", b"export A", b"a b", "é".encode(), b"a\x00", b'"A"', b"A+", b"a:b", b"@",
            b"[", b"`", b"{", b"/", b"k" * 254, BOM + b"A", "\u200bA".encode()]
VALUES = [b"", b"1", b" 1 ", b'"q"', b'"', b"'q'", b"a=b", b"==", b"# c", b"x # c", b"\\n", b"\\", b"$A", b"\t", b"\r", b"\x00", b"\x01",
          "é 日本 😀".encode(), "\u00a0".encode(), b"x" * 300]
SPACES = [b"", b"", b"", b" ", b"\t ", b"\v\f\r", "\u0085\u00a0\u3000".encode(), "\u2003\u2028".encode(), "\u1680\u202f\u205f".encode()]
ODD_SPACES = ["\u200b".encode(), "\ufeff".encode(), "\u180e".encode(), b"\x1c", b"\x1f"]
BLANK_LINES = [b"", b"", b" \t", b"# comment", b"#A=1", b"  # A=1", "\u00a0".encode(), "\u3000#".encode(), b"#"]
INVALID = [b"\xff", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf5"]
NOISE = [b"A", b"B", b"=", b"=", b"\n", b"\n", b"\r", b" ", b"#", b".", b"1", b"\t", b"\x00", "\u00a0".encode(), b"\xff", BOM]


def make_line(rng, odd):
    dice = rng.random()
    if dice < 0.2:
        return rng.choice(BLANK_LINES)
    key = rng.choice(ODD_KEYS if odd and rng.random() < 0.1 else KEYS)
    if rng.random() < 0.5:
        key += str(rng.randrange(1000)).encode()
    space = rng.choice(ODD_SPACES if odd and rng.random() < 0.03 else SPACES)
    if odd and rng.random() < 0.05:
        return space + ABSENT.encode() + key
    value = rng.choice(VALUES) + (rng.choice(INVALID) if odd and rng.random() < 0.02 else b"") + rng.choice(VALUES)
    return space + key + b"=" + value


def make_input(rng):
    if rng.random() < 0.25:
        return b"".join(rng.choice(NOISE) for _ in range(rng.randrange(20)))
    odd = rng.random() < 0.5
    parts = [BOM] if rng.random() < 0.1 else []
    for _ in range(rng.randrange(12)):
        parts += [make_line(rng, odd), rng.choice(ENDS)]
    if parts and rng.random() < 0.3:
        parts.pop()
    return b"".join(parts)


# ---- kubectl's rules

Answer = collections.namedtuple("Answer", "status entries reason")


def scan_lines(data):
    """bufio.ScanLines: the last line needs no end, an empty last line is none; one \\r at its end goes."""
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line[:-1] if line.endswith(b"\r") else line for line in lines]


def is_name(key):
    return bool(NAME.match(key)) and key != "." and not key.startswith("..") and len(key) <= 253


def read_rules(data):
    """What kubectl makes of it, with nothing in its environment; why it would be refused by us alone."""
    entries, absent = {}, False
    for number, line in enumerate(scan_lines(data)):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return Answer(SYNTAX, [], "not UTF-8")
        if number == 0 and text.startswith("\ufeff"):
            text = text[1:]
        text = text.lstrip(GO_SPACES)
        if text == "" or text.startswith("#"):
            continue
        key, sign, value = text.partition("=")
        if not is_name(key):
            return Answer(SYNTAX, [], "no valid key")
        if key in entries:
            return Answer(SYNTAX, [], "equal keys")
        absent = absent or not sign
        entries[key] = value
    return Answer(0, list(entries.items()), "a key without =" if absent else "")


def wanted(rules):
    """What we promise: kubectl's answer, but for lines without a sign, which are refused."""
    return Answer(SYNTAX, [], rules.reason) if rules.reason else rules


# ---- the parties


def read_ours(answers):
    count = answers.number()
    return Answer(min(count, 0), answers.pairs(max(count, 0)), "")


def run_kubectl(path):
    made = judging.create_by_kubectl("configmap", "--from-env-file=" + path)
    if made is None:
        return Answer(SYNTAX, [], "")
    return Answer(0, sorted((made.get("data") or {}).items()), "")


def compare_rules(inputs, answers):
    differences = judging.Differences("rules", "ours")
    for data, ours in zip(inputs, answers):
        rules = read_rules(data)
        if ours[:2] != wanted(rules)[:2]:
            differences.add(data, rules, ours)
        elif ours[:2] != rules[:2]:
            differences.add(data, rules, ours, rules.reason)
    return differences


def compare_kubectl(inputs):
    """The rules against kubectl itself."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{number}.env") for number in range(len(inputs))]
        for path, data in zip(paths, inputs):
            with open(path, "wb") as out:
                out.write(data)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(run_kubectl, paths))
    differences = judging.Differences("rules", "kubectl")
    for data, answer in zip(inputs, answers):
        rules = read_rules(data)
        if answer[:2] != (rules.status, sorted(rules.entries)):
            differences.add(data, rules, answer)
    return differences


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    inputs = [make_input(task.rng) for _ in range(task.count)]
    answers = judging.ask([task.dump], inputs, read_ours)
    parties = [compare_rules(inputs, answers)]
    judging.tell(task.seed, [ours.status for ours in answers], parties[0])
    if judging.has_program("kubectl"):
        some = inputs[:KUBECTL_COUNT]
        parties.append(compare_kubectl(some))
        parties[1].tell()
        print(f"{len(some)} of them read by kubectl, {len(parties[1].unexplained)} differences from the rules")
    judging.end(*parties)


if __name__ == "__main__":
    main()
