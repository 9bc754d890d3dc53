#!/bin/bash
# tshark 4.0.17 (Debian 12: tshark 4.0.17-0+deb12u3): a probe of a closed window that carries no octet is
# marked as a keep-alive, and its answer not at all.
#
# RFC 9293 3.8.6.1 has a sender probe a closed window, and says nothing of how much the probe carries.  Stacks
# of BSD's line send the next octet; Linux sends none, from the octet before the first one that is not
# acknowledged (tcp_write_wakeup), as its keepalives look, too.  What tells them apart is the window: it
# is closed, and the timer is that of retransmissions, hundreds of milliseconds, not hours.
#
# Seen: the receiver closes its window (tcp.analysis.zero_window says so), the sender probes after 0.21 s and
# 0.66 s with no octet, each is answered with the window still closed, then it opens.  Both probes bear
# tcp.analysis.keep_alive and none bears tcp.analysis.zero_window_probe; a probe of one octet in the same
# place bears tcp.analysis.zero_window_probe.  So a stalled reader looks like an idle connection.
set -eu
version=4.0.17-0+deb12u3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in tshark wireshark-common libwireshark16 libwiretap13 libwsutil14 libwireshark-data; do
    apt-get download -q "$package=$version" >log 2>&1 || {
        echo "cannot install $package $version" >&2
        exit 2
    }
done
for package in ./*.deb; do
    dpkg -x "$package" root
done
libraries=$(dirname "$(find root -name 'libwireshark.so.16')")

cat >make.py <<'P'
"""A transfer whose receiver closes its window; probes of OCTETS octets.  usage: make.py FILE OCTETS"""
import struct, sys

path, octets = sys.argv[1], int(sys.argv[2])
address = [bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])]
port = [40000, 5001]
packets = []


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def add(at, end, flags, seq, ack, size=0, window=65535):
    tcp = struct.pack(">HHIIBBHHH", port[end], port[1 - end], seq, ack, 0x50, flags, window, 0, 0) + b"x" * size
    pseudo = address[end] + address[1 - end] + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), len(packets) + 1, 0x4000, 64, 6, 0, address[end], address[1 - end])
    packets.append((at, ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp))


SYN, PSH, ACK = 2, 8, 16
add(0, 0, SYN, 1000, 0)
add(0.04, 1, SYN | ACK, 5000, 1001)
add(0.04, 0, ACK, 1001, 5001)
add(0.1, 0, PSH | ACK, 1001, 5001, 1000)
add(0.14, 1, ACK, 5001, 2001, window=0)
for at in 0.35, 0.8:
    add(at, 0, ACK, 2001 if octets else 2000, 5001, octets)
    add(at + 0.04, 1, ACK, 5001, 2001, window=0)
add(1.5, 1, ACK, 5001, 2001, window=8000)
add(1.5, 0, PSH | ACK, 2001, 5001, 1000)
add(1.54, 1, ACK, 5001, 3001)
with open(path, "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
    for at, packet in packets:
        microseconds = round((1e9 + at) * 1e6)
        f.write(struct.pack("<IIII", microseconds // 10**6, microseconds % 10**6, len(packet), len(packet)) + packet)
P

# The frames that bear a mark, as "6,8".
marked() {
    LD_LIBRARY_PATH=$libraries root/usr/bin/tshark -r "$1" -Y "tcp.analysis.$2" -T fields -e frame.number 2>/dev/null | paste -sd,
}
python3 make.py none.pcap 0
python3 make.py one.pcap 1
LD_LIBRARY_PATH=$libraries root/usr/bin/tshark --version 2>/dev/null | head -1
for mark in zero_window keep_alive zero_window_probe; do
    echo "$mark: without an octet $(marked none.pcap $mark); with one $(marked one.pcap $mark)"
done
[ "$(marked none.pcap zero_window)" = 5,7,9 ] || { echo "the closed window is not seen as before" >&2; exit 1; }
[ "$(marked none.pcap keep_alive)" = 6,8 ] || { echo "probes without octets are no keep-alives any more" >&2; exit 1; }
[ -z "$(marked none.pcap zero_window_probe)" ] || { echo "probes without octets are known now" >&2; exit 1; }
[ -n "$(marked one.pcap zero_window_probe)" ] || { echo "a probe of one octet is not known any more" >&2; exit 1; }
echo 'as stated'
