#!/bin/bash
# Values of the wrong kind for every option, dots for colons, misspelt fields: one sentence each that says where and what,
# and never where something lies in memory.
. "$(dirname "$0")/../support/lib.sh"
cp "$SOURCE/tests/cli/wrong_values.lua" "$SOURCE"/lua/api/api*.lua "$work"
run 'all of them' 0 "$DRYWIRE" run -q --watchdog 5min "$work/wrong_values.lua"
grep -qE '^[1-9][0-9]{3,} tried, 0 found$' "$work/out" || {
    fail "values of the wrong kind: $(tail -1 "$work/out")"
    head -20 "$work/out" >&2
}

# Arguments of calls, on simulations that are there and on closed ones.
cp "$SOURCE/tests/cli/wrong_arguments.lua" "$work"
run 'all calls' 0 "$DRYWIRE" run -q --watchdog 5min "$work/wrong_arguments.lua"
grep -qE '^[1-9][0-9]{3,} tried, 0 found$' "$work/out" || {
    fail "arguments of the wrong kind: $(tail -1 "$work/out")"
    head -20 "$work/out" >&2
}

# What is not there.
script 'local sim, client, server = dw.pair()
client:spawn(function() client:connect(server, 80) end)
sim:run()
if dw.param("asserted", false) then assert(client:conn(2)) end
client:conn(2):info()'
run 'a connection that is not there' 2 "$DRYWIRE" run "$work/t.lua"
says 't.lua:6: attempt to index a nil value: host "client" has no connection 2; it has 1'
run 'the same, asserted' 1 "$DRYWIRE" run --set asserted=true "$work/t.lua"
says 't.lua:5: host "client" has no connection 2; it has 1'
script 'dw.expect(dw.pair():host("client"):conn()):states "CLOSED"'
run 'an expectation of nothing' 2 "$DRYWIRE" run "$work/t.lua"
says 't.lua:2: states is about a simulation, a host or a connection; got a nil'
script 'local sim = dw.pair() sim:close() sim:run()'
run 'a closed one' 2 "$DRYWIRE" run "$work/t.lua"
says 't.lua:2: sim:run: its simulation is closed'
script 'local sim = dw.pair() sim:sample("0s", "1s", print)'
run 'a sample that never goes on' 2 "$DRYWIRE" run "$work/t.lua"
says 't.lua:2: sim:sample: every has to be more than 0'

# Fields that are not there.
pair='local sim, client, server, link = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() local conn = client:connect(server, 80) FIELD conn:close() end)
sim:run() local p = sim.trace:packets {}[1]'
# field TEXT CODE: in the program with FIELD=..., else behind it.
field() {
    script "${pair/FIELD/${3:-}}
$2"
    run "$1" 2 "$DRYWIRE" run -q "$work/t.lua"
    says "$1"
}
field 't.lua:6: a packet has no field "flag"; did you mean "flags"?' 'print(p.flag)'
field 't.lua:6: a packet has no field "sequence"' 'print(p.sequence)'
field 't.lua:6: a packet has no field "hass"; did you mean "has"?' 'p:hass "SYN"'
field 't.lua:6: a packet has no field "windwo"; did you mean "window"?' 'print(sim.trace:count { when = function(p) return p.windwo == 0 end })'
field 't.lua:6: link:stats() has no field "droped"; did you mean "dropped"?' 'print(link:stats().to_server.droped)'
field 't.lua:4: info() has no field "snd_nx"; did you mean "snd_nxt"?' '' 'print(conn:info().snd_nx)'
script "${pair/FIELD/}
assert(p.arrived == 0.02 and p.drop_cause == nil and p.shown_by == nil and p[1] == nil and p:has \"SYN\" and p.flags == \"SYN\")
p.mine = 1 assert(p.mine == 1)"
run 'fields that may be absent' 0 "$DRYWIRE" run -q "$work/t.lua"
# Every field that TCP tells is known, also where it is not there.
fields=$(grep -ohE 'each\((\w+->)?ctx, "[a-z_]+"' "$SOURCE"/proto/*/*.c | grep -oE '"[a-z_]+"' | sort -u)
[ "$(wc -w <<<"$fields")" -gt 60 ] || fail 'no fields found'
script 'local _, client, server = dw.pair {}
local info = server:listen(80):info()
for _, name in ipairs { '"$(tr '\n' ',' <<<"$fields")"' } do local _ = info[name] end'
run 'fields of info()' 0 "$DRYWIRE" run -q "$work/t.lua"

# Whose options they are.
script 'local sim, client, server, link = dw.pair {} server:serve(80, print, { backlogs = 1 })'
run 'options of serve' 2 "$DRYWIRE" run "$work/t.lua"
says 't.lua:2: unknown option "backlogs" for host:serve; did you mean "backlog"?'
script 'dw.pair { to_server = { dealy = "1ms" } }'
run 'options of one direction' 2 "$DRYWIRE" run "$work/t.lua"
says 't.lua:2: unknown option "dealy" for link.to_server; did you mean "delay"?'
script 'dw.sim():host("a", { udp = print })'
run 'a function for a table' 2 "$DRYWIRE" run "$work/t.lua"
says 't.lua:2: host.udp: expected a table of options, got function'
finish
