#!/usr/bin/env python3
"""What tshark's flags and drywire's verdicts say of real transfers, and what is true.

    tests/relay/tshark.py [--seeds A..B] [--keep DIR] [-j N] [-v]

The transfers and their captures are relay.py's, at the client, in the middle and at the server; in DIR they are kept, and
taken from there if they are there already.  Printed is a table for documents: of each kind of packet how many there truly
are, and how many of those tshark (tcp.analysis.*) and `drywire import` find, how many they miss, and of how many others
they say the same, wrongly.  -v lists where tshark is right and drywire is not.  Exit code 0; 77 where it cannot run.

What is true is known from the path's record and from the capture beside a packet's sender, which has all it sent:

    retransmission  its sender had sent some of its octets before
    needless        ... and all of them arrive in an earlier packet
    overtaken       it is sent once, and later octets passed the capture first
    network copy    the path made it of the packet before
    keepalive       in front of what is expected, one octet or none, while the window is open (RFC 9293 3.8.4)
    window probe    likewise, or one octet, while it is closed (RFC 9293 3.8.6.1)
    gap             octets in front of it are in a packet that the capture never has
    duplicate ACK   it answers octets that are out of order or came before (RFC 5681 3.2)
    lost            it does not arrive

tshark says nothing of losses: they are read from it as people do, as the last packet before a retransmission with the same
octets, unless that is marked spurious.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PLACES = ["client", "middle", "server"]
PEER = {"client": "server", "server": "client"}
FIN, SYN, RST, ACK = 1, 2, 4, 16
FLAGS = ["retransmission", "spurious_retransmission", "out_of_order", "keep_alive", "zero_window_probe", "lost_segment",
         "duplicate_ack"]
# A kind, tshark's name of it, and drywire's reason for sending; None: it has none.
KINDS = {
    "retransmission": ("retransmission", "retransmission"),
    "needless": ("spurious_retransmission", "needless"),
    "overtaken": ("out_of_order", "overtaken"),
    "network copy": (None, "network-copy"),
    "keepalive": ("keep_alive", "keepalive"),
    "window probe": ("zero_window_probe", "window-probe"),
    "gap": ("lost_segment", None),
    "duplicate ACK": ("duplicate_ack", None),
    "lost": ("lost", "lost"),
}

Segment = collections.namedtuple("Segment", "seq end ack flags window")


class Octets:
    """A set of sequence numbers, as stretches in order."""

    def __init__(self):
        self.stretches = []

    def add(self, left, right):
        kept = []
        for a, b in self.stretches:
            if b < left or a > right:
                kept.append((a, b))
            else:
                left, right = min(a, left), max(b, right)
        self.stretches = sorted(kept + [(left, right)])

    def has(self, left, right):
        return any(a <= left and right <= b for a, b in self.stretches)

    def touches(self, left, right):
        return any(a < right and left < b for a, b in self.stretches)


def segments(path):
    """The segments of a capture, in order; numbers from each end's first one."""
    base, found = {}, []

    def relative(end, number):
        return ((number - base.setdefault(end, number) + 0x80000000) & 0xFFFFFFFF) - 0x80000000

    with open(path, "rb") as f:
        f.read(24)
        while header := f.read(16):
            packet = f.read(struct.unpack("<IIII", header)[2])
            at = (packet[0] & 15) * 4
            sport, _, seq, ack, offset, flags, window = struct.unpack(">HHIIBBH", packet[at:at + 16])
            octets = len(packet) - at - (offset >> 4) * 4 + bool(flags & SYN) + bool(flags & FIN)
            server = sport == 8080
            seq = relative(server, seq)
            found.append(Segment(seq, seq + octets, relative(not server, ack) if flags & ACK else None, flags, window))
    return found


def kind_of(s, sent, acked, window):
    """What its sender sends a segment for, by what it had sent and received."""
    plain = not s.flags & (SYN | FIN | RST) and s.end - s.seq <= 1
    if plain and acked is not None and s.seq == acked - 1:
        return "window probe" if window == 0 else "keepalive"
    if plain and s.end > s.seq and window == 0 and s.seq == acked:
        return "window probe"
    return "retransmission" if s.end > s.seq and sent.touches(s.seq, s.end) else None


def look_at_end(side, records, own):
    """Each record of this side gets its segment, its kind, and whether it is needless or a duplicate ACK."""
    sent, arrived, received = Octets(), Octets(), Octets()
    acked, window, expected, repeats = None, None, 0, False
    mine = {r["frames"][side][0]: r for r in records if r["from"] == side}
    for number, s in enumerate(own, 1):
        r = mine.get(number)
        if not r:
            if s.ack is not None and (acked is None or s.ack >= acked):
                acked, window = s.ack, s.window
            repeats |= s.end > s.seq and s.seq != expected
            received.add(s.seq, s.end)
            expected = max([b for a, b in received.stretches if a <= expected], default=expected)
            continue
        r["segment"], r["kind"] = s, kind_of(s, sent, acked, window)
        r["needless"] = r["kind"] == "retransmission" and arrived.has(s.seq, s.end)
        r["answers"] = repeats and s.end == s.seq
        repeats = False
        if s.end > s.seq and not s.flags & RST:
            sent.add(s.seq, s.end)
            if r["arrived"]:
                arrived.add(s.seq, s.end)


