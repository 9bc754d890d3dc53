"""What other programs say of drywire's captures, against what its trace says: packets, octets, connections, times.

usage: analysers.py DRYWIRE KNOWN SCRIPT...   exit code 1 if a tool says something else, but for what KNOWN lists
"""
import csv, io, json, os, re, subprocess, sys, tempfile
from collections import defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "python"))
import drywire_trace

drywire, known_path, scripts = sys.argv[1], sys.argv[2], sys.argv[3:]
START = 946684800  # 2000-01-01T00:00:00Z
MAC = 14


def output(*command, **more):
    p = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, **more)
    return p.stdout, p.stderr


class Truth:
    """The packets of a capture as the trace has them: what each pair of hosts exchanged, at its place."""

    def __init__(self, path):
        self.frames, self.flows = [], {}
        events = list(drywire_trace.read(path))
        self.ends = {e["link"]: e["ends"] for e in events if e.get("ev") == "link"}
        node_of = {e["addr"]: e["node"] for e in events if e.get("ev") == "node"}
        first, octets, head = {}, defaultdict(int), {}
        for e in events:
            number = e.get("packet")
            if e.get("ev") in ("sent", "duplicated") and number not in first:
                bytes_ = bytes.fromhex(e["head"])
                first[number] = (e["node"], node_of.get(address(bytes_, True)), bytes_, e["len"])
                if e["ev"] == "sent" and first[number][1] is not None:
                    octets[first[number][:2]] += e.get("seg", {}).get("len", 0)
        begun = []
        for node, to, _, _ in first.values():
            if (node, to) not in begun and (to, node) not in begun:
                begun.append((node, to))
        place = {}
        for a, b in begun:
            place[a, b] = place[b, a] = b if octets[a, b] > octets[b, a] else a
        left = set()
        for e in events:
            number = e.get("packet")
            if number not in first or (e["ev"] == "sent" and number in left) or e.get("link", 0) == -1:
                continue
            node, to, bytes_, size = first[number]
            at = place.get((node, to), node)
            if e["ev"] == "sent":
                left.add(number)
            if (e["ev"] == "sent" and e["node"] == node == at) or (e["ev"] == "delivered" and e["node"] == to == at != node):
                self.add(e["t"], bytes_, size)

    def add(self, t, head, size):
        self.frames.append(t)
        key = flow(head)
        if key is None:
            return
        f = self.flows.setdefault(key, {"packets": 0, "octets": 0, "data": 0, "first": t, "last": t})
        f["packets"] += 1
        f["octets"] += len(head) + size
        f["data"] += size > 0
        f["last"] = t

    def of(self, protocol):
        return {k: f for k, f in self.flows.items() if k[0] == protocol}


def address(head, destination):
    import ipaddress

    if head[0] >> 4 == 4:
        return str(ipaddress.ip_address(head[16:20] if destination else head[12:16]))
    return str(ipaddress.ip_address(head[24:40] if destination else head[8:24])) if head[0] >> 4 == 6 else None


def flow(head):
    """Protocol, source, its port, destination, its port; None for what has no ports."""
    version = head[0] >> 4
    if version not in (4, 6):
        return None
    protocol, front = (head[9], (head[0] & 15) * 4) if version == 4 else (head[6], 40)
    if protocol not in (6, 17):
        return None
    ports = int.from_bytes(head[front : front + 2], "big"), int.from_bytes(head[front + 2 : front + 4], "big")
    return ("tcp" if protocol == 6 else "udp", address(head, False), ports[0], address(head, True), ports[1])


def differ(what, theirs, ours):
    return [] if theirs == ours else ["%s: %s, the trace has %s" % (what, theirs, ours)]


def near(what, theirs, ours, within):
    return [] if abs(theirs - ours) <= within else ["%s: %.6f s, the trace has %.6f s" % (what, theirs, ours)]


def tcpdump(path, truth):
    out, _ = output("tcpdump", "-nn", "-tt", "-r", path)
    lines = [line for line in out.splitlines() if re.match(r"\d+\.\d+ ", line)]
    found = differ("packets", len(lines), len(truth.frames))
    if lines and not found:
        found = near("first", float(lines[0].split()[0]), START + truth.frames[0] / 1e9, 2e-6)
    return found


