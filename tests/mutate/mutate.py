#!/usr/bin/env python3
"""Do the tests know right from wrong?

    tests/mutate.sh [--count N] [--seed S] [--only FOLDER] [-j N] [--work DIR] [--list] [--again FILE]
                    [--quick]

Makes one mistake at a time in core, proto and lua/drill (a comparison turned, a constant changed, a
statement left out ...), builds, and runs the tests until one fails.  Which mistakes are made depends on
the seed alone.  Each is printed with what became of it:

    killed     a test failed
    moved      no test failed, but a trace differs from tests/golden/digests.txt: something has changed,
               and nobody can say that it was right before
    survived   nothing noticed
    no mistake it does not compile, the object file is the same, or it is in a bound (a < b ? a : b), where
               both are the same

A survivor that tests/mutate/known.tsv names with a reason (file, function, mistake as printed, reason) is
not made again but printed as known.  Exit code 0 when fewer than 15 of 100 mistakes survive and every
survivor is known.

    --count N      so many mistakes (200)
    --seed S       which ones (1)
    --only FOLDER  in files below it only
    -j N           so many at once (2); each has a copy of the sources and a build of its own
    --work DIR     where those are (a temporary folder); they are used again when they are there
    --list         only print the mistakes
    --again FILE   FILE is what an earlier run with the same seed printed: mistakes that were killed in it, or
                   were none, are taken as they are.  So survivors are judged once more, and a run that was
                   interrupted goes on
    --quick        the tests that take seconds only: who writes tests for what survives them need not wait for
                   the others, and --again judges the rest by all of them
"""
import argparse
import collections
import concurrent.futures
import filecmp
import glob
import hashlib
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ["core", "proto", "lua/drill"]
ALLOWED = 15  # survivors of a hundred

# The tests, from what fails soonest to what takes longest: the files whose mistakes they can notice, since they
# run them; what is built for them; and for how many seconds one test may run, since a mistake
# may make it run for ever: several times what the slowest of them takes on a machine that has nothing else to do.
Stage = collections.namedtuple("Stage", "files target tests seconds")
STAGES = [
    Stage("", "drywire_command", "^(drill/scripts|scripts/examples)$", 10),
    Stage("", "all", "^unit/", 10),
    Stage("", "all", "^(judge|fuzz/words)", 10),
    Stage("", "all", "", 900),  # scripts and their digests: see Copy.traces
    Stage("lua/drill/", "all", "^cli/(any_bytes|bad_input|drill|export|import|kernel|promises)$", 90),
    Stage("core/|proto/", "all",
          "^(fuzz/figure|cli/(any_bytes|bad_input|export|foreign_files|import|outputs|plot|plugins|stats|svg|time_wait))$", 60),
    Stage("core/|proto/", "all", "^(scripts/callbacks|cli/(gallery|github|limits|promises|repl))$", 90),
    Stage("core/(base|packet|engine)/|proto/", "all", "^scripts/(comparison|swarm)$", 120),
    Stage("core/(base|packet|trace|view)/", "all", "^cli/(tshark|player_tshark)$", 600),
]
QUICK = 4  # so many of them with --quick
CHEAP = 10  # seconds of a stage that is tried without a mistake first

TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
# Left alone: assertions, tables of texts, and what frees memory or runs out of it, which other tests watch
# (the sanitizers, tests/memory).
SKIPPED = re.compile(r"DW_ASSERT|^\s*#|_Static_assert|^\s*\{\"|^\s*case |no_memory|NOMEM|free\(|unref\(|_drain\(")

