#!/bin/bash
# tcptrace 6.6.7 (Debian 12: tcptrace 6.6.7-6+b1): times in comma- and tab-separated output lack the zeroes behind the point.
#
# `tcptrace -l --csv` and `--tsv` write first_packet and last_packet as seconds, a point, and the microseconds as a number
# without leading zeroes: 0.020035 s is ".20035", which every reader of CSV takes for 0.20035 s.  So the first packet may
# come after the last one, durations are up to 0.9 s wrong, and connections sort in a wrong order.  The long output
# without --csv has the zeroes.
#
# Seen: a SYN at 1000.020035 s and its RST at 1000.100000 s: CSV says 1000.20035 and 1000.100000.
set -eu
version=6.6.7-6+b1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in tcptrace=$version libpcap0.8; do
    apt-get download -q "$package" >log 2>&1 || { echo "cannot install $package" >&2; exit 2; }
done
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libpcap.so.0.8')")
export LD_LIBRARY_PATH

cat >make.py <<'P'
import struct


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(source, target, sport, dport, seq, ack, flags):
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0)
    tcp = tcp[:16] + struct.pack(">H", checksum(source + target + struct.pack(">HH", 6, 20) + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 1, 0x4000, 64, 6, 0, source, target)
    return bytes.fromhex("0200000000020200000000010800") + ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp


a, b = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
with open("x.pcap", "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    for microseconds, octets in ((20035, frame(a, b, 40000, 80, 1000, 0, 2)), (100000, frame(b, a, 80, 40000, 0, 1001, 0x14))):
        f.write(struct.pack("<IIII", 1000, microseconds, len(octets), len(octets)) + octets)
P
python3 make.py
root/usr/bin/tcptrace -v 2>&1 | grep -i -m1 version || true
root/usr/bin/tcptrace -n -l --csv x.pcap 2>/dev/null | grep '^1,' | cut -d, -f6,7 | tr -d ' ' >csv
root/usr/bin/tcptrace -n -l x.pcap 2>/dev/null | grep -E 'first packet|last packet' >long
cat csv long
[ "$(cat csv)" = 1000.20035,1000.100000 ] || { echo 'no longer so' >&2; exit 1; }
grep -q 'first packet:.*:40.020035 ' long || { echo 'the long output is another' >&2; exit 1; }
echo 'as stated'
