#!/bin/bash
# nfdump 1.7.1 (Debian 12: nfdump 1.7.1-2+deb12u1): the end of a flow in fractional seconds (%ter) lacks its tenths.
#
# The manual page has %tsr, "Start Time, but in fractional seconds since the epoch", and %ter, "End Time, in fractional
# seconds".  Whoever takes durations from them, which is what they are for, is up to 0.9 s wrong, or has flows that end
# before they begin.  %te, %td and the JSON output have the true end.
#
# Seen: two datagrams of one flow, at 1000.123 s and 1004.789 s.  %tsr is 1000.123, %te ends in 44.789, %td is 4.666,
# and %ter is 1004.089; a flow from 1000.123 to 1000.789 ends, by %ter, at 1000.089, before it begins.
set -eu
version=1.7.1-2+deb12u1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in nfdump=$version libdbi1 librrd8; do
    apt-get download -q "$package" >log 2>&1 || { echo "cannot install $package" >&2; exit 2; }
done
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libnfdump*.so*' | head -1)")
export LD_LIBRARY_PATH

cat >make.py <<'P'
"""Two datagrams of one flow: make.py FILE FIRST LAST (seconds)"""
import struct, sys

with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    for text in sys.argv[2:]:
        seconds, milliseconds = map(int, text.split("."))
        udp = struct.pack(">HHHH", 5000, 7, 8, 0)
        ip = bytes.fromhex("4500001c000040004011") + struct.pack(">H4s4s", 0xB6CC, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])) + udp
        frame = bytes.fromhex("0200000000020200000000010800") + ip
        f.write(struct.pack("<IIII", seconds, milliseconds * 1000, len(frame), len(frame)) + frame)
P
times() { # FIRST LAST
    rm -rf flows
    mkdir flows
    python3 make.py x.pcap "$@"
    root/usr/bin/nfpcapd -r x.pcap -l flows >log 2>&1 || { cat log >&2; exit 2; }
    root/usr/bin/nfdump -q -R flows -o 'fmt:%tsr %ter %td %te'
}
root/usr/bin/nfdump -V
long=$(times 1000.123 1004.789) short=$(times 1000.123 1000.789)
printf '%s\n%s\n' "$long" "$short"
[[ $long == 1000.123\ 1004.089*4.666*44.789 ]] || { echo 'no longer so' >&2; exit 1; }
[[ $short == 1000.123\ 1000.089* ]] || { echo 'no longer so' >&2; exit 1; }
echo 'as stated'
