#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What operators are told, before those who read it: the status as JSON before Python's json, the metrics before a
strict reader of Prometheus' text format and, if python3-prometheus-client is there, before Prometheus' own.

    status_judge.py DUMP [COUNT [SEED]]

First come scenes, each a reloader that was brought into some state: both texts must be well-formed, say what the
scene is, agree with each other, and have the members and metrics of docs/observability.md, no more and no less. Then
random labels near well-formed ones are given: the library must take those that a grammar here takes and no others,
and what it prints with them must be read as just these.
"""

import json
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
import judging

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:
    judging.leave_out("python3-prometheus-client is not installed")
    text_string_to_metric_families = None

COUNT, SEED = 4000, 20261129
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "observability.md"
OURS = {"hash", "mount", "result", "role", "source", "state"}
STATES = ["waiting", "ready", "polling", "dead", "static"]

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
LABELS = re.compile(rf"{LABEL}(?:,{LABEL})*")
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL},)*{LABEL})\}})? (0|[1-9][0-9]*)")
ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}

# ---- readers


def read_json(line):
    def once(pairs):
        assert len(dict(pairs)) == len(pairs), f"a name stands twice: {pairs}"
        return dict(pairs)

    assert not re.search("[\x00-\x1f\x7f]", line), "a control character"
    return json.loads(line, object_pairs_hook=once)


def read_labels(text):
    found = [(name, re.sub(r'\\["\\n]', lambda escape: ESCAPES[escape[0]], value)) for name, value in re.findall(LABEL, text)]
    assert len(dict(found)) == len(found), f"a label stands twice: {text}"
    return found


def read_metrics(text):
    """{name: (type, help, {labels: value})}; labels are a tuple of pairs, in their order."""
    metrics, name = {}, None
    assert text.endswith("\n")
    lines = text[:-1].split("\n")
    while lines:
        line = lines.pop(0)
        if line.startswith("# HELP "):
            name, described = line[7:].split(" ", 1)
            assert re.fullmatch(NAME, name) and name not in metrics and "\\" not in described, line
            kind = re.fullmatch(rf"# TYPE {name} (\w+)", lines.pop(0))[1]
            assert kind == ("counter" if name.endswith("_total") else "gauge"), line
            metrics[name] = (kind, described, {})
            continue
        match = SAMPLE.fullmatch(line)
        assert match and match[1] == name, line
        labels = tuple(read_labels(match[2] or ""))
        assert labels not in metrics[name][2], line
        metrics[name][2][labels] = int(match[7])
    return metrics


def compare_with_theirs(text, metrics):
    """Prometheus' reader must find the same samples in it."""
    if not text_string_to_metric_families:
        return
    theirs = {(one.name, frozenset(one.labels.items())): one.value for family in text_string_to_metric_families(text) for one in family.samples}
    ours = {(name, frozenset(labels)): value for name, (_, _, samples) in metrics.items() for labels, value in samples.items()}
    assert theirs == ours, (theirs, ours)


# ---- the page


