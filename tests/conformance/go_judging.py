# SPDX-License-Identifier: MIT
"""What the judges that are written in Go share beyond judging.py: duration_judge.py and quantity_judge.py.

A judge in Go is judge_stream.go with X_judge.go; both parties talk as tests/support/judge_stream.h tells.
"""

import collections
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging

Ours = collections.namedtuple("Ours", "status value")


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


def ask_go(name, inputs, read):
    """What read() makes of the answers of X_judge.go."""
    with tempfile.TemporaryDirectory() as folder:
        return judging.ask([build_go(name, folder)], inputs, read)


def ask_ours(dump, inputs, form):
    """What X_dump says; form is that of the 64 bits of a value."""
    assert not any(b"\0" in data for data in inputs)

    def read(answers):
        status = answers.number()
        return Ours(status, answers.number(form) if status == 0 else None)

    return judging.ask([dump], inputs, read)


def mutate(rng, data, tokens):
    """A text near that one, without a NUL byte."""
    edits = [(0.3, judging.drop), (0.75, judging.replace_by(tokens)), (0.85, judging.double), (0.95, judging.cut),
             (1, judging.change_byte(1))]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        data = judging.edit(rng, data, 4, edits)
    return data