def tcptrace(path, truth):
    """One row a connection; reopened ones have rows of their own."""
    out, _ = output("tcptrace", "-n", "-l", "--csv", path)
    rows = list(csv.reader(io.StringIO(out)))
    head = next((r for r in rows if r and r[0].startswith("conn")), None)
    rows = [dict(zip((n.strip() for n in head), (v.strip() for v in r))) for r in rows if r and r[0].isdigit()] if head else []
    ours, theirs, data = truth.of("tcp"), defaultdict(int), defaultdict(int)
    times = []
    for r in rows:
        a, b = (norm(r["host_a"]), int(r["port_a"])), (norm(r["host_b"]), int(r["port_b"]))
        for key, way in ((("tcp", *a, *b), "a2b"), (("tcp", *b, *a), "b2a")):
            theirs[key] += int(r["total_packets_" + way])
            data[key] += int(r["actual_data_pkts_" + way])
        seconds, microseconds = r["first_packet"].split(".")
        times.append(int(seconds) + int(microseconds) / 1e6)  # 20035 is .020035
    found = differ("packets", {k: n for k, n in theirs.items() if n}, {k: f["packets"] for k, f in ours.items()})
    if not found:
        found = differ("packets with data", {k: n for k, n in data.items() if n}, {k: f["data"] for k, f in ours.items() if f["data"]})
    if not found and ours:
        found = near("first", min(times), START + min(f["first"] for f in ours.values()) / 1e9, 2e-6)
    return found


def norm(text):
    import ipaddress

    return str(ipaddress.ip_address(text.strip("[]").split("%")[0]))


def tcpflow(path, truth):
    """A file for each direction with data; what it has is what arrived."""
    with tempfile.TemporaryDirectory() as directory:
        output("tcpflow", "-a", "-o", directory, "-r", os.path.abspath(path), cwd=directory)
        count = len([n for n in os.listdir(directory) if re.match(r".*\.\d{5}-.*\.\d{5}", n)])
    ours = [f for f in truth.of("tcp").values() if f["data"]]
    return [] if count >= len(ours) else ["%d streams, the trace has %d" % (count, len(ours))]


def ngrep(path, truth):
    out, _ = output("ngrep", "-q", "-x", "-I", path)
    count = len([line for line in out.splitlines() if line.startswith("T ")])
    return differ("segments with data", count, sum(f["data"] for f in truth.of("tcp").values()))


def argus(path, truth):
    """Records of both directions; octets are the frames'."""
    with tempfile.TemporaryDirectory() as directory:
        records = os.path.join(directory, "x.argus")
        output("argus", "-X", "-r", path, "-w", records)
        out, _ = output("ra", "-X", "-r", records, "-n", "-u", "-c", ",", "-s",
                        "stime:20,dur:20,saddr:40,sport,daddr:40,dport,spkts,dpkts,sbytes,dbytes", "-", "tcp")
    packets, octets, first, last = defaultdict(int), defaultdict(int), [], []
    for line in out.splitlines():
        r = [v.strip() for v in line.split(",")]
        if not r[0][:1].isdigit():
            continue
        a, b = (norm(r[2]), int(r[3])), (norm(r[4]), int(r[5]))
        for key, n, size in ((("tcp", *a, *b), r[6], r[8]), (("tcp", *b, *a), r[7], r[9])):
            packets[key] += int(n)
            octets[key] += int(size)
        first.append(float(r[0]))
        last.append(float(r[0]) + float(r[1]))
    ours = truth.of("tcp")
    found = differ("packets", {k: n for k, n in packets.items() if n}, {k: f["packets"] for k, f in ours.items()})
    if not found:
        found = differ("octets", {k: n for k, n in octets.items() if n}, {k: f["octets"] + MAC * f["packets"] for k, f in ours.items()})
    if not found and ours:
        found = near("first", min(first), START + min(f["first"] for f in ours.values()) / 1e9, 2e-6)
        found += near("last", max(last), START + max(f["last"] for f in ours.values()) / 1e9, 3e-6)
    return found


