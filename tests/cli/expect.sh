#!/bin/bash
# Expectations that are not met say what was expected and what there was; they are failures (exit code 1), and only what is
# misspelt is an error.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1

# fails CODE TEXT SCRIPT: it ends with that code and says that.
fails() {
    script "$3"
    run "$3" "$1" "$DRYWIRE" run -q t.lua
    [ -z "$2" ] || says "t.lua:$(wc -l <t.lua): $2"
}
pair='local sim, client, server, link = dw.pair { delay = "20ms" }
'
exchange="${pair}server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() client:connect(server, 80):close() end)
"

# Causes: each that the core or a protocol can give is known, whether or not it occurs.
causes=$(grep -rhoE 'const dw_cause dw_cause_[a-z_]+ = ?\{?$|const dw_cause dw_cause_[a-z_]+ = \{"[a-z-]+"|^ +"[a-z-]+", "RFC 791' "$SOURCE/core/packet/cause.c" | grep -oE '"[a-z-]+"')
[ "$(wc -w <<<"$causes")" -ge 18 ] || fail "causes: $(wc -w <<<"$causes") found"
grep -rnE 'const dw_cause [a-z_]+ = ' "$SOURCE/core" --include=*.c | grep -v '/packet/cause.c' >&2 && fail 'a cause of the core that is not in cause.c'
names=
for cause in $causes '"paws"' '"udp-buffer-full"' '"too-big"' '"icmp-ignored"' '"retransmission-timeout"'; do names="$names $cause,"; done
fails 0 '' "${exchange}sim:run()
for _, cause in ipairs { $names } do dw.expect(sim):cause(cause, 0) assert(sim.trace:drops()[cause] == nil) end"
fails 1 'cause: nothing happened because of "fault-drop"' "${exchange}sim:run()
dw.expect(sim):cause 'fault-drop'"
fails 1 'cause: expected 1 event because of "fault-drop", found 0' "${exchange}sim:run()
dw.expect(sim):cause('fault-drop', 1)"
fails 0 '' "${exchange}link:drop { from = client, nth = 1 } sim:run()
dw.expect(sim):cause('fault-drop', 1) assert(sim.trace:drops()['fault-drop'] == 1)"
fails 2 'expect: there is no cause "fault-dorp"; did you mean "fault-drop"?' "${exchange}sim:run()
dw.expect(sim):cause 'fault-dorp'"
fails 2 'trace:drops: there is no cause "fault-dorp"; did you mean "fault-drop"?' "${exchange}sim:run()
print(sim.trace:drops()['fault-dorp'])"

# Who forgets to run is told so, and what is misspelt, too.
never='; the simulation was never run: call sim:run() first'
fails 1 "reaches: host \"client\" had no connection$never" "${exchange}dw.expect(client):reaches 'TIME-WAIT'"
fails 2 'expect: there is no state TIMEWAIT; did you mean TIME-WAIT?' "${exchange}dw.expect(client):reaches 'TIMEWAIT'"
fails 1 "states: host \"client\" had no connection$never" "${exchange}dw.expect(client):states 'CLOSED -> SYN-SENT'"
fails 1 "stays: host \"client\" had no connection$never" "${exchange}dw.expect(client):stays('TIME-WAIT', { lasting = '1s', conn = 2 })"
fails 1 "expected 1 packet, found 0$never" "${exchange}dw.expect(sim):packets({ flags = 'SYN' }, 1)"
fails 1 "cause: nothing happened because of \"paws\"$never" "${exchange}dw.expect(sim):cause 'paws'"
fails 1 'never: host "client" had no connection' "${pair}sim:run()
dw.expect(client):never 'TIME-WAIT'"
grep -q 'was never run' err && fail 'it was run'

# Numbers are the ladder's, and a SYN acknowledges nothing.
script "${pair/delay/isn = { 3000000000, 4000000000 \}, delay}${exchange#"$pair"}sim:run()
dw.expect(sim):packets({ from = client }, 9)"
run 'numbers' 1 "$DRYWIRE" run -q t.lua
says 'SYN     seq=0 len=0'
says 'ACK     seq=1 ack=1 len=0'

# Whoever misspells a congestion control of his own is told its name.
fails 2 'sim: tcp.congestion_control: unknown value "brsk"; did you mean "brisk"?' 'dw.congestion_control { name = "brisk" }
dw.sim { tcp = { congestion_control = "brsk" } }'
fails 2 'host "a": tcp.congestion_control: unknown value "zzz"; expected one of: reno, cubic, dctcp, vegas, bbr, bbr3, ledbat, none, brisk' 'dw.congestion_control { name = "brisk" }
dw.sim():host("a", { tcp = { congestion_control = "zzz" } })'

# A connection has one name: of its host, and which of its own.
script "${exchange/conn:close() end)/end)}sim:run()
assert(tostring(server:conn(1)) == 'server connection 1' and server:conn(2) == nil)
dw.expect(server):reaches 'TIME-WAIT'"
run 'the name of a connection' 1 "$DRYWIRE" run -q t.lua
says 'note: server connection 1 was never closed (CLOSE-WAIT)'
says 'server connection 1 never reached TIME-WAIT'

# Values.
fails 0 '' 'dw.expect(3):equals(3):equals(3.0):is_between(3, 4)
dw.expect "hello":equals "hello":matches "^hel+o$"
dw.expect { 1, { x = {} } }:equals { 1, { x = {} } }
dw.expect(nil):equals(nil)
local a, b = {}, {} a.a, b.a = a, b dw.expect(a):equals(b)
dw.expect(2 < 3):is_true()'
fails 1 'equals: expected 4, got 3' 'dw.expect(3):equals(4)'
fails 1 'equals: expected "3", got 3' 'dw.expect(3):equals "3"'
fails 1 'equals: expected 0.29999999999999999, got 0.30000000000000004' 'dw.expect(0.1 + 0.2):equals(0.3)'
fails 1 'equals: expected "a", got "a\000\n"' 'dw.expect "a\0\n":equals "a"'
fails 1 'equals: texts of 201 and 202 octets differ at octet 201: expected ..."xxx' 'dw.expect(("x"):rep(200) .. "ab"):equals(("x"):rep(200) .. "b")'
fails 1 'equals: at [2].x["a b"]: expected 3, got 2' 'dw.expect { 1, { x = { ["a b"] = 2 } } }:equals { 1, { x = { ["a b"] = 3 } } }'
fails 1 'equals: at [2]: expected nil, got 2' 'dw.expect { 1, 2 }:equals { 1 }'
fails 1 'is_true: expected true, got 1' 'dw.expect(1):is_true()'
fails 1 'is_between: expected a number from 1 to 2.5, got 3' 'dw.expect(3):is_between(1, 2.5)'
fails 1 'is_between: expected a number from 1 to 2.5, got nan' 'dw.expect(0 / 0):is_between(1, 2.5)'
fails 1 'matches: expected a text with "x", got "hello"' 'dw.expect "hello":matches "x"'
fails 2 'reaches is about a simulation, a host or a connection; got a string' 'dw.expect "client":reaches "CLOSED"'
fails 2 'there is no expectation "equal" of a value; did you mean "equals"?' 'dw.expect(1):equal(1)'
fails 2 'expected an expectation, got number (call methods with a colon: expectation:equals(...))' 'dw.expect(1).equals(2)'
finish
