# SPDX-License-Identifier: MIT
"""What the judges that are written in Go share: duration_judge.py and quantity_judge.py.

A judge in Go is judge_stream.go with X_judge.go; both parties talk as tests/support/judge_stream.h tells.
"""

import collections
import os
import shutil
import struct
import subprocess
import sys

TYPE, RANGE = -5, -6  # cmr_status
SHOWN = 10
STATUSES = {0: "accepted", TYPE: "CMR_ERR_TYPE", RANGE: "CMR_ERR_RANGE"}

Ours = collections.namedtuple("Ours", "status value")


def need_go():
    if not shutil.which("go"):
        print("SKIP: go is not installed (package golang-go)")
        sys.exit(77)


def build_go(name, folder):
    """The program that X_judge.go makes, built in that folder: without the network, without touching $HOME."""
    here = os.path.dirname(os.path.abspath(__file__))
    sources = [os.path.join(here, source) for source in ("judge_stream.go", name + ".go")]
    program = os.path.join(folder, name)
    own = {"GOCACHE": os.path.join(folder, "cache"), "GOPATH": os.path.join(folder, "path"), "GO111MODULE": "off",
           "GOFLAGS": "", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOENV": "off", "GOOS": "", "GOARCH": "",
           "CGO_ENABLED": "0"}
    subprocess.run(["go", "build", "-o", program, *sources], env={**os.environ, **own}, cwd=folder, check=True)
    return program


class Answers:
    """Takes apart what a program wrote."""

    def __init__(self, command, inputs):
        framed = b"".join(struct.pack(">i", len(data)) + data for data in inputs)
        self.data = subprocess.run(command, input=framed, stdout=subprocess.PIPE, check=True).stdout
        self.at = 0

    def number(self, form=">i"):
        self.at += struct.calcsize(form)
        return struct.unpack_from(form, self.data, self.at - struct.calcsize(form))[0]

    def text(self):
        length = self.number()
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def end(self):
        assert self.at == len(self.data), "more answers than inputs"


def ask_ours(dump, inputs, form):
    """What X_dump says; form is that of the 64 bits of a value."""
    assert not any(b"\0" in data for data in inputs)
    answers, result = Answers([dump], inputs), []
    for _ in inputs:
        status = answers.number()
        result.append(Ours(status, answers.number(form) if status == 0 else None))
    answers.end()
    return result


def mutate(rng, data, tokens):
    """A text near that one: parts left out, replaced, doubled or cut off."""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(data) + 1)
        until = min(len(data), at + rng.choice([0, 1, 1, 2, 4]))
        dice = rng.random()
        if dice < 0.3:
            data = data[:at] + data[until:]
        elif dice < 0.75:
            data = data[:at] + rng.choice(tokens) + data[until:]
        elif dice < 0.85:
            data = data[:at] + data[at:until] + data[at:]
        elif dice < 0.95:
            data = data[:at]
        else:
            data = data[:at] + bytes([rng.randrange(1, 256)]) + data[at + 1 :]
    return data


def report(name, inputs, ours, explained, unexplained):
    """Prints what came out, and whether all is well; unexplained holds texts to print."""
    for text in unexplained[:SHOWN]:
        print(text)
    for reason, number in sorted(explained.items()):
        print(f"explained: {number} by {reason}")
    counts = collections.Counter(STATUSES.get(answer.status, str(answer.status)) for answer in ours)
    print(f"{name}: " + ", ".join(f"{number} {status}" for status, number in sorted(counts.items())))
    print(f"{len(inputs)} inputs, {len(unexplained)} differences")
    return not unexplained
