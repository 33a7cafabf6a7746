# SPDX-License-Identifier: MIT
"""Well-formed files of any size, the same in every run: what hostile inputs are measured against, and the workloads
of parse.sh. By itself: workloads.py NAME SIZE writes one to standard output; the names are those of `workloads`.

A file has a number of keys that grows with its size, and values that are so long that the size is met to the byte.
At 1 MiB: w4.yaml and w4.json hold 31,601 keys, three deep; w5.properties 30,001; ini and env 30,000 in sections or
groups of 100.
"""
import sys

MEBIBYTE = 1 << 20
LETTERS = "thequickbrownfoxjumpsoverthelazydog"


def number(i, length):
    return "".join(str((i * 7 + at * 3) % 9 + 1) for at in range(length))


def word(i, length):
    begin = i % len(LETTERS)
    return (LETTERS * (2 + length // len(LETTERS)))[begin : begin + length]


def quoted(i, length):
    return '"' + word(i, length - 2) + '"' if length >= 2 else "1"


def fit(lines, kinds, size):
    """The lines, each a text or, for one with a value, what stands before and behind the value, in `size` bytes.
    kinds: the functions that make values, taken in turn."""
    count = sum(isinstance(line, tuple) for line in lines)
    room = size - sum(len("".join(line)) for line in lines)
    assert room >= 3 * count, "no room for values"
    text, i = [], 0
    for line in lines:
        if isinstance(line, tuple):
            length = room // count + (i < room % count)
            line = line[0] + kinds[i % len(kinds)](i, length) + line[1]
            i += 1
        text.append(line)
    return "".join(text).encode()


def share(size, count):
    return max(1, count * size // MEBIBYTE)


def yaml(size):
    lines = [("name: ", "\n")]
    for group in range(share(size, 316)):
        lines.append(f"service-{group:03}:\n")
        for option in range(10):
            lines.append(f"  option-{option}:\n")
            lines += [(f"    setting-{i}: ", "\n") for i in range(10)]
    return fit(lines, [number, word, quoted, word], size)


def json(size):
    lines = ["{\n", (' "name": ', "")]
    for group in range(share(size, 316)):
        lines.append(f',\n "service-{group:03}": {{')
        for option in range(10):
            lines.append(f'{"," if option else ""}\n"option-{option}": {{')
            lines += [(f'{"," if i else ""}\n"setting-{i}": ', "") for i in range(10)]
            lines.append("}")
        lines.append("}")
    return fit(lines + ["\n}\n"], [number, quoted], size)


def properties(size):
    lines = [("name=", "\n")]
    for group in range(share(size, 300)):
        lines += [(f"service-{group:03}.setting-{i:02}=", "\n") for i in range(100)]
    return fit(lines, [number, word], size)


def ini(size):
    lines = []
    for group in range(share(size, 300)):
        lines.append(f"[service-{group:03}]\n")
        lines += [(f"setting-{i:02} = ", "\n") for i in range(100)]
    return fit(lines, [number, word], size)


def env(size):
    lines = []
    for group in range(share(size, 300)):
        lines += [(f"SERVICE_{group:03}_SETTING_{i:02}=", "\n") for i in range(100)]
    return fit(lines, [number, word], size)


def text(size):
    return fit([("", "\n") for _ in range(share(size, 16384))], [word], size)


workloads = {"w4.yaml": yaml, "w4.json": json, "w5.properties": properties, "w.ini": ini, "w.env": env, "w.txt": text}

if __name__ == "__main__":
    sys.stdout.buffer.write(workloads[sys.argv[1]](int(sys.argv[2])))
