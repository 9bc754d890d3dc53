#!/bin/bash
# drywire import --list: the connections of a capture, what went wrong in them, and in which order.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
PYTHONPATH=$SOURCE/tests/captures python3 - <<'P'
from frames import *
S, A, R, F = 2, 16, 4, 1

def segment(who, sport, seq, ack, flags, data=b"", window=65535):
    src, dst = V4[who], V4[1 - who]
    ports = (sport, 80) if who == 0 else (80, sport)
    return ipv4(src, dst, 6, tcp(src, dst, *ports, seq, ack, flags, data, b"", window))

def opened(port, isn=100):
    return [segment(0, port, isn, 0, S), segment(1, port, 500, isn + 1, S | A), segment(0, port, isn + 1, 501, A)]

trouble = opened(1001)
trouble += [segment(0, 1001, 101, 501, A, b"x" * 100), segment(1, 1001, 501, 101, A), segment(1, 1001, 501, 101, A)]
trouble += [segment(0, 1001, 101, 501, A, b"x" * 100), segment(1, 1001, 501, 201, A, window=0)]
unanswered = [segment(0, 1002, 100, 0, S)] * 2
one_way = [p for n, p in enumerate(packets(sport=1003)) if n not in (1, 4)]
icmp = ipv4(b"\x0a\0\0\1", V4[0], 1, b"\3\1\0\0\0\0\0\0" + segment(0, 1001, 101, 501, A)[:28])
reset = opened(1004) + [segment(0, 1004, 101, 501, R)]
again = opened(1004, 9000)
times = trouble + [icmp] + unanswered + one_way + reset + again + opened(1005, 7)[1:]
open("list.pcap", "wb").write(pcap(times, 101))
slow = opened(1006) + [segment(0, 1006, 101, 501, A, b"x")]
data = pcap(slow, 101)
tail = struct.pack("<IIII", 1010, 0, 40, 40) + segment(1, 1006, 501, 102, A)
open("stall.pcap", "wb").write(data + tail)
many = []
for n in range(50):
    many += opened(2000 + n)
many += [segment(0, 2030, 101, 501, A, b"y" * 9)] * 3
open("many.pcap", "wb").write(pcap(many, 101, step=1000))
P
run 'the list' 0 "$DRYWIRE" import --list list.pcap
row() { sed -n "$(($1 + 1))p" "$work/out" | grep -qF -- "$2" || fail "$name: connection $1 does not have: $2: $(sed -n "$(($1 + 1))p" "$work/out")"; }
row 1 '1 retransmitted, 2 dup ACKs, 1 zero window, 1 ICMP error'
row 2 'no answer'
row 3 'one direction only'
row 4 '1 reset'
row 5 '192.0.2.1:1004'
row 6 'its beginning is missing'
[ "$(wc -l <"$work/out")" = 7 ] || fail 'not six connections'
run 'its reset' 0 "$DRYWIRE" import --ladder=ascii --conn 4 list.pcap
prints 'RST'
run 'the same ports again' 0 "$DRYWIRE" import --ladder=ascii --conn 5 list.pcap
grep -q RST out && fail 'a connection has the reset of the one before'
run 'a silence' 0 "$DRYWIRE" import --list stall.pcap
prints '10.0 s stall'
run 'JSON' 0 "$DRYWIRE" import --list --json list.pcap
jq -e '.[0].client.retransmits == 1 and .[0].server.dup_acks == 2 and .[0].icmp_errors == 1 and .[1].answered == false' out >/dev/null ||
    fail "JSON: $(head -3 out)"
run 'many' 0 "$DRYWIRE" import --list many.pcap
[ "$(wc -l <out)" = 22 ] || fail "$(wc -l <out) lines of 50 connections"
sed -n 2p out | grep -q '^ *31  .*2 retransmitted' || fail 'the one in trouble is not the first'
prints '30 more; those in trouble come first; --all for every one'
run 'by number' 0 "$DRYWIRE" import --list --all --sort conn many.pcap
[ "$(wc -l <out)" = 51 ] || fail 'not all'
sed -n 2p out | grep -q '^ *1 ' || fail 'not by number'
run 'by packets' 0 "$DRYWIRE" import --list --sort packets many.pcap
sed -n 2p out | grep -q '^ *31 ' || fail 'not by packets'
run 'an order that is none' 2 "$DRYWIRE" import --list --sort packet many.pcap
says 'did you mean "packets"?'
for option in '--sort time' --all --json; do
    run "$option without --list" 2 "$DRYWIRE" import $option many.pcap
    says 'is for --list'
done
finish
