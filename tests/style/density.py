#!/usr/bin/env python3
"""Code that says too little for what it decides.

    tests/style/density.py [FILE ...]

Lists two things, of the files given or of all of core, proto and lua:

- bare: functions of 25 lines or more, or with 12 decisions or more, without any comment: none above
  the definition, none within;
- nested: statements with two conditional expressions (?:) or more.

The last line has both counts.  tests/cli/style.sh lets them fall only.
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LONG, DECIDES = 25, 12
DECISION = re.compile(r"\b(?:if|for|while|case)\b|&&|\|\||\?")
TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def without(pattern, text):
    """The text with what matches blank, each line where it was."""
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def functions(text):
    """Of a file as clang-format leaves it: name, first line, first and last line of the body."""
    lines = text.split("\n")
    for end, line in enumerate(lines):
        if line != "}":
            continue
        begin = end
        while begin > 0 and lines[begin] != "{":
            begin -= 1
        head = begin - 1
        while head > 0 and (lines[head].startswith((" ", "\t"))):
            head -= 1
        found = re.search(r"(\w+)\(", lines[head])
        if lines[begin] == "{" and found:
            yield found.group(1), head, begin, end


def bare(raw, code):
    """Functions without a comment that decide much: (name, line, lines, decisions)."""
    lines, clean = raw.split("\n"), code.split("\n")
    for name, head, begin, end in functions(code):
        decisions = len(DECISION.findall("\n".join(clean[begin:end])))
        length = end - head + 1
        if length < LONG and decisions < DECIDES:
            continue
        own = "\n".join(lines[head:end])
        above = lines[head - 1].rstrip() if head else ""
        if not COMMENT.search(without(TEXT, own)) and not above.endswith("*/") and not above.startswith("//"):
            yield name, head + 1, length, decisions


def nested(code):
    """Statements with two conditional expressions: (line, how many)."""
    line = 1
    for piece in re.split(r"[;{}]", code):
        if piece.count("?") > 1:
            yield line + re.match(r"\s*", piece).group().count("\n"), piece.count("?")
        line += piece.count("\n")


def main():
    files = sys.argv[1:]
    if not files:
        listed = subprocess.run(["git", "ls-files", "core/*.c", "proto/*.c", "lua/*.c"], cwd=ROOT, capture_output=True, text=True)
        files = [os.path.join(ROOT, f) for f in listed.stdout.split()]
    count = {"bare": 0, "nested": 0}
    for path in files:
        with open(path, encoding="utf-8") as f:
            raw = f.read()
        code = without(TEXT, without(COMMENT, raw))
        shown = os.path.relpath(path, ROOT)
        for name, line, length, decisions in bare(raw, code):
            print(f"{shown}:{line}: bare: {name}, {length} lines, {decisions} decisions")
            count["bare"] += 1
        for line, how_many in nested(code):
            print(f"{shown}:{line}: nested: {how_many} conditional expressions")
            count["nested"] += 1
    print(f"{count['bare']} bare, {count['nested']} nested")


main()
