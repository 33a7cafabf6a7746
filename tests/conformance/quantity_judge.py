#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our sizes with Kubernetes' quantities on random texts.

    quantity_judge.py DUMP [COUNT [SEED]]

DUMP is quantity_dump, built. quantity_judge.go reads the same texts by the grammar that Kubernetes publishes, exactly;
texts follow from the seed alone, which is printed. That this reading is Kubernetes' own is shown by kubectl, without
a cluster, for some of the texts.

What we promise is in wanted(). Kubernetes must find room for every quantity: it rounds up what is finer than a
billionth, then to a whole number where a whole one is asked for (1.5 is 2), and takes what does not fit as 2^63 - 1. We
read the size of something that a program is going to have, and are strict: a size is a whole number of bytes below
2^64, or an error that says why. Suffixes m, u and n are no size even where they come to a whole number: who writes
10m for a size has forgotten an i or a capital letter. Each such difference is counted by name; every other one is
printed, and the exit status is 1. 77: there is no Go here.
"""

import collections
import concurrent.futures
import re
import sys
from fractions import Fraction

sys.dont_write_bytecode = True  # the source folder may be read-only
import go_judging
import judging
from judging import RANGE, TYPE

COUNT = 30000
SEED = 20240921
KUBECTL_ACCEPTED, KUBECTL_REFUSED, KUBECTL_BATCH = 3000, 200, 100
LIMIT = 1 << 64
BINARY = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60}
DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
PARTS = {"m": Fraction(1, 10**3), "u": Fraction(1, 10**6), "n": Fraction(1, 10**9)}
SCALES = {**BINARY, **DECIMAL}

# ---- texts

FIXED = ["", "0", "+0", "-0", "0Ki", "-0Ei", "-0.0", "00", "0m", "-0n", "0e0", "0e9", "-0e9", "0e99999999999999999999", "0e-99999999999999999999",
         "+", "-", ".", "+.", "-.", "Ki", "k", "m", "e3", "+Ki", ".M", "--1", "+-1", "1+", " ", "\t", " 1", "1 ", "1 Mi", "1Mi ", "1Mi\n", "1K",
         "1g", "1t", "1p", "1B", "1b", "1KB", "1MB", "1MiB", "1Mib", "1mi", "1ki", "1KI", "1i", "1ii", "1kMi", "1kk", "1mm", "1EE", "1Eii", "1ni",
         "1mi", "1e", "1E", "1e+", "1e-", "1E+", "1e3k", "1e3Ki", "1Ee3", "1Eie3", "1e+-3", "1ee3", "1e1.5", "1e2.0", "1e2.", "1e.5", "1E-.5",
         "1e+0.0", "0e1.5", "1,5k", "1_000", "0x10", "0o17", "0b1", "inf", ".inf", "nan", "1..", "..1", "1.2.3", "1.k", ".5k", "1\u00b5", "1\u03bc",
         "\uff11", "\u0661Mi", "\u22121", "\u00a01", "\ufeff1", "1e4294967296", "1e4294967299", "1e99999999999", "1e-99999999999",
         "1e9223372036854775808", "1e18446744073709551616", "ten", "10 MB", "4096\r\n"]
TOKENS = [b"0", b"1", b"5", b"9", b".", b".", b"-", b"+", b"e", b"E", b"e3", b"E-", b"k", b"K", b"M", b"G", b"T", b"P", b"Ki", b"Mi", b"Ei", b"i", b"m", b"u", b"n",
          b"B", b" ", b"_", b",", b"x", b"\n", b"\xc2\xb5", b"\xff", "\u00a0".encode(), b"18446744073709551615"]


def make_digits(rng, most):
    length = rng.randrange(1, most + 1)
    return "".join(rng.choice(rng.choice(["0123456789", "0123456789", "09", "9", "0"])) for _ in range(length))


def make_sign(rng):
    return rng.choice(["", "", "", "", "", "+", "-"])


def make_number(rng, whole=9, fraction=4):
    dice = rng.random()
    text = make_digits(rng, whole) if dice < 0.9 else ""
    if dice > 0.6:
        text += "." + (make_digits(rng, fraction) if dice < 0.65 or dice >= 0.7 else "")
    return text


def make_exponent(rng):
    number = rng.choice([str(rng.randrange(25)), make_digits(rng, 2), make_digits(rng, 3), make_digits(rng, 25)])
    return rng.choice("eE") + rng.choice(["", "", "+", "-", "-"]) + rng.choice(["", "", "", "0", "00"]) + number


def make_suffix(rng):
    dice = rng.random()
    if dice < 0.4:
        return rng.choice(list(BINARY))
    if dice < 0.7:
        return rng.choice(list(DECIMAL))
    return rng.choice(list(PARTS)) if dice < 0.76 else make_exponent(rng)


def make_valid(rng):
    return make_sign(rng) + make_number(rng) + make_suffix(rng)


def make_long(rng):
    return make_sign(rng) + make_number(rng, rng.choice([30, 400]), rng.choice([30, 70, 400])) + make_suffix(rng)


def write_decimal(value):
    """A fraction whose denominator has no factors but 2 and 5, as digits, all of them."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(value * 10**places).rjust(places + 1, "0")
    return digits[: len(digits) - places] + ("." + digits[len(digits) - places :] if places else "")


