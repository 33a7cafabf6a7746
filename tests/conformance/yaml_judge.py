#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our YAML reader with PyYAML on random inputs.

    yaml_judge.py DUMP [COUNT [SEED]]

DUMP is yaml_dump, built. Inputs follow from the seed alone, which is printed. PyYAML is there twice: over libyaml,
whose every answer must be ours, and with its own scanner and parser. Compared are acceptance and the whole
document: structure, keys, order, texts, types, what counts as quoted, the line and column of each entry, and, of
what libyaml refuses, the line and column of that. PyYAML's nodes are typed by YAML 1.2's core schema, and what we
refuse on purpose is found in them, by yaml_reading.py.

Where PyYAML's own parser differs from libyaml's, the difference must have one of the causes below: what
is there must be found at the place that the refusal names, and once it is replaced, in both readers' inputs, there
must be no difference left. Every other one is printed, and the exit status is 1.
"""

import collections
import re
import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging
from yaml_inputs import make_input
from yaml_reading import REFUSALS, LibyamlNodes, PythonNodes, ask_ours, read_nodes

COUNT = 40000
SEED = 20241105
ROUNDS = 40  # so often something is replaced in one input
BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

# ---- where the two parsers part

Difference = collections.namedtuple("Difference", "text ours theirs at_ours at_theirs")


def decode(data):
    """As both readers do, a byte order mark being a character; what is no text does not count here."""
    encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(data[:2], "utf-8")
    return data.decode(encoding, "replace")


def offset_of(text, place):
    """Where a line and column of ours are, the mark at the start having no column."""
    starts = [0] + [match.end() for match in BREAK.finditer(text)]
    line, column = place
    return starts[line - 1] + column - 1 + (line == 1 and text.startswith("\ufeff"))


def line_at(text, offset):
    """Its begin and its end, without a byte order mark."""
    begin = max([match.end() for match in BREAK.finditer(text, 0, offset)], default=text.startswith("\ufeff"))
    found = BREAK.search(text, begin)
    return begin, found.start() if found else len(text)


def put(text, begin, end, new):
    return text[:begin] + new + text[end:]


def problem(theirs):
    return getattr(theirs.error, "problem", None) or ""


def blank_for_tab(it):
    """The specification has tabs separate, and stand inside plain scalars; libyaml does as well."""
    if "'\\t'" in problem(it.theirs) and it.text[it.at_theirs] == "\t":
        return put(it.text, it.at_theirs, it.at_theirs + 1, " ")


def letter_for_first_tab(it):
    """A block scalar that begins with a tab behind its indentation, which nothing but that line tells."""
    if it.ours.message.startswith("found a tab character where an indentation") and it.text[it.at_ours] == "\t":
        return put(it.text, it.at_ours, it.at_ours + 1, "x")


def other_version(it):
    begin, end = line_at(it.text, it.at_ours)
    found = re.match(r"%YAML[ \t]+1\.[0-9]+", it.text[begin:end])
    if it.ours.message.startswith("found incompatible YAML document") and found:
        return put(it.text, begin, begin + found.end(), "%YAML 1.2")


def comment_for_directive(it):
    begin, _ = line_at(it.text, it.at_ours)
    if it.ours.message.startswith("found unknown directive name") and it.text[begin] == "%":
        return put(it.text, begin, begin + 1, "#")


def blank_behind_colon(it):
    """In flow style, as in {a :}."""
    if it.ours.message.startswith("found unexpected ':'") and re.compile(r":[][{},?]").match(it.text, it.at_ours):
        return put(it.text, it.at_ours + 1, it.at_ours + 1, " ")


def letter_for_question_mark(it):
    """In flow style, behind a plain scalar's beginning, as in [a?]."""
    if "but got '?'" in problem(it.theirs) and it.text[it.at_theirs] == "?":
        return put(it.text, it.at_theirs, it.at_theirs + 1, "q")


def letter_in_tag(it):
    refused = re.match(r"did not find expected (whitespace or line break|tag URI) \(while (scanning|parsing) a tag", it.ours.message)
    if refused and it.text[it.at_ours] in ",[]{}":
        return put(it.text, it.at_ours, it.at_ours + 1, "x")


def letter_for_surrogate(it):
    found = re.compile(r"u[dD][89a-fA-F][0-9a-fA-F]{2}|U0000[dD][89a-fA-F][0-9a-fA-F]{2}").match(it.text, it.at_ours)
    if it.ours.message.startswith("found invalid Unicode character escape code"):
        found = found or re.compile(r"u[dD][89a-fA-F][0-9a-fA-F]{2}|U0000[dD][89a-fA-F][0-9a-fA-F]{2}").match(it.text, it.at_ours - 1)
        return found and put(it.text, found.start(), found.end(), "x41")


def blank_before_comment(it):
    """As in |# and in %YAML 1.2#."""
    if "but found '#'" in problem(it.theirs) and it.text[it.at_theirs] == "#":
        return put(it.text, it.at_theirs, it.at_theirs, " ")


def key_in_pair(it):
    """As in [?] and [? : 1]: libyaml passes over the indicator behind it, and complains of what follows, brackets aside."""
    found = re.compile(r"\?(?=(\s|#.*)*[],:](\s|#.*|])*\Z)").search(it.text.rstrip("\0"), 0, it.at_ours)
    if it.ours.message.startswith("did not find expected ',' or ']'") and found:
        return put(it.text, found.end(), found.end(), " z ")


