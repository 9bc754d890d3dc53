#!/usr/bin/env python3
"""Plays random scripts and judges what both hosts' captures show.

  tests/model/run.py --seeds 20000 -j 2          seeds 0 to 19999
  tests/model/run.py --from 1709 --seeds 1 -v    one seed, with its findings
  tests/model/run.py --script 1709               the script of a seed, to run or to change
  tests/model/run.py --defects                   each defect must be found

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


def play(seeds, known, defect=None):
    """[(seed, findings)] of one batch, which is one process."""
    plans = [draw_plan(seed, sorted(known), defect) for seed in seeds]
    with tempfile.TemporaryDirectory(prefix="drywire-model-") as folder:
        path = os.path.join(folder, "batch.lua")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script(plans, folder))
        done = subprocess.run([DRYWIRE, "run", "-q", "--watchdog", "5min", path],
                              capture_output=True, text=True, errors="replace", check=False)
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        results = {r["seed"]: r for r in (json.loads(line[7:]) for line in lines)}
        found = []
        for plan in plans:
            result = results.get(plan["seed"])
            if result is None:
                found.append((plan["seed"], ["crash: exit code %d: %s" % (
                    done.returncode, done.stderr[:500])]))
                break
            options = [options_of(host, known) for host in plan["hosts"]]
            found.append((plan["seed"], judge(folder, plan, result, options)))
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("-j", type=int, default=1)
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--script", type=int)
    parser.add_argument("--defect")
    args = parser.parse_args()
    known = profiles()
    if args.script is not None:
        print(script([draw_plan(args.script, sorted(known), args.defect)], "."))
        return 0
    seeds = range(args.first, args.first + args.seeds)
    batches = [list(seeds[i : i + BATCH]) for i in range(0, len(seeds), BATCH)]
    count = collections.Counter()
    bad = 0
    with ProcessPoolExecutor(args.j) as pool:
        for found in pool.map(play, batches, [known] * len(batches), [args.defect] * len(batches)):
            for seed, findings in found:
                bad += bool(findings)
                for name in {str(f).split(":")[0] for f in findings}:
                    count[name] += 1
                for finding in findings[: 20 if args.v else 1]:
                    print("seed %d: %s" % (seed, finding))
    print("%d scripts, %d with findings %s" % (len(seeds), bad, dict(count)))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
