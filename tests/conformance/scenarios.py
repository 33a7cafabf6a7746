# SPDX-License-Identifier: MIT
"""Plays scenarios.txt to runners in several languages, in lockstep, and compares what each answers.

    scenarios.py [--record] TOOL SCENARIOS NAME=COMMAND...

All runners follow the same volumes. Each gets every command on its stdin, and must answer the lines that stand
below it, then "."; a volume is changed only when all have answered. So no time is asserted. With --record the
answers of the first runner are written into the file: read the difference before you keep it."""
import os
import re
import selectors
import shlex
import shutil
import subprocess
import sys
import tempfile

PATIENCE = 120  # seconds: far more than any answer takes
ESCAPES = {"n": b"\n", "t": b"\t", "\\": b"\\"}


class Runner:
    def __init__(self, name, command, folder):
        self.name = name
        self.process = subprocess.Popen(shlex.split(command), cwd=folder, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.heard = b""

    def ask(self, command):
        """The lines that it answers, or a reason why there are none."""
        try:
            self.process.stdin.write(command.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return [f"(ended with {self.process.wait()})"]
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not (b"\n" + self.heard).endswith(b"\n.\n"):
                if not selector.select(PATIENCE):
                    return self.lines() + [f"(no answer within {PATIENCE} seconds)"]
                more = os.read(self.process.stdout.fileno(), 65536)
                if not more:
                    return self.lines() + [f"(ended with {self.process.wait()})"]
                self.heard += more
        return self.lines()[:-1]

    def lines(self):
        heard, self.heard = self.heard, b""
        return heard.decode("utf-8", "backslashreplace").splitlines()

    def end(self):
        self.process.stdin.close()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "no end"


class Volumes:
    """The files of each volume, as the scenario has them so far."""

    def __init__(self, tool, folder):
        self.tool, self.folder, self.number, self.names = tool, folder, 0, set()

    def path(self, name):
        return os.path.join(self.folder, "files", name)

    def write(self, name, text):
        content = re.sub(rb"\\(x[0-9a-f]{2}|.)", lambda found: bytes([int(found[1][1:], 16)]) if len(found[1]) > 1
                         else ESCAPES[found[1].decode()], text.encode())
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content)

    def remove(self, name):
        os.unlink(self.path(name))

    def apply(self, name):
        os.makedirs(self.path(name), exist_ok=True)
        subprocess.run([self.tool, "apply", name, "--from-file=" + self.path(name)], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL)
        self.names.add(name)

    def clear(self):
        for name in self.names | {"files"}:
            shutil.rmtree(os.path.join(self.folder, name), ignore_errors=True)
        self.names = set()


def play(lines, runners, volumes, wrong):
    """Yields the lines as the first runner would have them."""
    scenario, number = None, 0

    def tell(place, command, asked):
        answers = [runner.ask(command) for runner in runners]
        for runner, answer in zip(runners, answers):
            if answer != asked:
                wrong.append(f"{place}: {scenario}: {runner.name}: {command}\n"
                             + "".join(f"    wanted {line}\n" for line in asked)
                             + "".join(f"    heard  {line}\n" for line in answer))
        return answers[0]

    while number < len(lines):
        line, place = lines[number], number + 1
        number += 1
        word, _, rest = line.partition(" ")
        if word == ">":
            asked = []
            while number < len(lines) and lines[number].startswith("= "):
                asked.append(lines[number][2:])
                number += 1
            yield line
            for answer in tell(place, rest, asked):
                yield "= " + answer
            continue
        if word in ("scenario", "end"):
            if scenario:
                tell(place, "end", [])
            volumes.clear()
            scenario = rest
        elif word == "write":
            volumes.write(*rest.split(" ", 1))
        elif word in ("remove", "apply"):
            getattr(volumes, word)(rest)
        elif line and word != "#":
            sys.exit(f"line {place} is not understood: {line}")
        yield line


def main(arguments):
    record = arguments[0] == "--record"
    tool, path, *commands = arguments[record:]
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        runners = [Runner(*command.split("=", 1), folder) for command in commands]
        answered = list(play(lines, runners, Volumes(os.path.abspath(tool), folder), wrong))
        wrong += [f"{runner.name} ended with {status}" for runner in runners if (status := runner.end()) != 0]
    if record:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(answered) + "\n")
    print("\n".join(wrong[:20]), end="")
    count = sum(line.startswith("scenario ") for line in lines)
    print(f"{count} scenarios, {len(runners)} runners ({', '.join(runner.name for runner in runners)}): "
          + (f"{len(wrong)} wrong answers" if wrong else "all as expected"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