def key_of_nothing(it):
    """As in {? : 1} and {?}: libyaml puts it where the next indicator stands, PyYAML behind the question mark."""
    pairs = zip(it.ours.entries or [], it.theirs.entries or [])
    ours, theirs = next(((ours, theirs) for ours, theirs in pairs if ours != theirs), (None, None))
    if not ours or ours.name != "" or ours._replace(line=theirs.line, column=theirs.column) != theirs:
        return None
    at_ours, at_theirs = (offset_of(it.text, (entry.line, entry.column)) for entry in (ours, theirs))
    if it.text[at_ours] in ":},]" and it.text[at_theirs - 1] == "?":
        return put(it.text, at_ours, at_ours, f"z{at_ours} ")


def letters_for_marks(it):
    """Byte order marks that are not at the start: libyaml skips some, and PyYAML counts none of them."""
    if "\ufeff" in it.text[1:]:
        return it.text[:1] + it.text[1:].replace("\ufeff", "z")


CAUSES = {
    "tabs, which PyYAML does not take for blanks": blank_for_tab,
    "a tab that begins a block scalar, which libyaml refuses": letter_for_first_tab,
    "versions beyond 1.2, which libyaml refuses": other_version,
    "unknown directives, which libyaml refuses": comment_for_directive,
    "a colon before a flow indicator, which libyaml refuses": blank_behind_colon,
    "a ? inside a plain scalar in flow style, which PyYAML refuses": letter_for_question_mark,
    "flow indicators in tags, which libyaml refuses": letter_in_tag,
    "escapes of surrogates, which PyYAML reads": letter_for_surrogate,
    "a comment with no blank before it behind |, > or %YAML, which libyaml reads": blank_before_comment,
    "a ? with nothing behind it in a flow list, which libyaml refuses": key_in_pair,
    "the place of nothing as an explicit key in flow style": key_of_nothing,
    "byte order marks inside of the file": letters_for_marks,
}


def find_cause(data, ours, theirs):
    """Its name, and what the input would be without it."""
    text = decode(data)
    at_ours = offset_of(text, ours.place) if ours.place and ours.place[0] else 0
    mark = getattr(theirs.error, "problem_mark", None)
    it = Difference(text + "\0", ours, theirs, at_ours, mark.index if mark else 0)
    for name, repair in CAUSES.items():
        repaired = repair(it)
        if repaired:
            return name, repaired[:-1].encode()
    return None, None


# ---- the judgement


def same(ours, theirs):
    """Whether that reading promises our answer."""
    if theirs.faults:
        return ours.entries is None and any(re.search(REFUSALS[fault], ours.message) for fault in theirs.faults)
    return ours.entries == theirs.entries


def same_place(data, ours, libyaml):
    """Whether what libyaml refuses is refused for its reason and in its place, or before that for one of ours. At a
    file's end libyaml supposes a line break; we stay on the last line that there is."""
    mark = getattr(libyaml.error, "problem_mark", None)
    if not mark or any(re.search(words, ours.message) for words in REFUSALS.values()):
        return True
    words = libyaml.error.problem.replace("found undefined alias '", "unknown alias *").rstrip("'")
    text = decode(data)
    last_begin, last_end = line_at(text, len(text))
    allowed = [(mark.line + 1, mark.column + 1)]
    if last_end > last_begin and mark.column == 0:
        allowed.append((mark.line, last_end - last_begin + 1))
    return ours.message.startswith(words) and ours.place in allowed


def judge_by_libyaml(inputs, answers):
    """The differences; and why we refuse what libyaml reads."""
    faults, differences = collections.Counter(), judging.Differences("ours", "libyaml")
    for data, ours in zip(inputs, answers):
        libyaml = read_nodes(LibyamlNodes, data)
        if not same(ours, libyaml) or not same_place(data, ours, libyaml):
            differences.add(data, ours, libyaml)
        faults.update(fault for fault in libyaml.faults if re.search(REFUSALS[fault], ours.message))
        faults["an anchor that is defined again, which PyYAML refuses and we read"] += ours.entries is not None and libyaml.redefines
    return differences, faults


def judge_by_pyyaml(dump, inputs, answers):
    """The differences, an input's first cause being what explains it; and how many inputs need none."""
    differences, agreed = judging.Differences("ours", "PyYAML"), 0
    waiting = [(data, ours, None, data) for data, ours in zip(inputs, answers)]
    for _ in range(ROUNDS):
        repaired = []
        for data, ours, first, now in waiting:
            theirs = read_nodes(PythonNodes, now)
            if same(ours, theirs):
                agreed += first is None
                if first:
                    differences.add(data, ours, theirs, first)
                continue
            cause, without = find_cause(now, ours, theirs)
            if cause:
                repaired.append((data, first or cause, without))
            else:
                differences.add(data if first is None else (data, first, now), ours, theirs)
        again = ask_ours(dump, [now for _, _, now in repaired])
        waiting = [(data, ours, first, now) for (data, first, now), ours in zip(repaired, again)]
    for data, ours, _, _ in waiting:
        differences.add(data, ours, "replaced too often")
    return differences, agreed


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    inputs = [make_input(task.rng) for _ in range(task.count)]
    answers = ask_ours(task.dump, inputs)
    by_libyaml, faults = judge_by_libyaml(inputs, answers)
    by_pyyaml, agreed = judge_by_pyyaml(task.dump, inputs, answers)
    by_libyaml.tell()
    judging.tell_counts("on purpose", faults)
    print(f"the parsers agree: {agreed}")
    by_pyyaml.tell()
    judging.tell_statuses(task.seed, [answer.status for answer in answers])
    numbers = [len(differences.unexplained) for differences in (by_libyaml, by_pyyaml)]
    print(f"{len(inputs)} inputs, {numbers[0]} differences to libyaml, {numbers[1]} to PyYAML's own parser")
    judging.end(by_libyaml, by_pyyaml)


if __name__ == "__main__":
    main()
