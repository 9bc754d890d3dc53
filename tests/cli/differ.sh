#!/bin/bash
# drywire explore --against: what two profiles do otherwise under the same plans, each kind once, with its rules and its switch.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
cp "$SOURCE"/tests/explore/*.lua .

# is NUMBER "TITLE" "PLAN" "FIRST" "SECOND" "BY": a difference of the report, each side as it begins.
is() {
    awk -v n="$1" '$1 == n && !/^ / { on = 1 } on && /^$/ { exit } on' out >difference
    local line
    for line in "${@:2}"; do
        grep -qF -- "$line" difference || { fail "$name: difference $1 is not: $line"; sed 's/^/    /' difference >&2; }
    done
}
# shows PROFILE PLAN TEXT...: the trace of that run has lines with these, in their order.
shows() {
    run "$1 $2" 0 "$DRYWIRE" run -q --profile "$1" ${2:+--faults "$2"} --jsonl x.jsonl normal.lua
    run "$1 $2: its trace" 0 "$DRYWIRE" trace x.jsonl
    local at=1 found text
    for text in "${@:3}"; do
        found=$(sed -n "$at,\$p" out | grep -nE -m1 -- "$text" | cut -d: -f1)
        [ -n "$found" ] || { fail "$1 $2: there is no $text behind line $at"; return; }
        at=$((at + found))
    done
}

# Linux.  What is told stands in the traces of both runs.
run 'linux' 1 "$DRYWIRE" explore --drop 2 --against linux normal.lua
prints 'differ  rfc9293 and linux in 18 of 41 plans of at most 2 faults: 14 kinds of difference'
prints '        7 plans not compared: linux sends no such segment to strike'
is 1 'acknowledgments of server, without faults' \
    "rfc9293  ACK seq=1 ack=7 len=0: the peer's FIN is acknowledged [ack-fin, RFC 9293 3.10.7.4 eighth], after FIN,ACK" \
    'linux    nothing more' 'by       delayed_ack_rule = adapts'
is 2 'discarded segments of client, in 6 of 41 plans' '--faults 2d' \
    'rfc9293  discards SYN,ACK seq=0 len=0: all of it has been received before [already-received, RFC 9293 3.10.7.4 first]' \
    'linux    discards SYN,ACK seq=0 len=0: a SYN in a synchronized state [syn-challenged, RFC 5961 4.2]' \
    'by       sequence_check = linux'
is 3 'segments of client, in 7 of 41 plans' '--faults 7d; in linux --faults 6d' 'rfc9293  nothing more' \
    'linux    FIN,ACK seq=6 ack=1 len=0: the last segments are not acknowledged: draw an ACK [tail-loss-probe, RFC 8985 7.3], after timer loss-probe' \
    'by       sack = true, with tail_loss_probe = true, with delayed_ack_rule = adapts'
is 7 'segments of client' '--faults 1d,3d' 'rfc9293  nothing; next is ACK with data' \
    'linux    SYN seq=0 len=0: it was not acknowledged in time [retransmission-timeout, RFC 6298 5.4]' 'by       syn_linear_timeouts = 4'
shows rfc9293 '' 'server +sent .* ACK .*\(ack-fin\)' 'server +sent .* FIN,ACK .*\(fin\)'
shows linux '' 'server +sent .* FIN,ACK .*\(fin\)'
grep -q 'server.*sent.*ack-fin' out && fail 'linux: the FIN is acknowledged apart'
shows rfc9293 2d 'client +dropped .* SYN,ACK .*\(already-received\)'
shows linux 2d 'client +dropped .* SYN,ACK .*\(syn-challenged\)'
shows rfc9293 7d 'server +dropped +#7 .* FIN,ACK .*\(planned-loss\)' 'server +sent .*\(retransmission-timeout\)'
shows linux 6d 'server +dropped +#6 .* FIN,ACK .*\(planned-loss\)' 'client +sent .* FIN,ACK .*\(tail-loss-probe\)'

# The same with any number of processes.
run 'linux, -j1' 1 "$DRYWIRE" explore --drop 1 --duplicate 1 --faults 1 --against linux normal.lua
cp out linux
for j in 2 3; do
    run "linux, -j$j" 1 "$DRYWIRE" explore -j$j --drop 1 --duplicate 1 --faults 1 --against linux normal.lua
    same "linux, -j$j" out linux
done

# RFC 793: it acknowledges at once, resets where RFC 5961 challenges, and talks past itself for ever (RFC 1337).
run 'rfc793' 1 "$DRYWIRE" explore --drop 1 --delay 1 --faults 1 --against rfc793 normal.lua
is 1 '--faults 1h2-' 'rfc9293  nothing; next is ACK seq=1 ack=7' 'rfc793   ACK seq=1 ack=6 len=0: data is acknowledged [ack-data, RFC 9293 3.8.6.3]' \
    'by       delayed_ack = 0s'
is 4 'acknowledgments of client, in 1 of 63 plans' '--faults 1h5' \
    'rfc9293  ACK seq=7 ack=2 len=0: an ACK that makes the sender prove itself [challenge-ack, RFC 5961 3], after SYN,ACK' \
    'rfc793   nothing more' 'by       syn_check = rfc793'
shows rfc9293 1h5 'client +sent .* ACK .*\(challenge-ack\)' 'client +dropped .* SYN,ACK .*\(syn-challenged\)'
shows rfc793 1h5 'server +sent .* SYN,ACK'
grep -q 'challenge' out && fail 'rfc793 challenges'
run 'alike under losses' 0 "$DRYWIRE" explore --drop 1 --against rfc793 normal.lua
prints 'alike   rfc9293 and rfc793 do the same under 9 plans of at most 1 fault'
run 'an ACK war' 1 "$fast" explore -j2 --delay 1 --against rfc793 zero-window.lua
grep -A5 'outcome of script' out >war
for text in '--faults 1h' 'rfc9293  passes' 'rfc793   zero-window.lua:8: ack-storm: ' 'by       challenge_limit = 0'; do
    grep -qF -- "$text" war || fail "the war is not: $text"
done

# The first profile is --profile's; a profile and itself do the same.
run 'linux first' 1 "$DRYWIRE" explore --drop 1 --profile linux --against rfc9293 normal.lua
is 1 'linux    nothing more' 'rfc9293  ACK seq=1 ack=7' 'by       delayed_ack_rule = counts'
run 'part of them' 1 "$DRYWIRE" explore --drop 2 --max-runs 10 --against linux normal.lua
prints 'in 4 of 9 plans of at most 2 faults, of which some were not tried'

refuses() { # SAYS OPTIONS...
    run "$*" 2 "$DRYWIRE" explore "${@:2}" normal.lua
    says "$1"
}
refuses 'there is no profile "linx"; did you mean "linux"?' --against linx
refuses 'both profiles are rfc9293; --profile names the other' --against rfc9293
refuses '--flat and --against: leave one of them out' --against linux --flat 3
refuses '--resume and --against: leave one of them out' --against linux --resume x.rec
refuses 'only packets may have faults' --against linux --app 1
refuses 'only packets may have faults' --against linux --crash 1
script 'local sim, client, server = dw.pair {} server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() client:connect(server, 80):close() end) sim:run() error "always"'
run 'fails without faults' 2 "$DRYWIRE" explore --against linux t.lua
says 'it fails without any fault'

# In a script: what programs are told, and states.
script 'local function life()
  local sim, client, server = dw.pair { delay = "10ms" }
  server:serve(80, function(conn)
    while conn:recv(nil, { timeout = "5min" }) do end
    conn:close()
  end)
  client:spawn(function()
    local conn = client:connect(server, 80)
    if not conn then return end
    conn:send "hello"
    conn:close()
  end)
  sim:run()
end
local r = dw.explore({ drop = 1, against = "linux", leaks = false }, life)
assert(r.first == "rfc9293" and r.second == "linux" and r.complete and r.faults == 1)
assert(r.compared + r.apart == 9 and r.differ <= r.compared, r.compared)
local d = r.differences[1]
assert(d.aspect == "acknowledgments" and d.host == "server" and d.plan == "" and d.enough[1] == "delayed_ack_rule = adapts")
assert(d.first:find "ack%-fin, RFC 9293 3.10.7.4 eighth" and d.second:find "^nothing")
assert(#dw.explore({ drop = 1, against = "embedded" }, life).differences > 0)
local ok, why = pcall(dw.explore, { against = "linx" }, life)
assert(not ok and why:find "no profile", why)'
run 'dw.explore' 0 "$DRYWIRE" run -q t.lua
run 'with a plan of its own' 1 "$DRYWIRE" run -q --faults 1d t.lua # one run is no comparison
script 'local sim, client, server = dw.pair { delay = "10ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function()
  local conn = client:connect(server, 80, { timeout = "20s" })
  if conn then conn:close() end
end)
sim:run()'
run 'answers of calls' 1 "$DRYWIRE" explore --drop 3 --against rfc793 t.lua
prints 'calls of client'
finish