# What a mistake is: a name, what is looked for, and what stands there instead.
KINDS = [
    ("less", re.compile(r"(?<=[\w)\]] )<(?= [\w(*&-])"), lambda m: "<="),
    ("less or equal", re.compile(r"(?<= )<=(?= )"), lambda m: "<"),
    ("greater", re.compile(r"(?<=[\w)\]] )>(?= [\w(*&-])"), lambda m: ">="),
    ("greater or equal", re.compile(r"(?<= )>=(?= )"), lambda m: ">"),
    ("equal", re.compile(r"(?<= )==(?= )"), lambda m: "!="),
    ("not equal", re.compile(r"(?<= )!=(?= )"), lambda m: "=="),
    ("and", re.compile(r"(?<= )&&(?= )"), lambda m: "||"),
    ("or", re.compile(r"(?<= )\|\|(?= )"), lambda m: "&&"),
    ("plus", re.compile(r"(?<=[\w)\]] )\+(?= [\w(*])"), lambda m: "-"),
    ("minus", re.compile(r"(?<=[\w)\]] )-(?= [\w(*])"), lambda m: "+"),
    ("constant", re.compile(r"(?<![\w.\"x])(?:[2-9]|[1-9]\d+)(?![\w.x])"), lambda m: str(int(m.group()) * 2)),
    ("constant", re.compile(r"(?<![\w.\"x])(?:[2-9]|[1-9]\d+)(?![\w.x])"), lambda m: str(int(m.group()) - 1)),
    ("true", re.compile(r"\btrue\b"), lambda m: "false"),
    ("false", re.compile(r"\bfalse\b"), lambda m: "true"),
    ("not", re.compile(r"(?<=[( ])!(?=[\w(])"), lambda m: ""),
    ("statement", re.compile(r"(?<=\n)( +)(?:[\w>.\[\]-]+ (?:[-+|&]?=) [^;{}\n]*|\w+\([^;{}\n]*\));(?=\n)"), lambda m: m.group(1) + ";"),
]

Mistake = collections.namedtuple("Mistake", "path begin end kind old new line now function")


def blank(pattern, text):
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def function_of(text, at):
    """The function that holds the place, in a file as clang-format leaves it; or ""."""
    found = ""
    for m in re.finditer(r"^\w[^\n;=]*?\b(\w+)\([^;]*?\n?\{$", text[:at], re.M):
        found = m.group(1)
    return found