def truth_at(place, records):
    """{frame: the kinds that it is of} of one capture, and {frame: its record}."""
    by_frame = {n: r for r in records for n in r["frames"][place]}
    true, top = {}, {"client": 0, "server": 0}
    for n, r in sorted(by_frame.items()):
        s, side, kinds = r["segment"], r["from"], set()
        if r["frames"][place][0] != n:
            kinds.add("network copy")
        elif r["kind"]:
            kinds |= {r["kind"]} | ({"needless"} if r["needless"] else set())
        elif s.end > s.seq and s.seq < top[side]:
            kinds.add("overtaken")
        if s.seq > top[side]:
            between = (o for o in records if o["from"] == side and not o["frames"][place] and o["sent"] < r["sent"])
            if any(o["segment"].end > top[side] and o["segment"].seq < s.seq and o["segment"].end > o["segment"].seq for o in between):
                kinds.add("gap")
        kinds |= ({"duplicate ACK"} if r["answers"] else set()) | (set() if r["arrived"] else {"lost"})
        if not s.flags & RST:
            top[side] = max(top[side], s.end)
        true[n] = kinds
    return true, by_frame


def of_tshark(path, by_frame):
    """{frame: the kinds that tshark says}."""
    fields = [word for flag in ["frame.number"] + ["tcp.analysis." + f for f in FLAGS] for word in ("-e", flag)]
    out = subprocess.run(["tshark", "-r", path, "-T", "fields", *fields], capture_output=True, text=True, check=True).stdout
    said, last = {}, []
    for line in out.splitlines():
        number, *marks = line.split("\t")
        said[int(number)] = {flag for flag, mark in zip(FLAGS, marks) if mark}
    for n in sorted(said):
        r = by_frame.get(n)
        if not r or r["segment"].end == r["segment"].seq:
            continue
        if "retransmission" in said[n] and "spurious_retransmission" not in said[n]:
            alike = [o for o in last if by_frame[o]["from"] == r["from"] and
                     by_frame[o]["segment"].seq <= r["segment"].seq < by_frame[o]["segment"].end]
            if alike:
                said[alike[-1]].add("lost")
        last.append(n)
    return said


def of_drywire(path, out, by_frame, drywire):
    """{frame: the kinds that drywire says}."""
    subprocess.run([drywire, "import", "-q", "--jsonl", out, path], capture_output=True, check=True)
    said, arrived = collections.defaultdict(set), []
    with open(out, encoding="utf-8") as f:
        for line in f:
            event = json.loads(line)
            number = event.get("packet")
            if event.get("ev") == "sent":
                why = event.get("why", "")
                said[number].add("retransmission" if why.startswith("likely-") else why)
            elif event.get("ev") == "dropped":
                said[number].add("lost")
            elif event.get("ev") == "delivered":
                arrived.append(number)
    come = {"client": Octets(), "server": Octets()}
    arrived = set(arrived)
    for n, r in sorted(by_frame.items()):
        s = r["segment"]
        if "retransmission" in said[n] and come[r["from"]].has(s.seq, s.end):
            said[n].add("needless")
        if n in arrived and s.end > s.seq and not s.flags & RST:
            come[r["from"]].add(s.seq, s.end)
    return said


def one(seed, keep, scratch, drywire):
    """[(place, frame, kinds in truth, of tshark, of drywire)] of a seed."""
    folder, rows = os.path.join(keep, str(seed)), []
    if not os.path.exists(os.path.join(folder, "truth.json")):
        if subprocess.run([sys.executable, os.path.join(HERE, "relay.py"), "--seed", str(seed), folder], capture_output=True).returncode == 77:
            return None
    with open(os.path.join(folder, "truth.json"), encoding="ascii") as f:
        records = json.load(f)["packets"]
    for side in PEER:
        look_at_end(side, records, segments(os.path.join(folder, side + ".pcap")))
    for place in PLACES:
        true, by_frame = truth_at(place, records)
        capture = os.path.join(folder, place + ".pcap")
        marks = of_tshark(capture, by_frame)
        verdicts = of_drywire(capture, os.path.join(scratch, f"{seed}-{place}.jsonl"), by_frame, drywire)
        rows += [(place, n, kinds, marks.get(n, set()), verdicts[n]) for n, kinds in true.items()]
    return rows


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--seeds", default="1..20")
    p.add_argument("-j", type=int, default=6)
    p.add_argument("--keep")
    p.add_argument("-v", action="store_true")
    arguments = p.parse_args()
    first, last = (int(n) for n in arguments.seeds.split(".."))
    drywire = os.environ.get("DRYWIRE", "drywire")
    if not shutil.which("tshark"):
        print("tshark.py: there is no tshark", file=sys.stderr)
        return 77
    counts, packets = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ProcessPoolExecutor(arguments.j) as pool:
        seeds = range(first, last + 1)
        work = {seed: pool.submit(one, seed, arguments.keep or scratch, scratch, drywire) for seed in seeds}
        for seed in seeds:
            rows = work[seed].result()
            if rows is None:
                print("tshark.py: relay.py cannot run here", file=sys.stderr)
                return 77
            packets += len(rows)
            for place, number, true, marks, verdicts in rows:
                for kind, (flag, why) in KINDS.items():
                    is_it = kind in true
                    counts[kind, "true"] += is_it
                    for who, says in (("tshark", flag in marks), ("drywire", why in verdicts)):
                        counts[kind, who, is_it, says] += 1
                    if arguments.v and flag and why and (flag in marks) == is_it != (why in verdicts):
                        print(f"seed {seed} {place} packet {number}: {kind} is {is_it}; tshark knows, drywire says {sorted(verdicts)}")
    print(f"{packets} captured packets of {last - first + 1} transfers:\n")
    print("| kind | there are | tshark: finds | misses | wrongly | drywire: finds | misses | wrongly |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for kind, known in KINDS.items():
        cells = [kind, counts[kind, "true"]]
        for who, name in zip(("tshark", "drywire"), known):
            cells += [counts[kind, who, is_it, says] if name else "–" for is_it, says in ((True, True), (True, False), (False, True))]
        print("| " + " | ".join(str(c) for c in cells) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
