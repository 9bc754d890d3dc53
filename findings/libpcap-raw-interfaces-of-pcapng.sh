#!/bin/bash
# libpcap 1.10.3 (Debian 12: libpcap0.8 1.10.3-1): a pcapng file whose interfaces all have link type 101 (LINKTYPE_RAW)
# is refused as soon as there are two of them, since they are "different".
#
# libpcap reads pcapng files with several interfaces if all have one link type (pcap-savefile's manual page: "the same
# link-layer header type").  The first interface's number is turned into the value that programs see, DLT_RAW, which on
# Linux is 12, not 101 (LINKTYPE_RAW's page, https://www.tcpdump.org/linktypes.html, has both); the next interface's own
# number is compared with that.  Where number and value are the same, as of Ethernet (1), two interfaces are no matter.
# So whoever writes what a tunnel or a point-to-point link carries, an interface for each of its ends, writes what no
# program on libpcap reads; tcpdump prints not even the packets in front of it.  Wireshark reads it.
#
# Seen: one interface of 101: tcpdump prints both packets.  Two of 101: an error, "an interface has a type 101 different
# from the type of the first interface".  Two of 1 (the same packets with 14 octets in front): both packets.
set -eu
version=1.10.3-1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in libpcap0.8=$version tcpdump; do
    apt-get download -q "$package" >log 2>&1 || { echo "cannot install $package" >&2; exit 2; }
done
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$(dirname "$(find root -name 'libpcap.so.0.8')")

cat >make.py <<'P'
"""Two packets, the second of the last interface: make.py FILE LINKTYPE INTERFACES"""
import struct, sys

path, link, interfaces = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def block(kind, body):
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def packet(interface, octets):
    return block(6, struct.pack("<IIIII", interface, 0, 10**6, len(octets), len(octets)) + octets + bytes(-len(octets) % 4))


udp = struct.pack(">HHHH", 5000, 7, 8, 0)
ip = bytes.fromhex("4500001c000040004011") + struct.pack(">H4s4s", 0xB6CC, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])) + udp
frame = bytes.fromhex("020000000002" "020000000001" "0800") + ip if link == 1 else ip
with open(path, "wb") as f:
    f.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    for _ in range(interfaces):
        f.write(block(1, struct.pack("<HHI", link, 0, 262144)))
    f.write(packet(0, frame) + packet(interfaces - 1, frame))
P
tcpdump() { LD_LIBRARY_PATH=$libraries root/usr/bin/tcpdump -n -r "$1" 2>err | wc -l; }
[ -x root/usr/bin/tcpdump ] || ln -s ../sbin/tcpdump root/usr/bin/tcpdump
for what in '101 1' '101 2' '1 2'; do
    python3 make.py "${what// /-}.pcapng" ${what}
    echo "link type ${what% *}, ${what#* } interfaces: $(tcpdump "${what// /-}.pcapng") packets; $(grep -v '^reading' err | head -1)"
done
[ "$(tcpdump 101-1.pcapng)" = 2 ] || { echo 'one raw interface is not read' >&2; exit 1; }
[ "$(tcpdump 1-2.pcapng)" = 2 ] || { echo 'two interfaces of Ethernet are not read' >&2; exit 1; }
[ "$(tcpdump 101-2.pcapng)" = 0 ] || { echo 'two raw interfaces are read now' >&2; exit 1; }
grep -q 'type 101 different from the type of the first interface' err || { echo 'another reason' >&2; exit 1; }
echo 'as stated'
