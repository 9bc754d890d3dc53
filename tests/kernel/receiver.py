#!/usr/bin/env python3
"""Random segments at a receiver: what the running kernel does with them, and what profile linux does.

  tests/kernel/receiver.py --seeds 200 -j 24     seeds 0 to 199
  tests/kernel/receiver.py --from 165 --seeds 1  one seed: both side by side, where they differ
  tests/kernel/receiver.py --script 165          the script of a seed

A script draws the buffer, the size of merged segments (--mss) and timestamps, then in-order, early, old and
overlapping segments and reads in between.  What the kernel answers is recorded (drywire drill --live
--record), with the buffer's bound and its memory in use, the estimated segment size, the window and
rcv_ssthresh after each segment; the record is then the script for the simulated host.

DRYWIRE names the command, build/release/drywire if it is not set.  Exit code 0 when at most 3 % of the
seeds differ, 1 when more do, 77 where it is not possible (root, Linux, /dev/net/tun).
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
DRYWIRE = os.environ.get("DRYWIRE", os.path.join(HERE, "../../build/release/drywire"))
TELL = (
    "%{ print(SK_MEMINFO_RCVBUF, SK_MEMINFO_RMEM_ALLOC, tcpi_rcv_mss, tcpi_rcv_wnd, tcpi_rcv_ssthresh) }%"
)
MOST_DIFFERENT = 0.03
NUMBERS = re.compile(r"# -?\d+( -?\d+)*$")


def opening(draw):
    """The script up to the accepted connection; also whether segments are merged, whether anybody
    accepts, and what each segment carries."""
    merged = draw.choice([0, 0, 1000, 1000, 500])
    # The kernel's timers go by its tick, and calls' results are not what is compared.
    lines = ["--non_fatal=syscall --tolerance_usecs=12000"]
    if merged:
        lines.append(f"--mss={merged}")
    if draw.random() < 0.6:
        initial = draw.choice([8000, 16000, 32000, 65536, 131072, 250000])
        most = initial * draw.choice([1, 2, 8, 64])
        lines.append(f'`sysctl -q net.ipv4.tcp_rmem="4096 {initial} {most}"`')
    stamps = draw.random() < 0.4
    lines.append("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3")
    if draw.random() < 0.4:
        size = draw.choice([3000, 8000, 20000, 50000, 100000])
        lines.append(f"+0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [{size}], 4) = 0")
    options = "sackOK,TS val 1000 ecr 0,nop,wscale 7" if stamps else "sackOK,nop,nop,nop,wscale 7"
    carried = " <nop,nop,TS val 1000 ecr 0>" if stamps else ""
    lines += [
        "+0 bind(3, ..., ...) = 0",
        "+0 listen(3, 1) = 0",
        f"+0 < S 0:0(0) win 65535 <mss 1000,{options}>",
        "* > S. 0:0(0) ack 1 <...>",
        f"+.1 < . 1:1(0) ack 1 win 514{carried}",
    ]
    accepts = draw.random() < 0.8
    if accepts:
        lines += ["+0 accept(3, ..., ...) = 4", "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0"]
    return lines, merged, accepts, carried


def script_of(seed):
    draw = random.Random(seed)
    lines, merged, accepts, carried = opening(draw)
    expected = 1
    for _ in range(draw.randint(3, 14)):
        size = draw.choice([100, 500, 1000, 1000, 1000, 2000, 4000, 9000, 16000])
        if not merged and draw.random() < 0.8:
            size = min(size, 1400)
        kind = draw.random()
        if kind < 0.45:
            seq = expected
            expected += size
        elif kind < 0.75:
            seq = expected + draw.choice([0, 100, 1000, 1000, 2000, 5000])
        elif kind < 0.9:
            seq = max(1, expected - draw.choice([100, 1000, 2000, size]))
        else:
            seq = expected + draw.choice([20000, 60000])
        flags = draw.choice([".", ".", "P."])
        lines.append(f"+.1 < {flags} {seq}:{seq + size}({size}) ack 1 win 514{carried}")
        if accepts:
            lines.append(f"+.05 {TELL}")
        if accepts and draw.random() < 0.2:
            lines.append(f"+.02 read(4, ..., {draw.choice([100, 1000, 5000, 100000])}) = 1")
    return "\n".join(lines) + "\n"


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


def compare(seed, folder):
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
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
        results = list(zip(seeds, pool.map(lambda seed: compare(seed, folder), seeds)))
    different = [(seed, pair) for seed, pair in results if pair]
    if o.seeds == 1 and different:
        show(different[0][1])
    print(f"{o.seeds} scripts, {len(different)} differ:", *(seed for seed, _ in different))
    return 1 if len(different) > MOST_DIFFERENT * o.seeds else 0


if __name__ == "__main__":
    sys.exit(main())
