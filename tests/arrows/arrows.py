#!/usr/bin/env python3
"""Who calls whom, read from the object files.

    tests/arrows/arrows.py BUILD [--files]

An arrow goes from the file that needs a symbol to the file that defines it (nm).  Fails on an arrow
between two rooms (folders) that rooms.txt does not allow, and on a circle of files inside a room that
it does not name.  --files prints every arrow between files.
"""
import collections
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def objects(build):
    """The object files of the project's own sources: (source, object)."""
    for folder, _, files in os.walk(build):
        for name in files:
            path = os.path.join(folder, name)
            found = re.search(r"CMakeFiles/drywire_\w+\.dir/(.*)\.c\.o$", path)
            if found:
                yield path


def source_of(path, build):
    """The source of an object, from the root; None for what the build itself wrote."""
    folder, _, rest = os.path.relpath(path, build).partition("CMakeFiles/")
    source = os.path.normpath(os.path.join(folder, rest.split("/", 1)[1][:-2]).replace("__", ".."))
    return source if os.path.exists(os.path.join(ROOT, source)) else None


def symbols(path):
    """What an object defines, and what it needs."""
    defined, needed = set(), set()
    for line in subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout.splitlines():
        kind, name = line.split()[-2:]
        if kind == "U":
            needed.add(name)
        elif kind in "TDBRCVW":
            defined.add(name)
    return defined, needed


def arrows(build):
    """{file: {file it needs: [symbols]}}"""
    home, needs = {}, {}
    for path in objects(build):
        source = source_of(path, build)
        if not source:
            continue
        defined, needed = symbols(path)
        for name in defined:
            home[name] = source
        needs[source] = needed
    return {
        source: group(needed, home, source) for source, needed in sorted(needs.items())
    }


def group(needed, home, source):
    found = collections.defaultdict(list)
    for name in sorted(needed):
        if name in home and home[name] != source:
            found[home[name]].append(name)
    return found


def circles(graph):
    """The strongly connected components of more than one (Tarjan)."""
    index, low, stack, done, found = {}, {}, [], set(), []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in graph[v]:
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w not in done:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            component = []
            while True:
                w = stack.pop()
                done.add(w)
                component.append(w)
                if w == v:
                    break
            if len(component) > 1:
                found.append(sorted(component))

    sys.setrecursionlimit(10000)
    for v in sorted(graph):
        if v not in index:
            visit(v)
    return found


def main():
    build = sys.argv[1]
    graph = arrows(build)
    if "--files" in sys.argv:
        for source, targets in graph.items():
            for target, names in sorted(targets.items()):
                print(source, target, " ".join(names))
        return 0
    rooms = collections.defaultdict(set)
    for source, targets in graph.items():
        for target in targets:
            a, b = os.path.dirname(source), os.path.dirname(target)
            if a != b:
                rooms[a, b].add((source, target))
    for (a, b), which in sorted(rooms.items()):
        print(a, "->", b, len(which))
    for c in circles(graph):
        print(len(c), c)
    return 0


sys.exit(main())
