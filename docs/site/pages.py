#!/usr/bin/python3
"""The pages of docs/ as mkdocs takes them: pages.py FOLDER URL.

Links to files of the source become links to URL; lists get the blank line in front that Python-Markdown asks for.
Every page of docs/ has to be in mkdocs.yml."""
import glob
import os
import re
import sys

FOLDER, URL = sys.argv[1:]
ITEM = re.compile(r"\s*([-*]|\d+\.) ")
MADE = ("gallery/", "player/")  # by build.sh
SCRIPT = re.compile(r"<!-- script of (\S+) -->\n")
TOP = {"CHANGELOG.md": "", "CONTRIBUTING.md": ""}  # beside docs/, and pages all the same

pages = {os.path.relpath(p, "docs"): p for p in glob.glob("docs/*.md")} | {name: name for name in TOP} | {
    os.path.basename(p): p for p in glob.glob("docs/site/*.md")}


def link(folder):
    """A link's target as seen from a page in `folder` of the source."""
    def replace(match):
        target = match[1]
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path, _, anchor = target.partition("#")
        if path.startswith(MADE):
            return match[0]
        path = os.path.normpath(os.path.join(folder, path))
        anchor = "#" + anchor if anchor else ""
        name = os.path.relpath(path, "docs") if path.startswith("docs/") else path
        if name in pages or (path.startswith("docs/") and path.endswith((".svg", ".png"))):
            return f"]({name}{anchor})"
        if path in ("README.md", "."):
            return f"](index.md{anchor})"
        if not os.path.exists(path):
            sys.exit(f"{folder or '.'}: no {target}")
        return f"]({URL}/{path}{anchor})"
    return lambda line: re.sub(r"\]\(([^)\s]+)\)", replace, line)


def script(match):
    """A script up to its run."""
    text = open(match[1], encoding="utf-8").read()
    end = "sim:run()\n"
    return f"```lua\n{text[:text.index(end)]}{end}```\n"


def page(path):
    folder = "docs" if path.startswith("docs/site/") else os.path.dirname(path)
    change, fence, last, out = link(folder), False, "", []
    for line in SCRIPT.sub(script, open(path, encoding="utf-8").read()).split("\n"):
        if line.lstrip().startswith("```"):
            fence = not fence
        elif not fence:
            line = change(line)
            begins = ITEM.match(line) and last.strip() and not ITEM.match(last) and not last.startswith(" ")
            if begins or (line.startswith("```") and last.strip()):
                out.append("")
        out.append(line)
        last = line
    return "\n".join(out)


nav = open("docs/site/mkdocs.yml").read()
missing = [name for name in pages if f" {name}\n" not in nav]
if missing:
    sys.exit(f"docs/site/mkdocs.yml has no {', '.join(missing)}")
for name, path in pages.items():
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as f:
        f.write(page(path))
