#!/bin/bash
# tshark 4.0.17 (Debian 12: tshark 4.0.17-0+deb12u3): a plain retransmission, with the very octets that were lost, is marked
# as an error of the packet, "New fragment overlaps old data (retransmission?)", group Malformed.
#
# A capture where the data is sent holds both the segment that a network lost and its retransmission; nothing is more
# usual.  When a dissector waits for more of the stream, here HTTP's for the end of a line (any data on port 80 that has
# none in a segment), the segments are put together as they come; the retransmission is added to what is already
# complete, and refused.  That tshark knows what it is makes no difference: the frame bears
# tcp.analysis.fast_retransmission as well.  Who filters for errors (_ws.expert.severity == error) finds damage where
# there is a loss.  On another port, or with a line's end in each segment, there is no such mark; nor is there where the
# capture is made at the receiver, which has only one of the two.
#
# Seen: eight segments of 1000 octets, the third of which is sent again, after three duplicate ACKs, with the same octets.
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
"""A transfer with one loss: make.py FILE PORT END WHERE.  END: the last octet of each segment; WHERE: sender or receiver"""
import struct, sys

path, server, end, where = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode().decode("unicode_escape").encode(), sys.argv[4]
address = [bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])]
port = [40000, server]
packets = []


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def add(at, side, flags, seq, ack, data=b""):
    tcp = struct.pack(">HHIIBBHHH", port[side], port[1 - side], seq, ack, 0x50, flags, 65535, 0, 0) + data
    pseudo = address[side] + address[1 - side] + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), len(packets) + 1, 0x4000, 64, 6, 0, address[side], address[1 - side])
    packets.append((at, ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp))


SYN, ACK = 2, 16
add(0, 0, SYN, 1000, 0)
add(0.04, 1, SYN | ACK, 5000, 1001)
add(0.04, 0, ACK, 1001, 5001)
data = b"x" * 999 + end
for i in range(6):
    if not (i == 2 and where == "receiver"):
        add(0.1 + i / 1000, 0, ACK, 1001 + 1000 * i, 5001, data)
for i in range(2):
    add(0.14 + i / 1000, 1, ACK, 5001, 2001 + 1000 * i)
for i in range(3):
    add(0.143 + i / 1000, 1, ACK, 5001, 3001)
add(0.1451, 0, ACK, 3001, 5001, data)  # the third again
for i in range(6, 8):
    add(0.146 + i / 1000, 0, ACK, 1001 + 1000 * i, 5001, data)
add(0.19, 1, ACK, 5001, 9001)
with open(path, "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
    for at, packet in packets:
        microseconds = round((1e9 + at) * 1e6)
        f.write(struct.pack("<IIII", microseconds // 10**6, microseconds % 10**6, len(packet), len(packet)) + packet)
P

tshark() { LD_LIBRARY_PATH=$libraries root/usr/bin/tshark -r "$@" 2>/dev/null; }
errors() { python3 make.py x.pcap "$@"; tshark x.pcap -Y '_ws.expert.severity == error' -T fields -e frame.number -e _ws.expert.message | tr '\n' ';'; }
LD_LIBRARY_PATH=$libraries root/usr/bin/tshark --version 2>/dev/null | head -1
errors 80 x sender >http
echo "port 80, at the sender: $(cat http)"
grep -q 'New fragment overlaps old data' http || { echo 'no error any more' >&2; exit 1; }
[ "$(tshark x.pcap -Y tcp.analysis.fast_retransmission -T fields -e frame.number)" = "$(cut -f1 http)" ] ||
    { echo 'it is no fast retransmission any more' >&2; exit 1; }
for other in '5001 x sender' '80 \n sender' '80 x receiver'; do
    echo "$other: $(errors $other)"
    [ -z "$(errors $other)" ] || { echo "an error with $other, too" >&2; exit 1; }
done
echo 'as stated'
