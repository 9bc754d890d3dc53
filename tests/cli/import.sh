#!/bin/bash
# drywire import: captures of drywire's own, of Linux, and of what is no capture.
. "$(dirname "$0")/../support/lib.sh"
loopback=$SOURCE/tests/captures/loopback.pcap # an HTTP request over Linux's lo, its checksums not filled in
cd "$work" || exit 1

# states FILE.jsonl: those of each end, without the last CLOSED, which the timer of TIME-WAIT brings.
states() {
    for node in 0 1; do
        grep '"ev":"state","node":'$node'[,}]' "$1" | grep -oE '"to":"[^"]*"' | grep -v CLOSED | tr '\n' ' '
        echo
    done
}

# There and back: run, capture, import, replay; the same states all along.
for example in 01-handshake 03-full-close 04-three-segment-close 05-half-close 06-lost-final-ack 09-simultaneous-close \
    12-bulk-transfer figures/rfc6298-5 figures/rfc9293-12 figures/rfc9293-13 figures/kurose-3-rtt figures/rfc6582 \
    figures/stevens-22-persist figures/tanenbaum-6-14b figures/rfc7323-scale; do
    name=$(basename "$example")
    run "$name" 0 "$DRYWIRE" run -q --jsonl a.jsonl --pcap-all --pcap a.pcapng "$SOURCE/examples/$example.lua"
    run "import $name" 0 "$DRYWIRE" import --jsonl b.jsonl --lua b.lua a.pcapng
    run "replay $name" 0 "$DRYWIRE" run -q --jsonl c.jsonl b.lua
    [ "$(states b.jsonl)" = "$(states a.jsonl)" ] || fail "$name: imported states differ: $(states a.jsonl) / $(states b.jsonl)"
    [ "$(states c.jsonl)" = "$(states b.jsonl)" ] || fail "$name: replayed states differ: $(states b.jsonl) / $(states c.jsonl)"
done

# Times and losses are those of the run.
run 'a run' 0 "$DRYWIRE" run -q --pcap-all --pcap a.pcapng --jsonl a.jsonl "$SOURCE/examples/06-lost-final-ack.lua"
run 'its ladder' 0 "$DRYWIRE" ladder --style ascii a.jsonl
sed '/239.98s/,$d' out >want
run 'its import' 0 "$DRYWIRE" import --ladder=ascii a.pcapng
prints 'inferred:  ..> certain  ..) likely'
# plain: a ladder without the marks of what is inferred; why a host did something, a capture does not tell.
plain() { sed -E "/discarded: |restarted/d; s/ +\((#[0-9]+ again): [a-z-]+\)/ (\1)/; s/\.{6}[>)]/------>/; s/[<(]\.{6}'/<------'/; s/ ([A-Z0-9-]+)\? /  \1 /; s/\?$//; s/-*X lost */X lost/; /inferred:/d" "$1"; }
diff <(plain want) <(plain out) || fail 'the ladder of an import'

# Why octets went again, as far as a capture shows it; and on the capturing host frames of one time are in the
# order of the file: an ACK that stands behind the fast retransmit did not cause it.
cat >why.lua <<'END'
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { sack = false } }
link:drop { from = client, has_data = true, nth = { 8, 10, 22 } }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(30000)) conn:close()
end)
sim:run()
END
run 'losses' 0 "$DRYWIRE" run --ladder --pcap-at client --pcap why.pcap why.lua
grep -oE '#[0-9]+ again: [a-z-]+' out >want
run 'their import' 0 "$DRYWIRE" import --ladder why.pcap
grep -oE '#[0-9]+ again: [a-z-]+' out | sed 's/likely-//; s/: timeout/: retransmission-timeout/; s/: recovery/: partial-ack/' >have
diff want have || fail 'the reasons of an import'
cat >order.lua <<'END'
local dw = require "drywire"
local sim, client, server = dw.pair { seed = 3, delay = "20ms", loss = "10%" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(20000)) conn:close()
end)
sim:run()
END
run 'an ACK behind the retransmission' 0 "$DRYWIRE" run -q --pcap-at client --pcap order.pcap order.lua
run 'in the order of the file' 0 "$DRYWIRE" import -q --packet 24 order.pcap
prints 'It was sent when #23 arrived: three duplicate ACKs'

# A real stack.
run 'Linux' 0 "$DRYWIRE" import --ladder=ascii "$loopback"
says 'both ends have one address'
says '10 checksums are wrong'
prints 'PSH,ACK seq=1 ack=19 len=20019'
prints 'TIME-WAIT'
run 'its script' 0 "$DRYWIRE" import -q --lua l.lua "$loopback"
[ -s err ] && fail '-q notes something'
run 'replayed' 0 "$DRYWIRE" run --ladder=ascii l.lua
prints 'len=20019'
run 'on the output' 0 "$DRYWIRE" import -q --lua - "$loopback"
cmp -s out l.lua || fail '--lua - prints something else'
run 'everything' 0 "$DRYWIRE" import -q --svg l.svg --html l.html --jsonl l.jsonl "$loopback"
for file in l.svg l.html l.jsonl; do [ -s $file ] || fail "no $file"; done
run 'its numbers' 0 "$DRYWIRE" stats l.jsonl
prints '20019'
run 'the list' 0 "$DRYWIRE" import --list "$loopback"
prints '127.0.0.1:'
[ "$(wc -l <out)" = 2 ] || fail 'one connection in the list'

