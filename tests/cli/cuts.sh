#!/bin/bash
# Parts of a trace and pairs of its hosts: what is left out leaves nothing behind, and states are what they were.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
ladder() { run "$1" 0 "$DRYWIRE" ladder --width 80 "${@:2}"; }
lacks() { grep -qE "$1" "${2:-$work/out}" && fail "${2:-the ladder} has $1"; }

# A host in the middle that has a connection to either side.
script 'local dw = require "drywire"
local sim = dw.sim {}
local a, m, r, b = sim:host "a", sim:host "m", sim:host "r", sim:host "b"
sim:link(a, m, { delay = "10ms" }) sim:link(m, r, { delay = "5ms" }) sim:link(r, b, { delay = "5ms" })
for _, h in ipairs { m, b } do h:serve(80, function(k) k:recv_all() k:close() end) end
a:spawn(function() local k = assert(a:connect(m, 80)) a:sleep "200ms" k:close() end)
m:spawn(function() m:sleep "50ms" local k = assert(m:connect(b, 80)) k:close() end)
sim:run()'
run 'a trace' 0 "$DRYWIRE" run -q --trace m.jsonl "$work/t.lua"
ladder 'of two hosts' --left a --right m m.jsonl
lacks 'active-open|FIN-WAIT-1$|TIME-WAIT$'
ladder 'the other two' --left m --right b m.jsonl
prints '                   CLOSED │                                       │ LISTEN'
run 'a picture' 0 "$DRYWIRE" ladder --svg m.svg m.jsonl
[ "$(grep -oE '<rect class="bar [^>]*><title>(ESTABLISHED|SYN-SENT)' m.svg | grep -oE ' x="[0-9.]+"' | sort -u | wc -l)" = 4 ] ||
    fail 'connections of the host in the middle share a bar'
run 'a picture of two hosts' 0 "$DRYWIRE" ladder --svg two.svg --left b --right m m.jsonl
grep -o '<text class="name"[^>]*>[^<]*' two.svg | sed 's/.*>//' | diff - <(printf '%s\n' b r m) || fail 'the hosts are not those asked for'
grep -q 'b and m' two.svg || fail 'the title is not of the hosts asked for'
ladder 'packets of other hosts' --from 4 --to 5 m.jsonl
grep -qE '^ +m +b$' "$work/out" || fail 'the hosts are not those of the part'
run 'its picture' 0 "$DRYWIRE" ladder --svg part.svg --from 4 --to 5 m.jsonl
grep -q 'm and b' part.svg || fail 'the title is not of the part'
refused() { run "$1" 2 "$DRYWIRE" ladder "${@:3}" m.jsonl && says "$2"; }
refused 'no such host' '--left: there is no host "zebra"; the first is "a"' --left zebra
refused 'a host twice' '--right: "a" is the host at the left, and does not talk to itself' --left a --right a
refused 'a router' '--left: "r" is no end of any connection' --left r
ladder 'one host alone' --left b m.jsonl
grep -qE '^ +b +m$' "$work/out" || fail 'the other host is not its peer'
refused 'nothing of those' '--from: no packet is there' --left a --right m --from 4 --to 5
refused 'strangers' '--right: "a" and "b" exchange no packets' --left a --right b

# States at a cut, and an end where it was asked for.
run 'a lost ACK' 0 "$DRYWIRE" run -q --trace l.jsonl "$SOURCE/examples/06-lost-final-ack.lua"
ladder 'from a time before an arrival' --from 0.03s l.jsonl
prints '                 SYN-SENT │                                       │ SYN-RECEIVED'
prints '   0.040000   ESTABLISHED │ (syn-acked)'
ladder 'in the close' --from 2.07s l.jsonl
prints '               FIN-WAIT-2 │                                       │ LAST-ACK'
for style in unicode mermaid rfc; do
    run "up to a packet in $style" 0 "$DRYWIRE" ladder --to 8 --style "$style" l.jsonl
    lacks '4min|time-wait-over|\(2 MSL\)|#9 '
done
run 'its picture' 0 "$DRYWIRE" ladder --svg to.svg --to 8 l.jsonl
[ "$(grep -c '>CLOSED<' to.svg)" = 1 ] || fail 'what #9 does is there without it'
run 'a crossing' 0 "$DRYWIRE" run -q --trace x.jsonl "$SOURCE/examples/08-simultaneous-open.lua"
ladder 'up to one of two that cross' --to 7 x.jsonl
grep -q 'CLOSING$' "$work/out" || fail 'the right end is not CLOSING'
[ "$(grep -c 'CLOSED$' "$work/out")" = 1 ] || fail 'a packet that is left out closes a connection'
# Data behind a FIN, in a half close, is data, and part of the close.
run 'a half close' 0 "$DRYWIRE" run -q --jsonl h.jsonl "$SOURCE/examples/05-half-close.lua"
ladder 'its data' --part data h.jsonl
prints '#7 '
lacks 'FIN,'
ladder 'its close' --part close h.jsonl
prints '#7 '
finish
