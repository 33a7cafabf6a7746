#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our durations with Go's time.ParseDuration on random texts.

    duration_judge.py DUMP [COUNT [SEED]]

DUMP is duration_dump, built; Go's party is duration_judge.go. Texts follow from the seed alone, which is printed.
Acceptance and nanoseconds must be the same, and what we refuse must be CMR_ERR_RANGE exactly where the grammar
holds. There is one difference: where Go's sum wraps around, ours is out of range; go_sum() says exactly when.
Every other difference is printed, and the exit status is 1. 77: there is no Go here.
"""

import re
import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
import go_judging
import judging
from judging import RANGE, TYPE

COUNT = 30000
SEED = 20240917
LIMIT = 1 << 63
UNITS = {"ns": 1, "us": 10**3, "\u00b5s": 10**3, "\u03bcs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9,
         "h": 3600 * 10**9}
NAMES = list(UNITS)
TERM = r"(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(ns|us|\u00b5s|\u03bcs|ms|s|m|h)"
DURATION = re.compile(rf"[-+]?(?:0|(?:{TERM})+)\Z")

# ---- texts

FIXED = ["", "0", "+0", "-0", "00", "0.", ".0", "+", "-", ".", "-.", "s", "+s", ".s", "-.s", " ", "\t", "\n", " 1s", "1s ", "1 s",
         "1s\n", "1s\r\n", "1s 2s", "--1s", "+-1s", "-+1s", "1h-1m", "1h+1m", "-0s", "+0h", "1", "-1", "1.5", "3600", "1d", "1w", "1y",
         "1M", "1S", "1H", "1Ms", "1MS", "1NS", "1sec", "1min", "1hour", "1hr", "1e3s", "1E3s", "1,5s", "1_000s", "0x1s", "0b1s",
         "\u00b5s", "1\u00b5", "1\u03bc", "1\u00b5m", "1\u03bcs", "1\u00b5s", "\u0661s", "\uff11s", "\u22121s", "\u00a01s",
         "\ufeff1s", "inf", "nan", "1..s", "1.2.3s", "1s.", "1s1", "1h30", "0s0", "00s", "P1D", "PT1H", "01:02:03"]
TOKENS = [b"0", b"1", b"9", b"00", b".", b".", b"-", b"+", b"s", b"m", b"h", b"ms", b"us", b"ns", b"n", b"u", b" ", b"d", b"e", b"S", b"_", b",",
          b"\xc2\xb5s", b"\xce\xbcs", b"\xc2", b"\xb5", b"\xce", b"\xbc", b"\xff", b"\n", b"x", "\u00a0".encode(), b"9223372036854775808"]


def make_digits(rng, most):
    length = rng.randrange(1, most + 1)
    return "".join(rng.choice(rng.choice(["0123456789", "0123456789", "09", "9"])) for _ in range(length))


def make_sign(rng):
    return rng.choice(["", "", "", "-", "+"])


def make_term(rng, whole=6, fraction=9):
    dice = rng.random()
    text = make_digits(rng, whole) if dice < 0.9 else ""
    if dice > 0.5:
        text += "." + (make_digits(rng, fraction) if dice < 0.55 or dice >= 0.6 else "")
    return text + rng.choice(NAMES)


def make_valid(rng):
    return make_sign(rng) + "".join(make_term(rng) for _ in range(rng.choice([1, 1, 1, 2, 3, 4, 8])))


def make_long_fraction(rng):
    """Fractions beyond what an integer and what a double hold."""
    near = str(LIMIT // rng.choice([1, 10, 100]) + rng.randrange(-2, 3))
    digits = rng.choice([make_digits(rng, 30), make_digits(rng, 400), near, near + make_digits(rng, 5), "9" * rng.randrange(1, 40),
                         "0" * rng.randrange(40) + make_digits(rng, 25), "3" * rng.randrange(1, 30), "6" * 18 + "7"])
    terms = [str(rng.choice([0, 0, 1, 59, 2562047, rng.randrange(10**7)])) + "." + digits + rng.choice(NAMES)]
    if rng.random() < 0.3:
        terms.append(make_term(rng))
    rng.shuffle(terms)
    return make_sign(rng) + "".join(terms)


def split(rng, total):
    """Terms that come to that many nanoseconds."""
    text = ""
    while total > 0:
        name = rng.choice(NAMES)
        whole, rest = divmod(total, UNITS[name])
        places = len(str(UNITS[name])) - 1
        if UNITS[name] == 10**places and rng.random() < 0.3:
            return text + f"{whole}." + (f"{rest:0{places}}" if places else "") + name
        if whole > 0 and rng.random() < 0.3:
            whole = rng.randrange(whole)
        text += f"{whole}{name}"
        total -= whole * UNITS[name]
    return text or "0s"


def make_edge(rng):
    """Around 2^63 nanoseconds, some 292 years, in both signs."""
    dice = rng.random()
    total = LIMIT + rng.choice([0, 0, 1, -1, 2, -2, rng.randrange(-4000, 4000), rng.randrange(-(10**13), 10**13)])
    if dice < 0.7:
        return make_sign(rng) + split(rng, total)
    name = rng.choice(NAMES)
    whole = LIMIT // UNITS[name] + rng.randrange(-2, 3)
    if dice < 0.85:
        return make_sign(rng) + f"{whole}" + rng.choice(["", ".", "." + make_digits(rng, 25)]) + name + rng.choice(["", make_term(rng)])
    return make_sign(rng) + make_digits(rng, rng.choice([20, 25, 60])) + rng.choice(["", "", ".", ".5"]) + name + rng.choice(["", "1s", "x"])


def make_wrapped(rng):
    """Two terms of 2^63 nanoseconds each, and more."""
    whole = f"{LIMIT}ns"
    return make_sign(rng) + rng.choice(["", "0s", ".5ns"]) + whole + rng.choice([whole, split(rng, LIMIT), "0h" + whole]) + \
        rng.choice(["", "", make_term(rng), split(rng, LIMIT), whole + whole, split(rng, LIMIT + 1)])


def make_noise(rng):
    return b"".join(rng.choice(TOKENS) for _ in range(rng.randrange(9)))


def make_text(rng):
    dice = rng.random()
    if dice < 0.35:
        return make_valid(rng).encode()
    if dice < 0.50:
        return make_long_fraction(rng).encode()
    if dice < 0.65:
        return make_edge(rng).encode()
    if dice < 0.66:
        return make_wrapped(rng).encode()
    if dice < 0.86:
        return go_judging.mutate(rng, rng.choice([make_valid, make_valid, make_edge])(rng).encode(), TOKENS)
    if dice < 0.98:
        return make_noise(rng)
    return bytes(rng.randrange(1, 256) for _ in range(rng.randrange(12)))


# ---- the judgement


def read_go(answers):
    """The nanoseconds; None for what is refused."""
    return answers.number(">q") if answers.number() else None


def is_duration(data):
    """Whether the grammar holds, however large it is."""
    try:
        return bool(DURATION.match(data.decode()))
    except UnicodeDecodeError:
        return False


def go_sum(data):
    """The sum that Go comes to, wrapping around where it does not look; None where it never wraps."""
    total, wrapped = 0, False
    for whole, fraction, alone, name in re.findall(TERM, data.decode()):
        digits = (fraction or alone)[:18]  # more do not occur together with a sum of 2^64
        term = int(whole or "0") * UNITS[name]
        term += int(float(int(digits or "0")) * (float(UNITS[name]) / 10.0 ** len(digits)))
        if term > LIMIT or (total + term) % (1 << 64) > LIMIT:
            return None
        wrapped = wrapped or total + term == 1 << 64
        total = (total + term) % (1 << 64)
    return (-total if data.startswith(b"-") else total) if wrapped else None


def explain(data, go, ours):
    """Why we are right and differ from Go, or None."""
    if go is not None and ours.status == RANGE and is_duration(data) and go_sum(data) == go:
        return "Go's sum wraps around at 2^64"
    return None


def compare(inputs, answers, go_answers):
    differences = judging.Differences("go", "ours")
    for data, ours, go in zip(inputs, answers, go_answers):
        wanted_status = 0 if go is not None else RANGE if is_duration(data) else TYPE
        if (ours.status, ours.value) != (wanted_status, go):
            differences.add(data, go, ours, explain(data, go, ours))
    return differences


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    judging.need_programs("go")
    inputs = [text.encode() for text in FIXED] + [make_text(task.rng) for _ in range(task.count)]
    answers = go_judging.ask_ours(task.dump, inputs, ">q")
    differences = compare(inputs, answers, go_judging.ask_go("duration_judge", inputs, read_go))
    judging.tell(task.seed, [ours.status for ours in answers], differences)
    judging.end(differences)


if __name__ == "__main__":
    main()