def read_page():
    """The page's table, {metric: (labels, type, help)}, and its example of the JSON."""
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(cmreload_config_\w+)(?:\{([\w,]+)\})?` \| (\w+) \| (.+) \|$", text, re.M)
    example = re.search(r"^```json\n(.*?)^```$", text, re.M | re.S)[1]
    return {name: (labels.split(",") if labels else [], kind, described) for name, labels, kind, described in rows}, json.loads(example)


def check_metrics_by_page(metrics, table):
    assert list(metrics) == list(table), (list(metrics), list(table))
    for name, (labels, kind, described) in table.items():
        assert metrics[name][:2] == (kind, described), (name, metrics[name], described)
        assert all([label for label, _ in sample] == labels for sample in metrics[name][2]), (name, metrics[name])


def shape(value):
    """Names and types of all members."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__


def check_json_by_page(status, example):
    wanted, found = shape(example), shape(status)
    faults = wanted["mounts"][0].pop("diagnostics")
    for one, mount in zip(found["mounts"] * len(status["mounts"]), status["mounts"]):
        one = shape(mount)
        told = one.pop("diagnostics")
        assert one == wanted["mounts"][0] and told in ("list", faults), (one, told)
        assert list(mount) == list(example["mounts"][0])
    del wanted["mounts"], found["mounts"]
    assert found == wanted and list(status) == list(example), (found, wanted)


# ---- scenes


def sample(metrics, name, **labels):
    return metrics["cmreload_config_" + name][2][tuple(labels.items())]


def check_agreement(status, metrics):
    assert status["v"] == 1
    for name in ("generation", "held"):
        assert sample(metrics, name) == int(status[name])
    assert [role for role in ("alone", "consumer", "publisher") if sample(metrics, "role", role=role)] == [status["role"]]
    for result in ("applied", "rejected", "failed"):
        assert sample(metrics, "reloads_total", result=result) == status["reloads_" + result]
    assert sample(metrics, "last_reload_success_timestamp_seconds") == status["last_success"]
    hashes = {dict(labels)["mount"]: dict(labels)["hash"] for labels in metrics["cmreload_config_hash"][2]}
    assert hashes == {mount["name"]: mount["hash"] for mount in status["mounts"] if mount["hash"]}
    for mount in status["mounts"]:
        name = mount["name"]
        assert [state for state in STATES if sample(metrics, "mount_state", mount=name, state=state)] == [mount["state"]]
        assert mount["rejected"] == bool(mount["diagnostics"])
        assert bool(sample(metrics, "diagnostics", mount=name)) == mount["rejected"]
        assert sample(metrics, "kept_files", mount=name) == mount["kept_files"]
        same = not mount["rejected"] and status["generation"] and mount["mounted_target"] == mount["applied_target"]
        assert sample(metrics, "last_reload_successful", mount=name) == int(bool(same))
        sources = [source for source in ("mount", "last_good", "defaults") if sample(metrics, "applied_from", mount=name, source=source)]
        assert sources == ([mount["applied_from"]] if status["generation"] else [])


def check_opened(status, metrics):
    assert (status["generation"], status["last_success"], status["last_success_time"]) == (0, 0, "")
    assert status["mounts"][0]["kind"] == "auto" and status["mounts"][0]["hash"] == ""


def check_good(status, metrics):
    assert [mount["name"] for mount in status["mounts"]] == ["config", "rules"]
    assert status["generation"] == 1 and all(mount["hash"].startswith("xxh3-128:") for mount in status["mounts"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", status["last_success_time"])


def check_rejected(status, metrics):
    one, other = status["mounts"]
    assert not one["rejected"] and other["rejected"] and other["mounted_target"] != other["applied_target"] and other["hash"]
    places = [(fault["file"], fault["line"], fault["status"]) for fault in other["diagnostics"]]
    assert places == [("r.json", 2, "syntax"), ("s.json", 1, "syntax"), ("t.properties", 1, "syntax")], places
    assert sample(metrics, "last_reload_successful", mount="config") == 1
    assert sample(metrics, "diagnostics", mount="rules") == 3 and status["reloads_rejected"] == 1


def check_secret(status, metrics):
    mount = status["mounts"][0]
    assert mount["hash"] == "" and mount["rejected"] and "hunter" not in json.dumps([status, repr(metrics)])
    assert not metrics["cmreload_config_hash"][2]


def check_odd(status, metrics):
    assert [mount["name"] for mount in status["mounts"]] == ['a"b\\c\nd\te\x7f', "\ufffd\u00e9{},= #"]


def check_kept(status, metrics):
    assert status["mounts"][0]["kept_files"] == 1 and status["generation"] == 2


def check_directory(status, metrics):
    assert status["mounts"][0]["kind"] == "directory" and sample(metrics, "last_reload_successful", mount="config") == 1


def check_dead(status, metrics):
    assert status["mounts"][1]["state"] == "dead" and status["mounts"][1]["reason"] == "unwritten"


def check_flood(status, metrics):
    faults = status["mounts"][0]["diagnostics"]
    assert len(faults) == 101 and faults[-1]["status"] == "limit" and sample(metrics, "diagnostics", mount="config") == 120


def check_held(status, metrics):
    assert status["held"] is True


SCENES = {"opened": check_opened, "good": check_good, "rejected": check_rejected, "secret": check_secret, "odd": check_odd,
          "kept": check_kept, "directory": check_directory, "dead": check_dead, "flood": check_flood, "held": check_held}


def judge_scenes(dump):
    table, example = read_page()
    for name, check in SCENES.items():
        output = subprocess.run([dump, "--scene", name], stdout=subprocess.PIPE, check=True).stdout.decode()
        line, text = output.split("\n", 1)
        status, metrics = read_json(line), read_metrics(text)
        compare_with_theirs(text, metrics)
        check_metrics_by_page(metrics, table)
        check_json_by_page(status, example)
        check_agreement(status, metrics)
        check(status, metrics)
        print(f"scene {name}: {len(line)} bytes of JSON, {len(text)} of metrics")


# ---- labels

NAMES = ["a", "worker", "_x", "A9", "mount", "state", "hash", "result", "role", "source", "__name__", "__x", "le", "", "9a", "a-b", "é"]
VALUES = ["", "1", "a b", "é", "\\\\", '\\"', "\\n", "\\\\n", "{}", "a,b=c", "\\", "\\t", '"', "\n", "\t"]
EDITS = [(0.3, judging.drop), (0.5, judging.double), (0.6, judging.cut),
         (1.0, judging.replace_by([b'"', b"\\", b",", b"=", b"\n", b" ", b"\xff", b"}", b"a"]))]


def make_labels(rng):
    good = rng.random() < 0.5
    names = NAMES[:4] if good else NAMES
    pairs = [(rng.choice(names), rng.choice(VALUES[:10] if good else VALUES)) for _ in range(rng.choice([0, 1, 1, 2, 3]))]
    text = ",".join(f'{name}="{value}"' for name, value in pairs).encode()
    return text if good else judging.edit(rng, text, 4, EDITS)


def is_taken(data):
    """What the library should say of them."""
    if not data:
        return True
    if not judging.is_utf8(data) or not LABELS.fullmatch(data.decode()):
        return False
    names = [name for name, _ in re.findall(LABEL, data.decode())]
    return len(set(names)) == len(names) and not any(name in OURS or name.startswith("__") for name in names)


def read_answer(answers):
    status = answers.number()
    return status, answers.text() if status == 0 else ""


def judge_labels(task):
    inputs = [b""] + [make_labels(task.rng) for _ in range(task.count)]
    answers = judging.ask([task.dump], inputs, read_answer)
    differences = judging.Differences("the grammar", "ours")
    plain = None
    for data, (status, text) in zip(inputs, answers):
        if is_taken(data) != (status == 0):
            differences.add(data, "takes them" if is_taken(data) else "refuses them", status)
        if status != 0:
            continue
        metrics, given = read_metrics(text), tuple(read_labels(data.decode()))
        without = {name: {labels[len(given) :]: value for labels, value in samples.items()} for name, (_, _, samples) in metrics.items()}
        plain = plain or without
        assert all(labels[: len(given)] == given for _, _, samples in metrics.values() for labels in samples), data
        assert without == plain and all(name.startswith("app:1_config_") for name in metrics), data
        if task.rng.random() < 0.1:
            compare_with_theirs(text, metrics)
    judging.tell(task.seed, [status for status, _ in answers], differences)
    return differences


def main():
    task = judging.read_command_line(__doc__, COUNT, SEED)
    judge_scenes(task.dump)
    judging.end(judge_labels(task))


if __name__ == "__main__":
    main()