def make_exact(rng):
    """A number of bytes, written exactly in some suffix; or that and a little more or less."""
    suffix = rng.choice(list(SCALES))
    count = rng.choice([rng.randrange(1, 4096), rng.getrandbits(rng.randrange(1, 64)) + 1, LIMIT - rng.randrange(1, 3)])
    digits = write_decimal(Fraction(count, SCALES[suffix]))
    dice = rng.random()
    if dice < 0.3:
        digits += ("" if "." in digits else ".") + rng.choice(["0", "00", "1", "5", "0" * 40, "0" * 40 + "1"])
    elif dice < 0.4:
        digits = digits[:-1] + rng.choice("0123456789")
    return rng.choice(["", "", "", "+", "0", "-"]) + digits + suffix


def make_edge(rng):
    """Around 2^63, where Kubernetes stops, and 2^64, where we do."""
    suffix = rng.choice(list(SCALES))
    total = rng.choice([LIMIT, LIMIT, LIMIT // 2]) + rng.choice([0, 0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2), rng.randrange(-2000, 2000)])
    if rng.random() < 0.3:
        return make_sign(rng) + str(total // SCALES[suffix] + rng.randrange(-1, 2)) + suffix
    return make_sign(rng) + write_decimal(Fraction(total) / SCALES[suffix]) + suffix


def make_shifted(rng):
    """Digits far before or behind the point, and an exponent that brings them back, more or less."""
    digits, shift = make_digits(rng, 22), rng.randrange(60)
    exponent = max(0, shift + rng.choice([0, 0, 0, 1, -1, 2, 19, -19]))
    if rng.random() < 0.5:
        return f"{digits}{'0' * shift}{rng.choice('eE')}-{exponent}"
    return f"{rng.choice(['0', ''])}.{'0' * shift}{digits}{rng.choice('eE')}{rng.choice(['', '+'])}{exponent + rng.randrange(22)}"


def make_pointed_exponent(rng):
    return make_sign(rng) + make_number(rng) + rng.choice("eE") + make_sign(rng) + rng.choice([make_digits(rng, 2) + ".", ""]) + \
        rng.choice([".", ".0", ".5", "." + make_digits(rng, 3)])[rng.randrange(2) :]


def make_noise(rng):
    return b"".join(rng.choice(TOKENS) for _ in range(rng.randrange(7)))


def make_text(rng):
    dice = rng.random()
    for until, make in ((0.25, make_valid), (0.30, make_long), (0.45, make_exact), (0.55, make_edge), (0.62, make_shifted),
                        (0.64, make_pointed_exponent)):
        if dice < until:
            return make(rng).encode()
    if dice < 0.86:
        return go_judging.mutate(rng, rng.choice([make_valid, make_valid, make_exact, make_shifted])(rng).encode(), TOKENS)
    if dice < 0.98:
        return make_noise(rng)
    return bytes(rng.randrange(1, 256) for _ in range(rng.randrange(10)))


# ---- the grammar's answer

NONE, NUMBER, PART, POINTED_EXPONENT = range(4)  # as in quantity_judge.go
Quantity = collections.namedtuple("Quantity", "kind value")


def read_quantity(answers):
    kind = answers.number()
    return Quantity(kind, Fraction(answers.text()) if kind in (NUMBER, PART) else None)


# ---- the judgement


def wanted(quantity):
    """What we promise: a status and a value; and why this is no answer that Kubernetes gives."""
    if quantity.kind == NONE:
        return TYPE, None, None
    if quantity.kind == POINTED_EXPONENT:  # Kubernetes' code refuses it as well, as compare_kubectl() shows
        return TYPE, None, "a point in the exponent: in the grammar as published, not in Kubernetes' code"
    if quantity.kind == PART:
        return TYPE, None, "suffix m, u or n"
    if quantity.value < 0:
        return RANGE, None, "negative"
    if quantity.value >= LIMIT:
        return RANGE, None, "2^64 bytes and more"
    if quantity.value.denominator != 1:
        return RANGE, None, "part of a byte, which Kubernetes rounds up"
    return 0, quantity.value.numerator, None


def compare(inputs, answers, quantities):
    differences = judging.Differences("grammar", "ours")
    for data, ours, quantity in zip(inputs, answers, quantities):
        status, value, reason = wanted(quantity)
        if (ours.status, ours.value) != (status, value):
            differences.add(data, quantity, ours)
        elif reason:
            differences.add(data, quantity, ours, reason)
    return differences


# ---- the grammar's reading before kubectl

NO_DIGITS = re.compile(rb"[+-]?\.?([KMGTPE]i|[eE][+-]?[0-9]+|[numkMGTPE]?)\Z")  # but for no text at all
CANONICAL = re.compile(r"([+-]?[0-9]*\.?[0-9]*)(?:[eE]([+-]?[0-9]+)|([KMGTPE]i|[numkMGTPE]?))\Z")


def may_ask_kubectl(data):
    """Not what would end its list, nor exponents for which it computes without end, or which it cuts to 32 bits."""
    return not re.search(rb"[,=]|[eE][-+]?[0-9.]{4}", data)


def run_kubectl(texts):
    """The quantities as kubectl writes them; None when it refuses one."""
    hard = b",".join(b"k%d=%s" % (number, text) for number, text in enumerate(texts))
    made = judging.create_by_kubectl("quota", b"--hard=" + hard)
    return made and [made["spec"]["hard"][f"k{number}"] for number in range(len(texts))]


def value_of(text):
    number, exponent, suffix = CANONICAL.match(text).groups()
    scale = Fraction(10) ** int(exponent) if exponent else {**SCALES, **PARTS}[suffix]
    return Fraction(number) * scale


def round_up(value):
    """To a billionth, away from zero."""
    billionths = -((-abs(value) * 10**9) // 1)
    return Fraction(billionths if value >= 0 else -billionths, 10**9)


def wanted_of_kubectl(data, quantity):
    """None: refused. Of what it may cut to 2^63 - 1 only that it is accepted: True."""
    if quantity.kind in (NUMBER, PART):
        return round_up(quantity.value) if abs(quantity.value) < (1 << 63) - 1 else True
    return Fraction(0) if data and NO_DIGITS.match(data) else None


def is_as_wanted(written, value):
    if written is None or value is None:
        return written is value
    return value is True or value_of(written) == value


def choose_for_kubectl(inputs, quantities):
    """Some that are read, and some that are not, in batches; kubectl refuses a batch for any of its texts."""
    pairs = [(data, quantity) for data, quantity in zip(inputs, quantities) if may_ask_kubectl(data)]
    accepted = [pair for pair in pairs if pair[1].kind in (NUMBER, PART)][:KUBECTL_ACCEPTED]
    others = list({data: (data, quantity) for data, quantity in pairs if quantity.kind in (NONE, POINTED_EXPONENT)}.values())
    others = others[:KUBECTL_REFUSED]
    return [accepted[at : at + KUBECTL_BATCH] for at in range(0, len(accepted), KUBECTL_BATCH)] + [[pair] for pair in others]


def compare_kubectl(batches):
    differences = judging.Differences("grammar", "kubectl")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for batch, written in zip(batches, pool.map(lambda batch: run_kubectl([data for data, _ in batch]), batches)):
            for (data, quantity), text in zip(batch, written or [None] * len(batch)):
                value = wanted_of_kubectl(data, quantity)
                if not is_as_wanted(text, value):
                    differences.add(data, quantity, text)
                elif quantity.kind == NONE and value is not None:
                    differences.add(data, quantity, text, "no digits, which kubectl reads as 0, against the grammar")
    return differences


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    judging.need_programs("go")
    inputs = [text.encode() for text in FIXED] + [make_text(task.rng) for _ in range(task.count)]
    answers = go_judging.ask_ours(task.dump, inputs, ">Q")
    quantities = go_judging.ask_go("quantity_judge", inputs, read_quantity)
    parties = [compare(inputs, answers, quantities)]
    judging.tell(task.seed, [ours.status for ours in answers], parties[0])
    if judging.has_program("kubectl"):
        batches = choose_for_kubectl(inputs, quantities)
        parties.append(compare_kubectl(batches))
        parties[1].tell()
        print(f"{sum(map(len, batches))} of them read by kubectl, {len(parties[1].unexplained)} differences from the grammar")
    judging.end(*parties)


if __name__ == "__main__":
    main()