def nfpcapd(path, truth):
    """Flows of one direction; octets are IP's."""
    with tempfile.TemporaryDirectory() as directory:
        output("nfpcapd", "-r", path, "-l", directory)
        out, _ = output("nfdump", "-q", "-R", directory, "-o", "json", "proto tcp")
    packets, octets = defaultdict(int), defaultdict(int)
    for r in json.loads("[%s]" % out.strip().strip(",").strip("[]")) if out.strip() else []:
        v = "4" if "src4_addr" in r else "6"
        key = ("tcp", norm(r["src%s_addr" % v]), r["src_port"], norm(r["dst%s_addr" % v]), r["dst_port"])
        packets[key] += r["in_packets"]
        octets[key] += r["in_bytes"]
    ours = truth.of("tcp")
    return differ("packets", dict(packets), {k: f["packets"] for k, f in ours.items()}) or differ(
        "octets", dict(octets), {k: f["octets"] for k, f in ours.items()})


def softflowd(path, truth):
    out, err = output("softflowd", "-v", "9", "-d", "-r", path, "-n", "127.0.0.1:9")
    text = out + err
    packets = re.search(r"Packets processed: (\d+)", text)
    tcp = re.search(r"tcp \(6\):\s+(\d+)\s+(\d+)", text)
    found = differ("packets", int(packets[1]) if packets else None, len(truth.frames))
    ours = truth.of("tcp").values()
    sums = (int(tcp[1]), int(tcp[2])) if tcp else (0, 0)
    return found or differ("octets and packets", sums, (sum(f["octets"] for f in ours), sum(f["packets"] for f in ours)))


def tshark(path, truth):
    out, _ = output("tshark", "-n", "-r", path, "-q", "-z", "conv,tcp", "-z", "io,stat,0", "-o", "tcp.desegment_tcp_streams:FALSE")
    total = re.search(r"<> .*\|\s+(\d+) \|\s+(\d+) \|", out)
    frames = int(total[1]) if total else 0
    rows = re.findall(r"^\S+\s+<->\s+\S+\s.*?(\d+)\s+[\d.]+\s*[kMG]?\s*\w*\s+([\d.]+)\s+([\d.]+)\s*$", out, re.M)
    ours = truth.of("tcp")
    found = differ("frames", frames, len(truth.frames))
    found += differ("frames of TCP", sum(int(r[0]) for r in rows), sum(f["packets"] for f in ours.values()))
    if not found and ours:
        end = max(float(r[1]) + float(r[2]) for r in rows)
        found = near("last", end, (max(f["last"] for f in ours.values()) - truth.frames[0]) / 1e9, 1e-3)
    return found


TOOLS = [tcpdump, tcptrace, tcpflow, ngrep, argus, nfpcapd, softflowd]


def read_known():
    known = {}
    for line in open(known_path):
        if line.strip() and not line.startswith("#"):
            name, tools, reason = line.strip().split(None, 2)
            known[name] = (set(tools.split(",")), reason)
    return known


def main():
    known, bad, compared = read_known(), 0, 0
    for number, script in enumerate(scripts):
        name = os.path.basename(script)[:-4]
        with tempfile.TemporaryDirectory() as directory:
            path = lambda n: os.path.join(directory, n)
            file = path("a.pcapng" if number % 2 else "a.pcap")  # the tools read both
            output(drywire, "run", "-q", "--jsonl", path("a.jsonl"), "--pcap", file, script)
            if not os.path.exists(file):
                continue
            truth = Truth(path("a.jsonl"))
            if not truth.frames:
                continue
            expected, _ = known.get(name, (set(), ""))
            for tool in TOOLS + ([tshark] if os.environ.get("FULL") or number % 8 == 0 else []):
                found = tool(file, truth)
                compared += 1
                if bool(found) != (tool.__name__ in expected):
                    bad += 1
                    print("FAULT %s, %s: %s" % (name, tool.__name__, "; ".join(found) or "as it should be, but listed"))
    print("%d comparisons, %d faults" % (compared, bad))
    sys.exit(bad > 0 or compared == 0)


main()
