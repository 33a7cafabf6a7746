# SPDX-License-Identifier: MIT
"""Makes API.md and cmreload.d.lua (for lua-language-server) of the comments in the sources that begin with /***.

    python3 document.py [FOLDER]        writes them there; default: beside this file

They are LDoc's, as far as they go: text, then @module, @type, @function, @table or @field, and @tparam, @treturn and
@tfield. `@function NAME` is a method of the type above it, `cmreload.NAME` a function of the module, `Type:name` a
method of that type."""
import os
import re
import sys

SOURCES = ["module", "open", "reloader", "status", "update", "observer", "validator", "snapshot", "registration"]
TYPES = ["Reloader", "Snapshot", "Registration", "Update"]


class Entry:
    """One comment."""

    def __init__(self, text, kind, name, members):
        self.text, self.kind, self.name, self.members = text, kind, name, members

    def of(self, tag):
        return [member for member in self.members if member.tag == tag]


class Member:
    """A parameter, a result or a field."""

    def __init__(self, tag, options, rest):
        self.tag = tag
        self.optional = options is not None
        self.default = options[4:] if options and options.startswith("opt=") else None
        self.type, _, rest = rest.partition(" ")
        self.name = ""
        if tag != "treturn":
            self.name, _, rest = rest.partition(" ")
        self.text = rest.strip()


def parse(comment):
    text, kind, name, members, tags = [], None, None, [], []
    for line in comment.strip("\n").split("\n"):
        found = re.match(r"@(\w+)(?:\[([^\]]*)\])? ?(.*)", line)
        if found:
            tags.append([found[1], found[2], found[3]])
        elif tags:
            tags[-1][2] += " " + line
        else:
            text.append(line)
    for tag, options, rest in tags:
        if tag in ("tparam", "treturn", "tfield"):
            members.append(Member(tag, options, rest))
        elif tag in ("module", "type", "function", "table", "field") and kind is None:
            kind, name = tag, rest
        else:
            sys.exit(f"document.py: a comment has @{tag}, or two names: {comment}")
    if kind is None:
        sys.exit(f"document.py: a comment has no name: {comment}")
    return Entry("\n".join(text).strip(), kind, name, members)


def read(folder):
    """All entries, with the full names of methods."""
    entries = []
    for source in SOURCES:
        current = None
        with open(os.path.join(folder, source + ".c"), encoding="utf-8") as file:
            comments = re.findall(r"/\*\*\*\n(.*?)\*/", file.read(), re.S)
        for entry in map(parse, comments):
            if entry.kind == "type":
                current = entry.name
            elif entry.kind == "function" and not re.search("[.:]", entry.name):
                entry.name = f"{current}:{entry.name}"
            entries.append(entry)
    return entries


# ---- API.md


def signature(entry):
    owner, sign, name = re.match(r"(\w+)([.:])(\w+)", entry.name).groups()
    names = [f"[{member.name}]" if member.optional else member.name for member in entry.of("tparam")]
    return f"{owner.lower()}{sign}{name}({', '.join(names)})"


def markdown_member(member):
    default = f", default {member.default}" if member.default else ", optional" if member.optional else ""
    name = f"`{member.name}` " if member.name else ""
    return f"- {name}({member.type}{default}){': ' + member.text if member.text else ''}"


def markdown_entry(entry):
    lines = []
    if entry.kind == "field":
        return [f"### cmreload.{entry.name}", "", entry.text, ""]
    title = signature(entry) if entry.kind == "function" else entry.name.replace(" : ", ", and those of ")
    lines += [f"### {title}", "", entry.text, ""]
    lines += [markdown_member(member) for member in entry.of("tparam") + entry.of("tfield")]
    if entry.of("tparam") or entry.of("tfield"):
        lines.append("")
    returned = entry.of("treturn")
    if returned:
        lines.append("Returns:")
        lines.append("")
        lines += [f"{number}. {markdown_member(member)[2:]}" for number, member in enumerate(returned, 1)]
        lines.append("")
    return lines


def markdown(entries):
    lines = ["# cmreload for Lua", "", "<!-- Made by document.py of the comments in the sources: change those. -->", ""]
    for entry in entries:
        if entry.kind == "module":
            lines += [entry.text, "", "## The module", ""]
    for entry in entries:
        if entry.kind == "field" or entry.kind == "function" and entry.name.startswith("cmreload."):
            lines += markdown_entry(entry)
    for name in TYPES:
        for entry in entries:
            if entry.kind == "type" and entry.name == name:
                lines += [f"## {name}", "", entry.text, ""]
                lines += [markdown_member(member) for member in entry.of("tfield")] + [""] * bool(entry.members)
        for entry in entries:
            if entry.kind == "function" and entry.name.startswith(name + ":"):
                lines += markdown_entry(entry)
    lines += ["## Tables", ""]
    for entry in entries:
        if entry.kind == "table":
            lines += markdown_entry(entry)
    return "\n".join(lines).rstrip() + "\n"


# ---- cmreload.d.lua


def annotation_type(text):
    text = re.sub(r"\{(\w+),\.\.\.\}", r"\1[]", text)
    return re.sub(r"\b([A-Z]\w+)\b", r"cmreload.\1", text)


def comment(text):
    return [f"---{line}" for line in text.split("\n")] if text else []


def annotation_fields(entry):
    return [f"---@field {member.name}{'?' * member.optional} {annotation_type(member.type)} {member.text}".rstrip()
            for member in entry.of("tfield")]


def annotation_function(entry):
    lines = comment(entry.text)
    for member in entry.of("tparam"):
        optional = "?" * member.optional
        lines.append(f"---@param {member.name}{optional} {annotation_type(member.type)} {member.text}".rstrip())
    for number, member in enumerate(entry.of("treturn")):
        optional = "?" * (number > 0 or "nil" in member.text)
        lines.append(f"---@return {annotation_type(member.type)}{optional} # {member.text}".rstrip(" #"))
    names = ", ".join(member.name for member in entry.of("tparam"))
    return lines + [f"function {entry.name}({names}) end", ""]


def annotations(entries):
    lines = ["---@meta cmreload", "-- SPDX-License-Identifier: MIT",
             "-- Made by document.py of the comments in the sources: change those.", ""]
    for entry in entries:
        if entry.kind == "table":
            lines += comment(entry.text)
            lines.append("---@class " + annotation_type(entry.name))
            lines += annotation_fields(entry) + [""]
    for entry in entries:
        if entry.kind == "type":
            lines += comment(entry.text)
            lines += [f"---@class cmreload.{entry.name}"] + annotation_fields(entry)
            lines += [f"local {entry.name} = {{}}", ""]
    lines += ["---@class cmreload"]
    for entry in entries:
        if entry.kind == "field":
            lines.append(f"---@field {entry.name} {'string' if entry.name == 'version' else 'lightuserdata'} {entry.text}")
    lines += ["local cmreload = {}", ""]
    for entry in entries:
        if entry.kind == "function":
            lines += annotation_function(entry)
    return "\n".join(lines) + "return cmreload\n"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else here
    entries = read(here)
    for name, text in (("API.md", markdown(entries)), ("cmreload.d.lua", annotations(entries))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
