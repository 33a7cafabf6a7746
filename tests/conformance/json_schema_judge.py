#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the library prints as JSON Schema, before an implementation of that: Python's jsonschema (Debian's
python3-jsonschema).

    json_schema_judge.py DUMP [COUNT [SEED]]

The schema must be one by the metaschema of 2020-12. Then random JSON files, near what fits, are held against it, and fill
the struct of the program: what the program takes jsonschema must take. The other way round the program may be
stricter, but only for what JSON Schema has no word for: all that it says of a file that jsonschema takes must be among the
reasons below. A schema from which a bound is taken away must make a difference, else nothing was judged.
"""

import collections
import copy
import json
import re
import subprocess

import judging

try:
    from jsonschema import Draft202012Validator
except ImportError:
    judging.skip("python3-jsonschema is not installed")

COUNT, SEED = 6000, 20250211

# What only the program knows, by its own message.
ONLY_OURS = {
    "a duration": r"wanted duration|(is less|is more) than 1?0?m?s?1?0?ms$",
    "a size": r"wanted size|(is less|is more) than 1[KG]i$",
    "a percentage": r"wanted percent|is more than 100%$",
    "an address": r"wanted (ip|cidr),",
    "a log level": r"wanted log_level",
    "a number with a point, or an exponent, is no int": r"wanted u?int64, found the float",
    "bytes, not characters": r"has \d+ bytes, more than",
}

ADDRESSES = ["10.0.0.1", "::1", "10.0.0.0/8", "fd00::/8", "1.2.3", ""]
DURATIONS = ["1s", "10ms", "9ms", "1ms", "0", "1d", 0, 5, 1.5]
SIZES = ["1Ki", "1Gi", "2Gi", 4096, 1, "10m", 1.5, 2e3]
NUMBERS = [0, 1, -1, 127, 128, -128, -129, 4096, 4097, 65535, 65536, 4294967295, 4294967296, 2**63 - 1, 2**63, 2**64, 0.5, 1.0, 1.5, -0.5]
TEXTS = ["", "a", "/path", "123456789", "twelve bytes", "thirteen byte", "\u00e9" * 7, "true", "fast", "slow", "fas", "info", "WARN", "loud", "50%", "101%", "5"]
ANYTHING = NUMBERS + TEXTS + ADDRESSES + DURATIONS + SIZES + [True, False, None, [], {}, [1], {"a": 1}]


def pick(rng, *groups):
    """Mostly of these, now and then anything."""
    values = [value for group in groups for value in group]
    return copy.deepcopy(rng.choice(ANYTHING if rng.random() < 0.06 else values))


def make_map(rng, makers):
    made = {name: maker(rng) for name, maker in makers.items() if rng.random() < 0.5}
    if rng.random() < 0.04:
        made[rng.choice(["other", "nmae", "on"])] = pick(rng, TEXTS)
    return made if rng.random() > 0.02 else pick(rng, ANYTHING)


def make_list(rng, maker, most):
    return [maker(rng) for _ in range(rng.randrange(most + 1))] if rng.random() > 0.03 else pick(rng, ANYTHING)


def make_route(rng):
    return make_map(rng, {"path": lambda r: pick(r, TEXTS[:4]), "weight": lambda r: pick(r, NUMBERS[:6])}) | ({} if rng.random() < 0.1 else {"path": "/x"})


def make_server(rng):
    made = make_map(
        rng,
        {
            "port": lambda r: pick(r, NUMBERS[1:2], [80, 443, 65535]),
            "waits": lambda r: make_list(r, lambda q: pick(q, DURATIONS[:2]), 3),
            "routes": lambda r: make_list(r, make_route, 2),
        },
    )
    if isinstance(made, dict) and rng.random() < 0.9:
        made["name"] = pick(rng, TEXTS[1:4], [5, True])
    return made


def guard(maker):
    """A maker whose value may be no map at all."""

    def made(rng):
        try:
            return maker(rng)
        except TypeError:  # a map was wanted to be merged with
            return pick(rng, ANYTHING)

    return made


def make_document(rng):
    few = lambda maker: lambda r: maker(r) if r.random() < 0.9 else pick(r, ANYTHING)
    return make_map(
        rng,
        {
            "on": few(lambda r: pick(r, [True, False])),
            "backlog": few(lambda r: pick(r, [-1, 0, 128, 4096])),
            "mask": few(lambda r: pick(r, [0, 4294967295])),
            "ratio": few(lambda r: pick(r, [0, 1, 0.5, 1e-3])),
            "title": few(lambda r: pick(r, TEXTS[:5], [5, 1.5, True])),
            "timeout": few(lambda r: pick(r, DURATIONS[:2])),
            "cache": few(lambda r: pick(r, SIZES[:4])),
            "mode": few(lambda r: pick(r, ["fast", "slow"])),
            "log_level": few(lambda r: pick(r, ["info", "WARN", "7", 3])),
            "net": lambda r: make_map(r, {"bind": lambda q: pick(q, ADDRESSES[:2]), "allow": lambda q: pick(q, ADDRESSES[2:4])}),
            "ports": lambda r: make_list(r, lambda q: pick(q, [1, 80, 65535]), 4),
            "names": lambda r: make_list(r, lambda q: pick(q, TEXTS[:4]), 6),
            "limits": lambda r: make_map(
                r, {"memory": few(lambda q: pick(q, SIZES[:2])), "share": few(lambda q: pick(q, ["50%", "100%"])), "fallback": guard(make_route)}
            ),
            "servers": lambda r: make_list(r, guard(make_server), 4),
            "threads": few(lambda r: pick(r, [1, 2**63 - 1])),
            "user": few(lambda r: pick(r, TEXTS)),
        },
    )


Answer = collections.namedtuple("Answer", "status whys")


def explain(theirs, ours):
    """Why the program refuses what jsonschema takes; None: it should not."""
    if not theirs or ours.status == 0:
        return None
    reasons = [next((reason for reason, words in ONLY_OURS.items() if re.search(words, why)), None) for why in ours.whys]
    return None if None in reasons else reasons[0]


def read_answer(answers):
    status, count = answers.number(), answers.number()
    return Answer(status, [answers.text() for _ in range(count)])


def compare(schema, inputs, answers):
    validator = Draft202012Validator(schema)
    differences = judging.Differences("jsonschema", "ours")
    for data, ours in zip(inputs, answers):
        theirs = validator.is_valid(json.loads(data))
        if theirs != (ours.status == 0):
            differences.add(data, "takes it" if theirs else "refuses it", ours, explain(theirs, ours))
    return differences


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    schema = json.loads(subprocess.run([task.dump, "--schema"], stdout=subprocess.PIPE, check=True).stdout)
    Draft202012Validator.check_schema(schema)
    inputs = [json.dumps(guard(make_document)(task.rng)).encode() for _ in range(task.count)]
    answers = judging.ask([task.dump], inputs, read_answer)
    differences = compare(schema, inputs, answers)
    lax = copy.deepcopy(schema)
    del lax["properties"]["backlog"]["maximum"], lax["properties"]["mode"]["enum"], lax["additionalProperties"]
    assert compare(lax, inputs, answers).unexplained, "a laxer schema made no difference"
    judging.tell(task.seed, [ours.status for ours in answers], differences)
    judging.end(differences)


if __name__ == "__main__":
    main()
