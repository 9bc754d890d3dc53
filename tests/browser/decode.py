#!/usr/bin/python3
"""The player's decoder against tshark: decode.py DIRECTORY, in which each NAME.pcapng has its NAME.html.

Every packet, as it leaves its sender: its time, its headers' fields, its TCP options.
"""
import glob
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(__file__))
import browser

# tshark's name, and how the page's decoder says it; a list where a packet may have several.
FIELDS = {
    "frame.time_epoch": "time",
    "ip.src": "p.version === 4 ? p.ip.src : ''",
    "ip.dst": "p.version === 4 ? p.ip.dst : ''",
    "ipv6.src": "p.version === 6 ? p.ip.src : ''",
    "ipv6.dst": "p.version === 6 ? p.ip.dst : ''",
    "ip.ttl": "p.version === 4 ? p.ip.ttl : ''",
    "ipv6.hlim": "p.version === 6 ? p.ip.ttl : ''",
    "ip.id": "p.version === 4 ? hex(p.ip.id, 4) : ''",
    "ip.dsfield": "p.version === 4 ? hex(p.ip.tos, 2) : ''",
    "ip.len": "p.version === 4 ? p.ip.total : ''",
    "ip.checksum": "p.version === 4 ? hex(p.ip.checksum, 4) : ''",
    "tcp.srcport": "p.tcp ? p.tcp.sport : ''",
    "tcp.dstport": "p.tcp ? p.tcp.dport : ''",
    "tcp.seq_raw": "p.tcp ? p.tcp.seq : ''",
    "tcp.ack_raw": "p.tcp ? p.tcp.ack : ''",
    "tcp.hdr_len": "p.tcp ? p.tcp.offset : ''",
    "tcp.flags": "p.tcp ? hex(p.tcp.bits, 4) : ''",
    "tcp.window_size_value": "p.tcp ? p.tcp.window : ''",
    "tcp.checksum": "p.tcp ? hex(p.tcp.checksum, 4) : ''",
    "tcp.urgent_pointer": "p.tcp ? p.tcp.urgent : ''",
    "tcp.len": "p.tcp ? p.tcp.len : ''",
    "tcp.options.mss_val": "option('mss')",
    "tcp.options.wscale.shift": "option('wscale')",
    "tcp.options.timestamp.tsval": "option('tsval')",
    "tcp.options.timestamp.tsecr": "option('tsecr')",
    "tcp.options.sack_le": "(option('sack') || []).map(x => x[0]).join(',')",
    "tcp.options.sack_re": "(option('sack') || []).map(x => x[1]).join(',')",
    "udp.srcport": "p.udp ? p.udp.sport : ''",
    "udp.dstport": "p.udp ? p.udp.dport : ''",
    "udp.length": "p.udp ? p.udp.total : ''",
    "icmp.type": "p.icmp && p.version === 4 ? p.icmp.type : ''",
    "icmp.code": "p.icmp && p.version === 4 ? p.icmp.code : ''",
    "icmpv6.type": "p.icmp && p.version === 6 ? p.icmp.type : ''",
    "icmpv6.code": "p.icmp && p.version === 6 ? p.icmp.code : ''",
}

DECODE = """
const out = [], seen = new Set(), t = drywire.trace;
for (const h of t.hops) {
  if (seen.has(h.packet)) continue;
  seen.add(h.packet);
  const { bytes, head, len } = t.bytesAt(h.departs), p = decode(bytes.subarray(0, head), len);
  const ns = BigInt(t.events.time[h.departs]), time = `${ns / 1000000000n}.${String(ns %% 1000000000n).padStart(9, '0')}`;
  const option = name => p.tcp ? (p.tcp.options.find(o => name in o) || {})[name] ?? '' : '';
  if (!p.ip) p.ip = {};
  out.push([%s].map(String));
}
return out;
""" % ", ".join(FIELDS.values())


def tshark(path):
    command = ["tshark", "-n", "-o", "tcp.relative_sequence_numbers:FALSE",
               "-o", "tcp.desegment_tcp_streams:FALSE", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "aggregator=,"]
    for name in FIELDS:
        command += ["-e", name]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split("|") for line in text.splitlines()]


def differences(path, theirs, ours):
    """tshark also reads what an ICMP error quotes: its first value is the packet's own."""
    found = []
    if len(theirs) != len(ours):
        return [f"{path}: tshark has {len(theirs)} packets, the page {len(ours)}"]
    for number, (a, b) in enumerate(zip(theirs, ours), 1):
        icmp = dict(zip(FIELDS, b))["icmp.type"] or dict(zip(FIELDS, b))["icmpv6.type"]
        for name, x, y in zip(FIELDS, a, b):
            if icmp and not name.startswith(("ip.", "ipv6.", "icmp", "frame")):
                continue
            if "sack" not in name:
                x = x.split(",")[0]
            if name == "tcp.flags" and x:
                x = f"0x{int(x, 16) & 0x1ff:04x}"
            if x != y:
                found.append(f"{path}: packet {number}: {name}: tshark {x!r}, the page {y!r}")
    return found


def main():
    directory = sys.argv[1]
    captures = sorted(glob.glob(f"{directory}/*.pcapng"))
    driver = browser.start()
    packets, found = 0, []
    with ThreadPoolExecutor(2) as pool:
        for path, theirs in zip(captures, pool.map(tshark, captures)):
            driver.get(f"file://{path[:-len('.pcapng')]}.html")
            ours = driver.execute_script(DECODE)
            found += differences(os.path.basename(path), theirs, ours)
            packets += len(ours)
    driver.quit()
    for line in found[:40]:
        print(line)
    print(f"{len(captures)} captures, {packets} packets, {len(found)} differences")
    sys.exit(1 if found or not packets else 0)


if __name__ == "__main__":
    main()