def mistakes(path):
    """Every mistake that can be made in a file, by kind."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        raw = f.read()
    code = blank(TEXT, blank(COMMENT, raw))
    starts = [0] + [m.end() for m in re.finditer("\n", raw)]
    found = collections.defaultdict(list)
    for index, (kind, pattern, replace) in enumerate(KINDS):
        for m in pattern.finditer(code):
            line = code.count("\n", 0, m.start())
            whole = raw[starts[line] : raw.find("\n", m.start())]
            if SKIPPED.search(whole):
                continue
            old, new = raw[m.start() : m.end()], replace(m)
            now = whole if "\n" in old else raw[starts[line] : m.start()] + new + raw[m.end() : starts[line] + len(whole)]
            found[index].append(Mistake(path, m.start(), m.end(), kind, old, new, line + 1, now.strip(), ""))
    return found


def drawn(arguments):
    """The mistakes to make: a kind at random, then a place of that kind."""
    listed = subprocess.run(["git", "ls-files", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=True)
    every = collections.defaultdict(list)
    for path in sorted(p for p in listed.stdout.split() if p.endswith(".c") and p.startswith(arguments.only)):
        for kind, places in mistakes(path).items():
            every[kind] += places
    draw = random.Random(arguments.seed)
    chosen, lines = [], set()
    kinds = sorted(k for k in every if every[k])
    for _ in range(100 * arguments.count):
        if len(chosen) == arguments.count:
            break
        m = draw.choice(every[draw.choice(kinds)])
        if (m.path, m.line) not in lines:
            lines.add((m.path, m.line))
            with open(os.path.join(ROOT, m.path), encoding="utf-8") as f:
                chosen.append(m._replace(function=function_of(f.read(), m.begin)))
    return chosen


class Copy:
    """The sources and a build of them, for one mistake at a time."""

    def __init__(self, folder, stages):
        self.stages = stages
        self.source, self.build = os.path.join(folder, "source"), os.path.join(folder, "build")
        tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
        wanted = dict.fromkeys(tracked.stdout.splitlines())
        for place, _, names in os.walk(self.source): # of another state of the sources
            for name in names:
                path = os.path.join(place, name)
                if os.path.relpath(path, self.source) not in wanted:
                    os.remove(path)
        for name in wanted:
            to = os.path.join(self.source, name)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            if not os.path.exists(to) or not filecmp.cmp(os.path.join(ROOT, name), to, shallow=False):
                shutil.copy(os.path.join(ROOT, name), to)  # as of now, or it would not be built again
        linker = "-fuse-ld=lld" if shutil.which("ld.lld") else ""
        self.run("cmake", *(["-G", "Ninja"] if shutil.which("ninja") else []), "-S", self.source, "-B", self.build,
                 "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O1 -g0 -w", "-DDRYWIRE_TESTS=ON", "-DDRYWIRE_CHECKS=ON",
                 f"-DCMAKE_EXE_LINKER_FLAGS={linker}", f"-DCMAKE_SHARED_LINKER_FLAGS={linker}",
                 f"-DCMAKE_MODULE_LINKER_FLAGS={linker}", check=True)
        self.compile("all", check=True)
        for stage in stages:  # the cheap ones: what fails without a mistake says nothing of any
            failed = stage.tests and stage.seconds <= CHEAP and self.tests(stage)
            if failed:
                sys.exit(f"tests/mutate.sh: {failed[0]} fails without a mistake")
        self.objects = {path: self.digest(path) for path in glob.glob(f"{self.build}/**/*.c.o", recursive=True)}

    def run(self, *command, check=False):
        return subprocess.run(command, cwd=self.build if os.path.isdir(self.build) else None, capture_output=True,
                              text=True, check=check)

    def compile(self, target, check=False):
        return self.run("cmake", "--build", self.build, "--parallel", "1", "--target", target, check=check).returncode == 0

    @staticmethod
    def digest(path):
        with open(path, "rb") as f:
            return hashlib.sha256(f.read()).digest()

    def same_object(self, path):
        """Whether the compiler made the same of a file with the mistake in it."""
        return all(self.digest(o) == was for o, was in self.objects.items() if o.endswith(f"/{os.path.basename(path)}.o"))

    def tests(self, stage):
        """The tests of a stage that failed."""
        r = self.run("ctest", "-R", stage.tests, "--timeout", str(stage.seconds), "--stop-on-failure")
        return re.findall(r"^\s*\d+ - (\S+) \(", r.stdout, re.M) if r.returncode else []

    def traces(self, path, seconds):
        """The scripts' results: a word and the script that failed, or None when they pass and all traces are those
        of tests/golden/digests.txt.  Of scripts only those that write packets in packetdrill's notation run lua/drill."""
        with open(os.path.join(ROOT, "tests/golden/digests.txt"), encoding="utf-8") as f:
            golden = dict(reversed(line.split()) for line in reversed(f.readlines()))  # scenarios first
        if path.startswith("lua/drill/"):
            golden = {name: digest for name, digest in golden.items() if "notation" in name}
        command = [os.path.join(self.build, "drywire"), "test", "-v", "-j2", *(os.path.join(self.source, p) for p in golden)]
        here = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace",
                              start_new_session=True) as scripts:
            limit = threading.Timer(seconds, os.killpg, (scripts.pid, signal.SIGKILL))
            limit.start()
            try:
                for line in scripts.stdout:
                    if line.startswith("not ok"):
                        os.killpg(scripts.pid, signal.SIGKILL)
                        return "killed", os.path.basename(line.split(": ")[0].split(" - ")[-1])
                    here += re.findall(r"^# digest (\S+) ", line)
            finally:
                limit.cancel()
        if scripts.returncode:
            return "killed", f"the scripts end with {scripts.returncode}"
        return None if sorted(here) == sorted(golden.values()) else ("moved", "")

    @staticmethod
    def is_bound(whole, mistake):
        """Whether the lesser or the greater of two values is chosen: the same one where they are equal."""
        begin, end = whole.rfind("\n", 0, mistake.begin) + 1, whole.find("\n", mistake.end)
        line = re.sub(r"\((?:u?int\d+_t|int|unsigned|size_t)\)", "", whole[begin:end])
        value = r"[\w>.\[\]-]+(?: [*/+-] [\w>.\[\]-]+)*(?:\(\w*\))?"
        chosen = re.search(rf"(?:return|=|,) ({value}) [<>]=? ({value}) \? ({value}) : ({value})[;,)]", line)
        kept = re.match(rf" *(?:else )?if \(({value}) [<>]=? ({value})\) ({value}) = ({value});$", line)
        m = chosen or kept
        return bool(m) and {m[1], m[2]} == {m[3], m[4]} and mistake.kind.startswith(("less", "greater"))

    def judge(self, mistake):
        """What becomes of a mistake: a word, and the test that noticed."""
        path = os.path.join(self.source, mistake.path)
        with open(path, encoding="utf-8") as f:
            whole = f.read()
        if self.is_bound(whole, mistake):
            return "no mistake", "a bound"
        try:
            with open(path, "w", encoding="utf-8") as f:
                f.write(whole[: mistake.begin] + mistake.new + whole[mistake.end :])
            return self.result(mistake)
        finally:
            with open(path, "w", encoding="utf-8") as f:
                f.write(whole)

    def result(self, mistake):
        if not self.compile(STAGES[0].target):
            return "no mistake", "does not compile"
        if self.same_object(mistake.path):
            return "no mistake", "the compiler makes the same of it"
        for stage in self.stages:
            if not re.match(stage.files, mistake.path):
                continue
            if not self.compile(stage.target):
                return "no mistake", "does not compile"
            if not stage.tests:
                result = self.traces(mistake.path, stage.seconds)
                if result:
                    return result
                continue
            failed = self.tests(stage)
            if failed:
                return "killed", failed[0]
        return "survived", ""


