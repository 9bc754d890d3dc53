"""Random scripts on the running kernel and on profile linux: what receiver.py and sender.py share.

What the kernel does is recorded (drywire drill --live --record), with the variables that the script prints
after each segment; the record is then the script for the simulated host.

DRYWIRE names the command, build/release/drywire if it is not set.  Exit code 0, 1 when more scripts differ
than may, 77 where it is not possible (root, Linux, /dev/net/tun).
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
DRYWIRE = os.environ.get("DRYWIRE", os.path.join(HERE, "../../build/release/drywire"))
NUMBERS = re.compile(r"# -?\d+( -?\d+)*$")
# The kernel's timers go by its tick, and calls' results are not what is compared.
OPTIONS = "--non_fatal=syscall --tolerance_usecs=40000"


def tell(*names):
    """An event that prints these variables."""
    return "%{ print(" + ", ".join(names) + ") }%"


def drill(*arguments):
    done = subprocess.run([DRYWIRE, "drill", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def merged_lines(record, report):
    """The record's lines without times, each print replaced by what it printed."""
    told = (line for line in report.split("\n") if NUMBERS.match(line))
    with open(record, encoding="ascii") as lines:
        for line in lines:
            if "%{" in line:
                yield "  " + next(told, "#")
            else:
                text = re.sub(r"^\d+\.\d+ ", "", line.rstrip())
                yield re.sub(r"TS val \d+", "TS val ...", text)


def compare(script_of, seed, folder):
    """None when both agree, or the lines of both."""
    script, kernel, ours = (f"{folder}/{seed}.{kind}" for kind in ("pkt", "kernel", "ours"))
    with open(script, "w", encoding="ascii") as out:
        out.write(script_of(seed))
    code, told = drill("--live", "--record", kernel, script)
    if code == 2:
        sys.stderr.write(told)
        os._exit(77)
    code, verdict = drill("--profile", "linux", kernel)
    _, mine = drill("--profile", "linux", "--record", ours, kernel)
    a, b = list(merged_lines(kernel, told)), list(merged_lines(ours, mine))
    numbers = [[line for line in lines if line.startswith("  #")] for lines in (a, b)]
    return None if code == 0 and numbers[0] == numbers[1] else (a, b)


def show(pair):
    for kernel, ours in zip(*pair):
        print(kernel if kernel == ours else f"{kernel:<78} <> {ours.strip()}")


def main(script_of, what, most_different):
    """Judges script_of(seed) for many seeds; at most that share of them may differ."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--script", type=int)
    parser.add_argument("-j", dest="jobs", type=int, default=24)
    o = parser.parse_args()
    if o.script is not None:
        sys.stdout.write(script_of(o.script))
        return 0
    seeds = range(o.first, o.first + o.seeds)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(o.jobs) as pool:
        results = list(zip(seeds, pool.map(lambda seed: compare(script_of, seed, folder), seeds)))
    different = [(seed, pair) for seed, pair in results if pair]
    if o.seeds == 1 and different:
        show(different[0][1])
    print(f"{o.seeds} scripts, {len(different)} differ:", *(seed for seed, _ in different))
    return 1 if len(different) > most_different * o.seeds else 0
