"""There and back: a script is run and captured, its comments are taken off, the capture is imported,
and the script that the import writes is run.  States and losses must be the same all along.

usage: round_trip.py DRYWIRE KNOWN SCRIPT...   prints a table; exit code 1 if a case is not as KNOWN has it
"""
import concurrent.futures, os, struct, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "python"))
import drywire_trace

drywire, known_path, scripts = sys.argv[1], sys.argv[2], sys.argv[3:]


def plain(source, target):
    """A pcapng as a pcap with nanoseconds, without comments or names.  false: no packet."""
    data, at, count = open(source, "rb").read(), 0, 0
    with open(target, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        while at + 12 <= len(data):
            kind, size = struct.unpack_from("<II", data, at)
            if kind == 6:  # enhanced packet block
                _, high, low, have, length = struct.unpack_from("<IIIII", data, at + 8)
                t = high << 32 | low
                out.write(struct.pack("<IIII", t // 10**9, t % 10**9, have, length))
                out.write(data[at + 28 : at + 28 + have])
                count += 1
            at += size
    return count > 0


def load(path):
    return list(drywire_trace.read(path))


def ends_of(events):
    """The flow of the first connection, as its first end has it."""
    for e in events:
        if e.get("ev") == "conn":
            return (e["local"], e["local_port"], e["remote"], e["remote_port"])
    return None


def states_of(events, local_port, remote_port, skip):
    """Of the connections from one port to another; skip: without those before ESTABLISHED."""
    conns, states = set(), []
    for e in events:
        if e.get("ev") == "conn" and e["local_port"] == local_port and e["remote_port"] == remote_port:
            conns.add(e["conn"])
        if e.get("ev") != "state" or e["conn"] not in conns:
            continue
        if e["state"]["from"] == "SYN-RECEIVED" and e["state"]["to"] == "LISTEN":
            states.append("CLOSED")
        elif not (e["state"]["to"] == "CLOSED" and states[-1:] == ["TIME-WAIT"]):  # by the clock
            states.append(e["state"]["to"])
    if skip and "ESTABLISHED" in states:
        states = states[states.index("ESTABLISHED") :]
    return states


def losses_of(events, local_port, remote_port, until=None, imported=False):
    """What was dropped on the way, what that is not told for certain, as (port of the sender, seq, len,
    flags without PSH, nth)."""
    seen, names, lost, open_ = {}, {}, set(), set()
    addr = {e["node"]: e["addr"] for e in events if e.get("ev") == "node"}
    for e in events:
        seg = e.get("seg")
        if not seg or seg.get("protocol") != "tcp":
            continue
        if {seg["sport"], seg["dport"]} != {local_port, remote_port}:
            continue
        if e["ev"] == "sent" and e["packet"] not in names:
            flags = ",".join(f for f in seg["flags"].split(",") if f in ("SYN", "FIN", "RST"))
            key = (seg["sport"], seg["seq"], seg["len"], flags)
            seen[key] = seen.get(key, 0) + 1
            names[e["packet"]] = key + (seen[key],)
        if e["packet"] not in names:
            continue
        name = names[e["packet"]]
        bare = name[2] == 0 and name[3] == ""
        if e["ev"] == "unknown" or (e["ev"] == "delivered" and e.get("certainty") == "likely" and bare):
            open_.add(name)
        to = ".".join(str(b) for b in bytes.fromhex(e["head"])[16:20])
        # What its receiver discards has come; in an import nobody discards anything.
        if e["ev"] == "dropped" and (imported or addr.get(e["node"]) != to) and (until is None or e["t"] <= until):
            lost.add(name)
    return lost, open_


def without_same(these, others):
    """Losses of these that others do not have; segments of a long transfer may begin elsewhere."""
    rest = set(others)
    left = []
    for port, seq, length, flags, nth in sorted(these):
        same = [o for o in rest if o[0] == port and o[3] == flags and o[4] == nth
                and (o[1] == seq or (length and o[1] < seq < o[1] + o[2]) or (o[2] and seq < o[1] < seq + length))]
        if same:
            rest.discard(same[0])
        else:
            left.append((port, seq, length, flags, nth))
    return left


def run(directory, *args):
    p = subprocess.run([drywire, *args], cwd=directory, capture_output=True, text=True, errors="replace", timeout=600)
    return p.returncode, p.stdout + p.stderr


def round_trip(script, directory):
    """A list of what differs; None: it has no packets."""
    differs = []
    path = lambda name: os.path.join(directory, name)
    run(directory, "run", "-q", "--jsonl", "a.jsonl", "--pcap-all", "--pcap", "a.pcapng", script)
    if not os.path.exists(path("a.pcapng")) or not plain(path("a.pcapng"), path("a.pcap")):
        return None
    code, text = run(directory, "import", "-q", "--jsonl", "b.jsonl", "--lua", "b.lua", "a.pcap")
    if code:
        return ["import: " + text.strip()[:200]]
    code, text = run(directory, "run", "-q", "--jsonl", "c.jsonl", "b.lua")
    if code:
        return ["replay: exit code %d: %s" % (code, text.strip()[:300])]
    a, b, c = (load(path(name)) for name in ("a.jsonl", "b.jsonl", "c.jsonl"))
    _, client, _, server = ends_of(b)
    mid = not any(e.get("ev") == "state" and e["state"]["to"] == "SYN-SENT" for e in b)
    ends = {e["node"]: e["state"]["to"] for e in b if e.get("ev") == "state"}
    final = all(state in ("CLOSED", "TIME-WAIT") for state in ends.values())
    over = None if mid or final else b[-1]["t"] + 1000000  # what follows is not in the capture
    for name, ports in (("client", (client, server)), ("server", (server, client))):
        sa, sb, sc = (states_of(t, *ports, mid) for t in (a, b, c))
        if sa != sb and sa:  # who has no connection there injects the segments
            differs.append("import: %s: %s, was %s" % (name, " ".join(sb), " ".join(sa)))
        if sb != sc:
            differs.append("replay: %s: %s, was %s" % (name, " ".join(sc), " ".join(sb)))
    (la, _), (lb, open_), (lc, _) = (
        losses_of(t, client, server, u, t is b) for t, u in ((a, None), (b, None), (c, over))
    )
    la, lc = la - open_, lc - open_
    for what, x, y in (("import", lb, la), ("replay", lc, lb)):
        more, less = without_same(x, y), without_same(y, x)
        if more or less:
            differs.append("%s: lost %s more, %s less" % (what, more[:4], less[:4]))
    return differs


def read_known():
    """By script: the kinds of difference that it has, and why."""
    known = {}
    for line in open(known_path):
        if line.strip() and not line.startswith("#"):
            name, kinds, reason = line.strip().split(None, 2)
            known[name] = (set(kinds.split(",")), reason)
    return known


def one(script):
    with tempfile.TemporaryDirectory() as directory:
        return round_trip(os.path.abspath(script), directory)


def main():
    known, bad = read_known(), 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for script, differs in zip(scripts, pool.map(one, scripts)):
            name = os.path.basename(script)[:-4]
            kinds = {d.split(":")[0] for d in differs or []}
            expected, reason = known.get(name, (set(), ""))
            bad += kinds != expected
            what = "no packets" if differs is None else "differs" if differs else "same"
            print("%-5s %-36s %-10s %s" % ("ok" if kinds == expected else "FAULT", name, what, reason))
            if kinds != expected:
                print("".join("        %s\n" % d for d in differs or []), end="")
                for kind in sorted(expected - kinds):
                    print("        %s: as it was, but the list says that it differs" % kind)
    sys.exit(bad > 0)


main()
