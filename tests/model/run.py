#!/usr/bin/env python3
"""Plays random scripts and judges what both hosts' captures show.

  tests/model/run.py --seeds 20000 -j 2          seeds 0 to 19999
  tests/model/run.py --from 1709 --seeds 1 -v    one seed, with its findings
  tests/model/run.py --script 1709               the script of a seed, to run or to change
  tests/model/run.py --defects                   each defect must be found
  tests/model/run.py --witnesses --seeds 3000    which seeds show it, after a change of plans.py

DRYWIRE names the command, build/release/drywire if it is not set.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from judge import judge  # noqa: E402
from plans import draw_plan, to_lua  # noqa: E402
from witnesses import NOT_JUDGED, WITNESSES  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DRYWIRE = os.environ.get("DRYWIRE", os.path.join(HERE, "../../build/release/drywire"))
UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9, "h": 3600 * 10**9,
         "d": 86400 * 10**9, "B": 1, "KiB": 1024, "MiB": 1 << 20, "": 1}
BATCH = 25


def value_of(text):
    """An option as drywire prints it: times in nanoseconds, sizes in octets."""
    if not isinstance(text, str):
        return text
    if text in ("true", "false"):
        return text == "true"
    number = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", text)
    if number and number[2] in UNITS:
        return int(float(number[1]) * UNITS[number[2]])
    return text


def profiles():
    """Every profile that drywire lists, with its options."""
    listed = subprocess.run(
        [DRYWIRE, "profiles", "list", "--json"], capture_output=True, text=True, check=True)
    return {
        name: {key: value_of(value) for key, value in options.items()}
        for name, options in json.loads(listed.stdout).items()
    }


def script(plans, folder):
    with open(os.path.join(HERE, "play.lua"), encoding="utf-8") as file:
        play = file.read()
    drawn = ",\n".join(to_lua(plan) for plan in plans)
    return 'local folder = "%s"\nlocal plans = {\n%s\n}\n%s' % (folder, drawn, play)


def options_of(host, known):
    options = dict(known[host["tcp"]["profile"]])
    options.update({key: value_of(value) for key, value in host["tcp"].items()})
    if "buffer" in host:
        options.update(send_buffer=host["buffer"], receive_buffer=host["buffer"],
                       receive_autotune=False, send_autotune=False)
    return options


def play(tasks, known):
    """[(seed, defect, findings)] of one batch of (seed, defect or None), which is one process."""
    plans = [draw_plan(seed, sorted(known), defect) for seed, defect in tasks]
    for number, plan in enumerate(plans):
        plan["name"] = number  # the same seed may come with several defects
    with tempfile.TemporaryDirectory(prefix="drywire-model-") as folder:
        path = os.path.join(folder, "batch.lua")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script(plans, folder))
        done = subprocess.run([DRYWIRE, "run", "-q", "--watchdog", "5min", path],
                              capture_output=True, text=True, errors="replace", check=False)
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        results = {r["name"]: r for r in (json.loads(line[7:]) for line in lines)}
        return list(verdicts(tasks, plans, results, folder, known, done))


def verdicts(tasks, plans, results, folder, known, done):
    """What is found in each run; a process that ended early is a finding of the run it was in."""
    for (seed, defect), plan in zip(tasks, plans):
        result = results.get(plan["name"])
        if result is None:
            yield seed, defect, ["crash: exit code %d: %s" % (done.returncode, done.stderr[:500])]
            return
        options = [options_of(host, known) for host in plan["hosts"]]
        yield seed, defect, judge(folder, plan, result, options)


def played(tasks, known, processes):
    """The verdicts over all tasks, in order, in so many processes at a time."""
    batches = [tasks[i : i + BATCH] for i in range(0, len(tasks), BATCH)]
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(play, batches, [known] * len(batches)):
            yield from found


def rule_of(finding):
    return str(finding).split(":", maxsplit=1)[0]


def judge_seeds(args, known):
    """Nothing is found in any of the seeds."""
    tasks = [(seed, args.defect) for seed in range(args.first, args.first + args.seeds)]
    count, bad = collections.Counter(), 0
    for seed, _, findings in played(tasks, known, args.j):
        bad += bool(findings)
        count.update({rule_of(f) for f in findings})
        for finding in findings[: None if args.v else 1]:
            print("seed %d: %s" % (seed, finding))
    told = ", ".join("%s in %d" % item for item in sorted(count.items()))
    print("%d scripts, %d with findings%s" % (len(tasks), bad, ": " + told if told else ""))
    return 1 if bad else 0


def judge_defects(args, known):
    """Each defect is found in a run that is faultless without it."""
    listed = subprocess.run([DRYWIRE, "defects"], capture_output=True, text=True, check=True)
    names = re.findall(r"^  (\S+)", listed.stdout, re.MULTILINE)
    for name in sorted(set(names) - set(WITNESSES) - set(NOT_JUDGED)):
        print("defect %s: no witness" % name)
    tasks = [(seed, defect) for defect, seed in WITNESSES.items()]
    bare = [(seed, None) for seed in sorted(set(WITNESSES.values()))]
    missed = len(set(names) - set(WITNESSES) - set(NOT_JUDGED))
    for seed, defect, findings in played(tasks + bare, known, args.j):
        if bool(findings) != bool(defect):
            missed += 1
            print("seed %d with %s: %s" % (seed, defect, findings[0] if findings else "nothing found"))
        elif args.v and defect:
            print("%s: %s" % (defect, findings[0]))
    print("%d defects, %d missed" % (len(WITNESSES), missed))
    return 1 if missed else 0


def find_witnesses(args, known):
    """The first seed that shows each defect: the table of witnesses.py."""
    listed = subprocess.run([DRYWIRE, "defects"], capture_output=True, text=True, check=True)
    for name in re.findall(r"^  (\S+)", listed.stdout, re.MULTILINE):
        for first in range(0, args.seeds, BATCH * args.j):
            tasks = [(seed, name) for seed in range(first, first + BATCH * args.j)]
            shown = [seed for seed, _, findings in played(tasks, known, args.j) if findings]
            if shown:
                print('    "%s": %d,' % (name, shown[0]), flush=True)
                break


def main():
    parser = argparse.ArgumentParser(
        description="Plays random scripts and judges what both hosts' captures show.")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=300, help="how many")
    parser.add_argument("-j", type=int, default=1, help="processes at a time")
    parser.add_argument("-v", action="store_true", help="all findings of a run, not only the first")
    parser.add_argument("--script", type=int, help="print the script of this seed")
    parser.add_argument("--defect", help="a defect (see drywire defects) that both hosts have")
    parser.add_argument("--defects", action="store_true", help="each defect must be found")
    parser.add_argument("--witnesses", action="store_true", help="search seeds that show defects")
    args = parser.parse_args()
    known = profiles()
    if args.script is not None:
        plan = draw_plan(args.script, sorted(known), args.defect)
        plan["name"] = plan["seed"]
        print(script([plan], "."))
        return 0
    if args.witnesses:
        return find_witnesses(args, known)
    return judge_defects(args, known) if args.defects else judge_seeds(args, known)


if __name__ == "__main__":
    sys.exit(main())
