# SPDX-License-Identifier: MIT
"""What the judges share.

A judge X_judge.py makes random inputs, has our X_dump and another implementation read them, and tells where the two
differ. The inputs, the other party and what we promise are its own. From here it has its command line

    X_judge.py DUMP [COUNT [SEED]]

the talk with programs, as tests/support/judge_stream.h has it, the edits that spoil a text, and the account at the
end: the exit status is 1 when a difference is left that nothing explains. What cannot be judged on this machine is
told in a line 'SKIP: why'; 77 is the exit status when that is all of it.
"""

import collections
import json
import random
import shutil
import struct
import subprocess
import sys

TYPE, RANGE, SYNTAX, LIMIT = -5, -6, -7, -8  # cmr_status
STATUSES = {0: "accepted", TYPE: "CMR_ERR_TYPE", RANGE: "CMR_ERR_RANGE", SYNTAX: "refused by our reader", LIMIT: "refused by our reader"}
DEPTH = 64  # containers below the root's, by default
KINDS = {1: "map", 2: "list"}  # enum cmr__entry_kind
SCALARS = {1: "null", 2: "bool", 3: "int", 4: "float", 5: "string"}  # enum cmr__scalar_type
BOM = b"\xef\xbb\xbf"
SHOWN = 10

# ---- the command line, and what must be there

Task = collections.namedtuple("Task", "dump count seed rng")


def read_command_line(usage, count, seed):
    """With that count and seed where there are none. All that is random must come from rng, in the same order."""
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(usage)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else count
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else seed
    return Task(sys.argv[1], count, seed, random.Random(seed))


def leave_out(why):
    """To be told of a part that is left out."""
    print(f"SKIP: {why}")


def skip(why):
    leave_out(why)
    sys.exit(77)


def has_program(name):
    """If not, what needs it is left out."""
    found = shutil.which(name) is not None
    if not found:
        leave_out(f"{name} is not installed")
    return found


def need_programs(*names):
    if not all([has_program(name) for name in names]):
        sys.exit(77)


# ---- texts


def is_utf8(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def drop(rng, text, at, until):
    return text[:at] + text[until:]


def double(rng, text, at, until):
    return text[:at] + text[at:until] + text[at:]


def cut(rng, text, at, until):
    return text[:at]


def replace_by(texts):
    return lambda rng, text, at, until: text[:at] + rng.choice(texts) + text[until:]


def change_byte(least):
    """To any that is not below it."""
    return lambda rng, text, at, until: text[:at] + bytes([rng.randrange(least, 256)]) + text[at + 1 :]


def edit(rng, text, longest, edits):
    """A text, of characters or bytes, near that one. edits are pairs: the edit, and up to which of all dice it is done."""
    at = rng.randrange(len(text) + 1)
    until = min(len(text), at + rng.choice([0, 1, 1, 2, longest]))
    dice = rng.random()
    return next(change for most, change in edits if dice < most)(rng, text, at, until)


# ---- what a program answers

# A document is a list of these in its order, a container before what it holds: kind or a scalar's type, whether it
# counts as quoted, line, column, name (None for an item and the root), and the text or how many children.
Entry = collections.namedtuple("Entry", "kind quoted line column name value")


class Answers:
    """Takes apart what a program wrote."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def number(self, form=">i"):
        self.at += struct.calcsize(form)
        return struct.unpack_from(form, self.data, self.at - struct.calcsize(form))[0]

    def text(self, encoding="utf-8", errors="strict"):
        length = self.number()
        self.at += length
        return self.data[self.at - length : self.at].decode(encoding, errors)

    def pairs(self, count, encoding="utf-8", errors="strict"):
        """As judge_write_pairs has them."""
        return [(self.text(encoding, errors), self.text(encoding, errors)) for _ in range(count)]

    def entries(self, count):
        """As judge_write_entries has them."""
        entries = []
        self.entry(entries, False)
        assert len(entries) == count
        return entries

    def entry(self, entries, named):
        kind, scalar, quoted, line, column = (self.number() for _ in range(5))
        name = self.text()
        kind = KINDS.get(kind) or SCALARS[scalar]
        value = self.number() if kind in ("map", "list") else self.text()
        entries.append(Entry(kind, bool(quoted), line, column, name if named else None, value))
        for _ in range(value if kind in ("map", "list") else 0):
            self.entry(entries, kind == "map")


def ask(command, inputs, read):
    """What read() makes of the program's answers, one for each input."""
    framed = b"".join(struct.pack(">i", len(data)) + data for data in inputs)
    answers = Answers(subprocess.run(command, input=framed, stdout=subprocess.PIPE, check=True).stdout)
    result = [read(answers) for _ in inputs]
    assert answers.at == len(answers.data), "more answers than inputs"
    return result


def create_by_kubectl(kind, option):
    """The object as kubectl would have it created, for which it needs no cluster; None: it refuses."""
    command = ["kubectl", "create", kind, "judge", "--dry-run=client", "-o", "json", option]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


# ---- the account


class Differences:
    """Of two readers: how many are explained by what, and those that nothing explains."""

    def __init__(self, one, other):
        self.names = (one, other)
        self.explained = collections.Counter()
        self.unexplained = []

    def add(self, data, one, other, reason=None):
        """Their answers; with a reason, when they differ as they should."""
        if reason:
            self.explained[reason] += 1
        else:
            self.unexplained.append((data, one, other))

    def tell(self):
        for data, *answers in self.unexplained[:SHOWN]:
            print(f"input {data!r}")
            for name, answer in zip(self.names, answers):
                print(f" {name} {answer}")
        tell_counts("explained", self.explained)


def tell_counts(label, counts):
    for reason, number in sorted(counts.items()):
        print(f"{label}: {number} by {reason}")


def tell_statuses(seed, statuses):
    counts = collections.Counter(STATUSES.get(status, f"status {status}") for status in statuses)
    print(f"seed {seed}: " + ", ".join(f"{number} {status}" for status, number in sorted(counts.items())))


def tell(seed, statuses, differences):
    """All of it, where there is one other party; statuses are our answers'."""
    differences.tell()
    tell_statuses(seed, statuses)
    print(f"{len(statuses)} inputs, {len(differences.unexplained)} differences")


def end(*parties):
    sys.exit(1 if any(differences.unexplained for differences in parties) else 0)