def change(m):
    """What a mistake is called, here and in known.tsv: what was replaced, and the line that came of it."""
    return f"{' '.join(m.old.split())} -> {m.new.strip()}" + (f" in {m.now}" if m.now != ";" else "")


def shown(m):
    return f"{m.path}:{m.line} {m.function}: {m.kind}: {change(m)}"


def key(m):
    return m.path, m.function, change(m)


def known():
    """{(file, function, mistake): reason}"""
    table = {}
    path = os.path.join(ROOT, "tests/mutate/known.tsv")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    place, function, mistake, reason = line.rstrip("\n").split("\t")
                    table[place, function, mistake] = reason
    return table


def earlier(path):
    """{mistake as printed: (word, test that noticed)} of what an earlier run printed and need not be judged again."""
    table = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"(killed|no mistake) +(\S+:\d+ .*?)(?:  \((.*)\))?$", line)
            if m:
                table[m.group(2)] = m.group(1), m.group(3) or ""
    return table


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--count", type=int, default=200)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--only", default="")
    p.add_argument("-j", type=int, default=2)
    p.add_argument("--work")
    p.add_argument("--list", action="store_true")
    p.add_argument("--again")
    p.add_argument("--quick", action="store_true")
    arguments = p.parse_args()
    chosen = drawn(arguments)
    if arguments.list:
        print("\n".join(shown(m) for m in chosen))
        return 0
    work = arguments.work or tempfile.mkdtemp(prefix="mutate-")
    copies = queue.Queue()
    for n in range(arguments.j):
        copies.put(Copy(os.path.join(work, str(n)), STAGES[:QUICK] if arguments.quick else STAGES))
    reasons, counts, unknown = known(), collections.Counter(), 0

    judged = earlier(arguments.again) if arguments.again else {}

    def one(mistake):
        if shown(mistake) in judged:
            return mistake, judged[shown(mistake)]
        if key(mistake) in reasons:
            return mistake, ("survived", "known: " + reasons[key(mistake)])
        copy = copies.get()
        try:
            return mistake, copy.judge(mistake)
        finally:
            copies.put(copy)

    with concurrent.futures.ThreadPoolExecutor(arguments.j) as pool:
        for mistake, (what, why) in pool.map(one, chosen):
            unknown += what == "survived" and key(mistake) not in reasons
            counts[what] += 1
            print(f"{what:10} {shown(mistake)}{'  (' + why + ')' if why else ''}", flush=True)
    made = sum(counts.values()) - counts["no mistake"]
    print(f"{made} mistakes: {counts['killed']} killed, {counts['moved']} moved a trace only, {counts['survived']} survived")
    if not arguments.work:
        shutil.rmtree(work)
    return 0 if made and 100 * counts["survived"] < ALLOWED * made and not unknown else 1


sys.exit(main())
