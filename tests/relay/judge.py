#!/usr/bin/env python3
"""Is what `drywire import` says of real transfers true?

    tests/relay/judge.py [--seeds A..B] [-j N] [--keep DIR] [--enough PERCENT] [-v]

Each seed is a transfer of the running kernel over a path whose doings are known (relay.py).  It is captured
at the client, in the middle, at the server, and at both ends; each capture is imported, and each verdict
compared with what the path did: a packet that arrived, once at least, or one that was lost.  Printed are,
for each place, how many verdicts were certain, likely and unknown, and how many of them wrong.  Exit code 0
if no certain one is wrong and at least so many of 100, 97 unless --enough says another number, are certain or
likely, and right; 77 where it cannot run.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "python"))
import drywire_trace

PLACES = {"client": ["client"], "middle": ["middle"], "server": ["server"], "both": ["client", "server"]}


def identity(head):
    """IP identification and header checksum, and for those without one the TCP header's own."""
    return head[8:12] + head[20:24] + head[64:72]


def verdicts(path):
    """{packet number: (identity, what became of it, how sure, why)} of an imported trace."""
    packets = {}
    for event in drywire_trace.read(path):
        kind, number = event["ev"], event.get("packet")
        if kind == "sent":
            packets[number] = [event["head"], "unknown", "", ""]
        elif kind in ("delivered", "dropped", "unknown") and number in packets:
            fate = {"delivered": "arrived", "dropped": "lost", "unknown": "unknown"}[kind]
            packets[number][1:] = fate, event.get("certainty", "observed"), event.get("why", "") + " #" + str(event.get("other", ""))
    return packets


def records(folder, place):
    """What the path did with each packet of a capture, by its number there."""
    with open(os.path.join(folder, "truth.json"), encoding="ascii") as f:
        truth = json.load(f)
    by_frame = {}
    for record in truth["packets"]:
        for frame in record["frames"][place]:
            by_frame[frame] = record
    return truth, by_frame


def judge(folder, place, drywire):
    """[(frame, verdict, certainty, why, truth)] of one import."""
    captures = [os.path.join(folder, name + ".pcap") for name in PLACES[place]]
    out = os.path.join(folder, place + ".jsonl")
    r = subprocess.run([drywire, "import", "-q", "--jsonl", out, *captures], capture_output=True, text=True)
    if r.returncode != 0:
        return [(0, "error", "certain", r.stderr.strip(), "")]
    rows, found = [], verdicts(out)
    if place == "both":
        waiting = collections.defaultdict(list)
        for record in records(folder, "client")[0]["packets"]:
            waiting[record["ip"]].append(record)
        by_number = {}
        for number in sorted(found):
            head = found[number][0]
            alike = waiting.get(head[8:12] + head[20:24])
            if alike:
                by_number[number] = alike.pop(0) if len(alike) > 1 else alike[0]
    else:
        by_number = records(folder, place)[1]
    for number, (_, fate, certainty, why) in sorted(found.items()):
        record = by_number.get(number)
        if record:
            rows.append((number, fate, certainty, why, "arrived" if record["arrived"] else "lost"))
    return rows


def one(seed, keep, drywire):
    folder = os.path.join(keep, str(seed))
    if not os.path.exists(os.path.join(folder, "truth.json")):
        r = subprocess.run([sys.executable, os.path.join(HERE, "relay.py"), "--seed", str(seed), folder], capture_output=True)
        if r.returncode == 77:
            sys.exit(77)
    return {place: judge(folder, place, drywire) for place in PLACES}


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--seeds", default="1..20")
    p.add_argument("-j", type=int, default=6)
    p.add_argument("--keep")
    p.add_argument("--enough", type=float, default=97)
    p.add_argument("-v", action="store_true")
    arguments = p.parse_args()
    first, last = (int(n) for n in arguments.seeds.split(".."))
    drywire = os.environ.get("DRYWIRE", "drywire")
    counts = collections.defaultdict(collections.Counter)
    reasons = collections.Counter()
    with tempfile.TemporaryDirectory() as temporary, concurrent.futures.ThreadPoolExecutor(arguments.j) as pool:
        keep = arguments.keep or temporary
        seeds = range(first, last + 1)
        for seed, places in zip(seeds, pool.map(lambda s: one(s, keep, drywire), seeds)):
            for place, rows in places.items():
                for number, fate, certainty, why, truth in rows:
                    if fate == "unknown":
                        counts[place]["unknown"] += 1
                        continue
                    word = "certain" if certainty in ("certain", "observed") else certainty
                    wrong = fate != truth
                    counts[place][word] += 1
                    counts[place][word + " wrong"] += wrong
                    reasons[why.split(" #")[0], fate, "wrong" if wrong else "right"] += 1
                    if wrong and (arguments.v or word == "certain"):
                        print(f"seed {seed} {place} packet {number}: {fate}, {certainty} ({why}); in truth {truth}")
    good = True
    for place in PLACES:
        c = counts[place]
        whole = c["certain"] + c["likely"] + c["unknown"]
        right = c["certain"] + c["likely"] - c["certain wrong"] - c["likely wrong"]
        share = 100 * right / max(1, whole)
        print(f"{place:8} {whole:7} verdicts: {c['certain']} certain ({c['certain wrong']} wrong), {c['likely']} likely "
              f"({c['likely wrong']} wrong), {c['unknown']} unknown; {share:.2f} % known and right")
        good &= whole > 0 and share >= arguments.enough and c["certain wrong"] == 0
    if arguments.v:
        for (why, fate, what), n in sorted(reasons.items()):
            print(f"{n:8} {what} {fate} {why}")
    return 0 if good else 1


sys.exit(main())