# Other forms of the same.
editcap -F pcap a.pcapng a.pcap
editcap -F nsecpcap a.pcapng n.pcap
run 'pcap' 0 "$DRYWIRE" import -q --jsonl p.jsonl a.pcap
run 'pcap with nanoseconds' 0 "$DRYWIRE" import -q --jsonl n.jsonl n.pcap
[ "$(states p.jsonl)" = "$(states n.jsonl)" ] || fail 'pcap and nanosecond pcap differ'
# Turned round: every field of the header and of the packets' headers big-endian.
/usr/bin/python3 - <<'P'
import struct
data = open("a.pcap", "rb").read()
out = struct.pack(">IHHIIII", *struct.unpack("<IHHIIII", data[:24]))
at = 24
while at < len(data):
    head = struct.unpack("<IIII", data[at:at + 16])
    out += struct.pack(">IIII", *head) + data[at + 16:at + 16 + head[2]]
    at += 16 + head[2]
open("big.pcap", "wb").write(out)
P
run 'big-endian' 0 "$DRYWIRE" import -q --jsonl g.jsonl big.pcap
cmp -s p.jsonl g.jsonl || fail 'byte order makes a difference'

# What is missing is said.
run 'bulk' 0 "$DRYWIRE" run -q --pcap-all --pcap bulk.pcapng "$SOURCE/examples/12-bulk-transfer.lua"
editcap -s 60 bulk.pcapng cut.pcapng
run 'cut packets' 0 "$DRYWIRE" import --jsonl x.jsonl cut.pcapng
says 'packets are cut short'
editcap bulk.pcapng gap.pcapng 100-110
run 'missing packets' 0 "$DRYWIRE" import --jsonl x.jsonl gap.pcapng
says 'a stretch of data is not in the capture, 16060 octets'
editcap bulk.pcapng tail.pcapng 1-50
run 'no beginning' 0 "$DRYWIRE" import --jsonl x.jsonl tail.pcapng
says 'begins in the middle'
cat >several.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
for i = 1, 3 do
  client:spawn(function() local conn = assert(client:connect("server", 80)) conn:send(("x"):rep(i)) conn:close() end)
end
sim:run()
L
run 'several' 0 "$DRYWIRE" run -q --pcap-all --pcap many.pcapng several.lua
run 'the first' 0 "$DRYWIRE" import --ladder=ascii many.pcapng
says 'the first of 3 connections'
run 'the third' 0 "$DRYWIRE" import --ladder=ascii --conn 3 many.pcapng
prints 'len=3'
run 'the fourth' 2 "$DRYWIRE" import --conn 4 many.pcapng
says 'the capture has 3 connections'
run 'all' 0 "$DRYWIRE" import --list many.pcapng
prints 'client:'
[ "$(wc -l <out)" = 4 ] || fail 'three connections in the list'

# What goes wrong: a sentence, an exit code, and what there is.
head -c $(($(stat -c %s a.pcapng) - 30)) a.pcapng >short.pcapng
run 'cut off' 2 "$DRYWIRE" import --ladder=ascii short.pcapng
says 'ends in the middle of a block'
prints 'LAST-ACK'
head -c $(($(stat -c %s a.pcap) - 3)) a.pcap >short.pcap
run 'cut off' 2 "$DRYWIRE" import --ladder=ascii short.pcap
says 'ends in the middle of a packet'
: >empty.pcap
run 'empty' 2 "$DRYWIRE" import empty.pcap
says 'empty.pcap is empty'
run 'a text' 2 "$DRYWIRE" import "$SOURCE/README.md"
says 'is a text file, neither a pcap nor a pcapng file'
{ head -c 12 a.pcapng; printf '\2\0'; tail -c +15 a.pcapng; } >version.pcapng
run 'version 2' 2 "$DRYWIRE" import version.pcapng
says 'has a section of pcapng version 2, which is unknown'
run 'nothing' 2 "$DRYWIRE" import
says 'which capture?'
run 'nowhere' 2 "$DRYWIRE" import no/such.pcap
says 'cannot read no/such.pcap'
run 'a directory' 2 "$DRYWIRE" import .
run 'no TCP' 0 "$DRYWIRE" run -q --pcap udp.pcapng "$SOURCE/tests/captures/udp.lua"
run 'no TCP' 2 "$DRYWIRE" import udp.pcapng
says 'has no TCP connection'
run 'no room' 2 "$DRYWIRE" import --jsonl no/such/x.jsonl a.pcapng
says 'cannot write no/such/x.jsonl'
[ -c /dev/full ] && run 'a full disk' 2 "$DRYWIRE" import --lua /dev/full a.pcapng

# Damage anywhere: never a crash.
/usr/bin/python3 - "$DRYWIRE" <<'P' || fail 'a damaged capture'
import random, subprocess, sys
draw = random.Random(1)
for name in ("a.pcapng", "a.pcap"):
    whole = open(name, "rb").read()
    for i in range(60):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 4, 40])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        if draw.random() < 0.3:
            del data[draw.randrange(len(data)):]
        open("damaged", "wb").write(data)
        r = subprocess.run([sys.argv[1], "import", "--lua", "-", "--jsonl", "d.jsonl", "--html", "d.html", "damaged"], capture_output=True)
        if r.returncode not in (0, 2):
            open("kept", "wb").write(data)
            sys.exit(f"{name}, round {i}: exit code {r.returncode}\n{r.stderr.decode()[-2000:]}")
P
finish
