#!/usr/bin/env python3
"""Who needs whom, read from object files and #include lines.

    tests/arrows/arrows.py BUILD [--files] [--table FILE]

An arrow goes from a file to the one that defines a symbol it needs (nm), and to the folder of each
header that it includes.  Rooms are folders.  Fails, with the arrows in question, when

  - an arrow leads from one room to another and the table (tests/arrows/rooms.txt) has no row for it;
  - a row of the table is not used;
  - the files of a room stand in a circle that the table does not name.

BUILD is a build with object files that nm can read: one without link-time optimisation, as the preset
dev makes it.  --files prints every arrow between files, with its symbols.
"""
import argparse
import collections
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = re.compile(r"CMakeFiles/drywire_\w+\.dir/.*\.c\.o$")
INCLUDED_FROM = ["core", "lua", "proto"]  # the compiler's -I, besides the file's own folder


def sources(build):
    """Each source of the project with its object file; what the build itself wrote is left out."""
    found = {}
    for folder, _, files in os.walk(build):
        for name in files:
            path = os.path.join(folder, name)
            if not PROGRAM.search(path):
                continue
            below, _, rest = os.path.relpath(path, build).partition("CMakeFiles/")
            source = os.path.normpath(os.path.join(below, rest.split("/", 1)[1][: -len(".o")]))
            if os.path.exists(os.path.join(ROOT, source)):
                found[source] = path
    return found


def symbols(paths):
    """What each object file defines for others, and what it needs: {path: (set, set)}."""
    found = {path: (set(), set()) for path in paths}
    out = subprocess.run(["nm", "-gA", *paths], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        path, _, rest = line.partition(":")
        kind, name = rest.split()[-2:]
        if kind in "UTDBRCVW":
            found[path][kind == "U"].add(name)
    return found


def called(objects):
    """{file: {file that it needs: [symbols]}}"""
    home, needs, found = {}, {}, symbols(objects.values())
    for source, path in objects.items():
        defined, needs[source] = found[path]
        home.update((name, source) for name in defined)
    arrows = {}
    for source, needed in sorted(needs.items()):
        arrows[source] = collections.defaultdict(list)
        for name in sorted(needed & home.keys()):
            if home[name] != source:
                arrows[source][home[name]].append(name)
    return arrows


def included(source):
    """The headers of the project that a file includes."""
    with open(os.path.join(ROOT, source), encoding="utf-8") as f:
        names = re.findall(r'^#include [<"]([\w./]+)[">]', f.read(), re.M)
    for name in names:
        for folder in [os.path.dirname(source), *INCLUDED_FROM, "core/include"]:
            path = os.path.normpath(os.path.join(folder, name))
            if os.path.exists(os.path.join(ROOT, path)):
                yield path
                break


def circles(graph):
    """The strongly connected components of more than one node (Tarjan 1972)."""
    index, low, stack, placed, found = {}, {}, [], set(), []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in graph[v]:
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w not in placed:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            component = []
            while not component or component[-1] != v:
                component.append(stack.pop())
            placed.update(component)
            if len(component) > 1:
                found.append(sorted(component))

    sys.setrecursionlimit(10000)
    for v in sorted(graph):
        if v not in index:
            visit(v)
    return found


def table(path):
    """Rows of "ROOM -> ROOM ...", and circles, "circle: FILE ...", as sets of files."""
    rows, allowed = {}, []
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.split("#")[0].strip()
            if line.startswith("circle:"):
                allowed.append(set(line.split()[1:]))
            elif line:
                room, _, targets = line.partition("->")
                rows[room.strip()] = targets.split()
    return rows, allowed


def within(place, names):
    """Which of the names means a place, a file or a folder: itself or a folder above it; or None."""
    while place:
        if place in names:
            return place
        place = os.path.dirname(place)
    return None


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("build")
    p.add_argument("--files", action="store_true")
    p.add_argument("--table", default=os.path.join(HERE, "rooms.txt"))
    arguments = p.parse_args()
    objects = sources(arguments.build)
    arrows = called(objects)
    if not any(arrows.values()):
        print(f"{arguments.build}: no object files with symbols", file=sys.stderr)
        return 2
    if arguments.files:
        for source, targets in arrows.items():
            for target, names in sorted(targets.items()):
                print(source, "->", target, *names)
        return 0
    rows, allowed = table(arguments.table)
    used, problems = set(), []

    def arrow(source, target, why):
        room = os.path.dirname(source)
        if room == os.path.dirname(target) or target.startswith("core/include/"):
            return
        row = within(room, rows)
        to = within(target, rows.get(row, []))
        if to:
            used.add((row, to))
        elif row is None or within(target, [row]) is None: # a row's own folders may need each other
            problems.append(f"{room} -> {os.path.dirname(target)}: {source} needs {why} of {target}")

    for source, targets in arrows.items():
        for target, names in targets.items():
            arrow(source, target, " ".join(names[:3]))
        for header in included(source):
            arrow(source, header, "the header")
    for row, targets in rows.items():
        problems += [f"{row} -> {to}: nothing needs it any more" for to in targets if (row, to) not in used]
    rooms = collections.defaultdict(dict)
    for source, targets in arrows.items():
        room = os.path.dirname(source)
        rooms[room][source] = [t for t in targets if os.path.dirname(t) == room]
    for room in sorted(rooms):
        for circle in circles(rooms[room]):
            if not any(set(circle) <= {os.path.join(room, n) for n in names} for names in allowed):
                problems.append(f"{room}: a circle of {len(circle)} files: {' '.join(os.path.basename(f) for f in circle)}")
    print("\n".join(problems) if problems else f"{len(objects)} files in {len(rooms)} rooms: every arrow is allowed, no other circle")
    return 1 if problems else 0


sys.exit(main())
