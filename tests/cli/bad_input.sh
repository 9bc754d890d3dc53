#!/bin/bash
# Bad input: one clear sentence with file and line, the right exit code, and what was traced is kept.
. "$(dirname "$0")/../support/lib.sh"

# bad CODE TEXT SCRIPT: the script fails with this code and says this.
bad() {
    script "$3"
    run "$2" "$1" "$DRYWIRE" run "$work/t.lua"
    says "$2"
}
pair='local sim, client, server, link = dw.pair { delay = "20ms" }'

# Misspelt names.
bad 2 't.lua:2: unknown option "dealy" for link; did you mean "delay"?' 'dw.pair { dealy = "20ms" }'
bad 2 't.lua:2: unknown option "colour" for link; expected one of: delay, rate' 'dw.pair { colour = 1 }'
bad 2 't.lua:2: unknown option "sede" for sim; did you mean "seed"?' 'dw.sim { sede = 1 }'
bad 2 't.lua:3: link:drop: unknown flag "SIN"; did you mean "SYN"?' "$pair
link:drop { flags = \"SIN\" }"
bad 2 't.lua:3: link:drop.nth: an empty list is met by no packet' "$pair
link:drop { nth = {} }"
bad 2 't.lua:3: host:on_state: there is no state TIME_WAIT2; did you mean TIME-WAIT?' "$pair
client:on_state(\"TIME_WAIT2\", print)"
bad 2 "t.lua:3: undefined variable 'sevrer'; did you mean 'server'?" "$pair
sevrer:serve(80, print)"
bad 2 "t.lua:2: assignment to undefined global 'conection'; write 'local conection'" 'conection = 1'
bad 2 't.lua:3: a host has no method or field "conect"; did you mean "connect"?' "$pair
client:conect(server, 80)"
bad 2 't.lua:3: a connection has no method or field "receive"; did you mean "recv"?' "$pair
server:serve(80, function(c) c:receive() end) client:spawn(function() client:connect(server, 80) end) sim:run()"
bad 2 'there is no host "clinet"; did you mean "client"?' "$pair
link:drop { from = \"clinet\" }"
bad 2 'delayed_akc: unknown option; did you mean "delayed_ack"?' 'dw.sim():host("a", { tcp = { delayed_akc = "40ms" } })'
bad 2 'there is no profile "linus"; did you mean "linux"?' 'dw.sim { profile = "linus" }'
bad 2 't.lua:3: expect: there is no state ESTABLISH; did you mean ESTABLISHED?' "$pair
server:serve(80, function(c) c:recv() end) client:spawn(function() client:connect(server, 80) end) sim:run \"1s\" dw.expect(client):reaches \"ESTABLISH\""

# Options of connections, defects, checks, injected packets, causes, requirements.
open="$pair
server:serve(80, function(c) c:recv() end)
client:spawn(function() local c = client:connect(server, 80)"
bad 2 'unknown option "nagel" for conn:set; did you mean "nagle"?' "$open c:set { nagel = false } end) sim:run()"
bad 2 'unknown option "nodelay" for conn:set; it is nagle = false here' "$open c:set { nodelay = true } end) sim:run()"
bad 2 'unknown option "SO_RCVBUF" for conn:set; it is receive_buffer here' "$open c:set { SO_RCVBUF = 9 } end) sim:run()"
bad 2 'tcp.TCP_NODELAY: unknown option; it is nagle = false here' 'dw.pair { tcp = { TCP_NODELAY = true } }'
bad 2 'host "client": mss = 10 is below the least, mss_least = 28' 'dw.pair { mss = 10 }'
bad 2 'mss = 10 is below the least, mss_least = 28' 'dw.sim { tcp = { mss = 10 } }:host "a"'
bad 2 'trace:series: "snd_una" is traced with dw.sim { detail = true }' "$pair
sim:run() sim.trace:series(client, \"snd_una\")"
bad 2 'conn:set.nagle: write true or false, not "1"' "$open c:set { nagle = 1 } end) sim:run()"
bad 2 'listen.mss: 0 is outside 1 to 65495' 'dw.sim():host("a"):listen(80, { mss = 0 })'
bad 2 'listen.ttl: 0 is outside 1 to 255' 'dw.sim():host("a"):listen(80, { ttl = 0 })'
bad 2 'conn:set.tos: 300 is outside 0 to 255' "$open c:set { tos = 300 } end) sim:run()"
bad 2 'unknown option "lingre" for conn:close' "$open c:close { lingre = \"1s\" } end) sim:run()"
bad 2 'unknown option "urgnet" for conn:send; did you mean "urgent"?' "$open c:send(\"x\", { urgnet = true }) end) sim:run()"
bad 2 'unknown option "local_prot" for host:connect; did you mean "local_port"?' "$pair
client:spawn(function() client:connect(server, 80, { local_prot = 1 }) end) sim:run()"
bad 2 "dw.pair: client is a table of that host's options" 'dw.pair { client = 3 }'
bad 2 'unknown option "clint" for dw.pair; did you mean "client"?' 'dw.pair { clint = {} }'
bad 2 'unknown option "bufer" for host; did you mean "buffer"?' 'dw.pair { server = { bufer = 1 } }'
bad 2 'dw.pair: give isn for both, or for client alone' 'dw.pair { isn = { 1, 2 }, client = { isn = 3 } }'
bad 2 'dw.pair: buffer is for both hosts; for each its own, write client = { buffer = ... }' 'dw.pair { buffer = { 1, 2 } }'
bad 2 'nagle is a TCP option: write tcp = { nagle = ... } in the options of host' 'dw.pair { client = { nagle = false } }'
bad 2 'nagle is a TCP option: write tcp = { nagle = ... } for both hosts' 'dw.pair { nagle = false }'
bad 2 'nagle is a TCP option: write tcp = { nagle = ... } in the options of sim' 'dw.sim { nagle = false }'
bad 2 'host "a": tcp.profile: there is no profile "linx"; did you mean "linux"?' 'dw.sim():host("a", { profile = "linx" })'
bad 2 'unknown option "nagel" for host:listen; did you mean "nagle"?' "$pair server:listen(80, { nagel = true })"
bad 2 'listen.nagle: write true or false, not "1"' "$pair server:listen(80, { nagle = 1 })"
bad 3 'limit 1s reached at 1.000000 s with 1 event still waiting; the simulation'"'"'s option limit raises it' "
local sim = dw.sim { limit = \"1s\" }
sim:host \"a\" :spawn(function() sim:host \"b\" :sleep \"2s\" end) sim:run()"
bad 1 "sent by client's connection alone (dw.expect(sim) asks of all): expected 1 packet, found 0" "$pair
server:listen(80) client:spawn(function() client:connect(server, 80) end) sim:run()
dw.expect(client):packets({ from = server }, 1)"
bad 2 'defect: there is no "no-time-wiat"; did you mean "no-time-wait"?' 'dw.sim():host("a", { tcp = { defect = "no-time-wiat" } })'
bad 2 'sim.checks: "nope" is not "fail", "note" or "off"' 'dw.sim { checks = "nope" }'
bad 2 'there is no cause "pasw"; did you mean "paws"?' "$pair dw.expect(sim):cause \"pasw\""
bad 1 'cause: expected 2 events because of "paws", found 0' "$pair dw.expect(sim):cause(\"paws\", 2)"
bad 2 'link:inject: options: at most 40 bytes, got 41' "$pair
link:inject { from = client, to = server, port = 1, to_port = 2, options = (\"x\"):rep(41) }"
bad 2 'link:inject: src: "10.0.0" is no IP address' "$pair
link:inject { from = client, to = server, port = 1, to_port = 2, src = \"10.0.0\" }"
bad 2 'link:inject: seq is missing, or nil; write seq = 0 if that is meant' "$pair
link:inject { from = client, to = server, port = 1, to_port = 2, flags = \"RST\", seq = nil }"
bad 2 'link:inject: ack is missing, or nil' "$pair
link:inject { from = client, to = server, port = 1, to_port = 2, flags = \"ACK\", seq = 7 }"
bad 2 'link:inject: say which error' "$pair link:inject { protocol = \"icmp\", from = client, to = server }"
six='local sim = dw.sim()
local client, server = sim:host("client", { addr = "2001:db8::1" }), sim:host("server", { addr = "2001:db8::2" })
local link = sim:link(client, server, { delay = "20ms" })'
bad 2 'link:inject: an ICMP message tells one error; inject one for each' "$pair
link:inject { protocol = \"icmp\", from = client, to = server, flags = \"host-unreachable,time-exceeded\" }"
bad 2 'link:inject: unknown flag "SYN"; icmp has net-unreachable, host-unreachable' "$pair
link:inject { protocol = \"icmp\", from = client, to = server, flags = \"SYN\" }"
bad 2 'link:inject: unknown flag "hello"; tcp has FIN, SYN, RST' "$pair
link:inject { from = client, to = server, port = 1, to_port = 2, flags = \"hello\" }"
bad 2 'link:inject: flags: packets of protocol "udp" have none' "$pair
link:inject { protocol = \"udp\", from = client, to = server, port = 1, to_port = 2, flags = \"SYN\" }"
bad 2 'link:inject: protocol "icmp6" has no "source-quench"' "$six
link:inject { protocol = \"icmp\", from = client, to = server, flags = \"source-quench\" }"
bad 2 'link:inject: unknown flag "packet-too-big"; icmp6 has net-unreachable' "$six
link:inject { protocol = \"icmp6\", from = client, to = server, flags = \"packet-too-big\" }"
bad 2 'link:inject: icmp6 is between IPv6 addresses; write protocol = "icmp"' "$pair
link:inject { protocol = \"icmp6\", from = client, to = server, flags = \"host-unreachable\" }"
bad 2 'link:inject: the notation is TCP' "$pair link:inject { \"S 0:0(0)\", protocol = \"udp\", from = client, to = server }"
bad 2 'host.more_addrs: "localhost" is no IP address' 'dw.sim():host("a", { more_addrs = { "localhost" } })'
bad 2 'connect.route: at most 9 hosts' "$pair
client:spawn(function() client:connect(server, 80, { route = { server, server, server, server, server, server, server, server, server, server } }) end) sim:run()"
bad 2 'is no requirement of RFC 9293; write for example "MUST-13"' 'dw.covers "MUST13"'
bad 1 'ack-storm: host "server" at' 'local sim, client, server, link = dw.pair { delay = "1ms", isn = { 99, 299 }, tcp = { defect = "echo-challenge" } }
server:serve(80, function(c) c:recv() end) client:spawn(function() client:connect(server, 80, { local_port = 9 }) end)
link:inject { at = "1s", from = client, port = 9, to = server, to_port = 80, flags = "ACK", seq = 50, ack = 70300 }
sim:run "1min"'
says 'RFC 1337 2 H2, RFC 5961 7'

# Units.
bad 2 't.lua:2: link.delay: 20 has no unit; write for example "20ms" or "1.5s"' 'dw.pair { delay = 20 }'
bad 2 't.lua:2: link.delay: "20" has no unit; write for example "20ms" or "1.5s"' 'dw.pair { delay = "20" }'
bad 2 't.lua:2: link.rate: unknown unit "mbps"; did you mean "Mbps"?' 'dw.pair { rate = "10mbps" }'
bad 2 't.lua:2: link.rate: 10 has no unit; write for example "10Mbps"' 'dw.pair { rate = 10 }'
bad 2 't.lua:2: link.loss = 2 is more than 100%; write "2%" or 0.02' 'dw.pair { loss = 2 }'
bad 2 't.lua:2: link.delay: "0.3ns" is finer than 1 ns' 'dw.pair { delay = "0.3ns" }'
bad 2 'delayed_ack: 1s is outside 0s to 499ms' 'dw.sim():host("a", { tcp = { delayed_ack = "1s" } })'

# Scripts.
bad 2 't.lua:2: ' 'local x = = 1'
bad 2 't.lua:3: attempt to index a nil value' "$pair
server:serve(80, function(c) end) client:spawn(function() local c = client:connect(server, 81) c:send \"x\" end) sim:run()"
says 'in the program of host "client", at 0.040000 s, seed 1'
says 'note: connect to server:81 failed: refused'
bad 2 't.lua:3: boom' "$pair
sim:at(\"1s\", function() error \"boom\" end) sim:run()"
bad 2 'the script raised an error that is a table, not a text' 'error { code = 5 }'
bad 2 'a simulation has no method or field "trcae"; did you mean "trace"?' 'print(dw.sim().trcae)'
bad 2 't.lua:3: intercept: unknown answer "dorp"; did you mean "drop"?' "$pair
link:intercept(function() return \"dorp\" end) client:spawn(function() client:connect(server, 80) end) sim:run()"
bad 2 'conn:recv() waits for simulated time, so it can only be called inside a program' "$pair
local kept server:serve(80, function(c) kept = c end) client:spawn(function() client:connect(server, 80) end) sim:run() kept:recv()"
bad 1 'nothing left to simulate at 0.060000 s, but host "server" still waits in conn:recv (t.lua:3)' "$pair
server:serve(80, function(c) c:recv() end) client:spawn(function() client:connect(server, 80) end) sim:run()"
says 'a timeout (conn:recv(nil, { timeout = "10s" })) ends such a wait, sim:run("10s") the run'
bad 2 'info() has no field "rto"; did you mean "rto_ns"?' "$pair
server:serve(80, function() end) client:spawn(function() print(client:connect(server, 80):info().rto) end) sim:run()"
bad 1 't.lua:2: assertion failed!' 'assert(1 == 2)'
bad 1 'invariant "nothing ever arrives" does not hold at 0.02' "$pair
local n = 0 server:serve(80, function(c) n = 1 end) client:spawn(function() client:connect(server, 80) end)
sim:invariant(\"nothing ever arrives\", function() return #sim.trace:packets { from = server } == 0 end) sim:run()"
says 'the last events:'
bad 3 'limit 1h reached at 3600.000000 s' "$pair
client:spawn(function() client:sleep \"2h\" end) sim:run()"
bad 3 'livelock: a million events' "$pair
local function again() sim:after(\"0s\", again) end again() sim:run()"
bad 3 'trace_limit 1 MiB reached at' 'local sim, client, server = dw.pair { delay = "1ms", trace_limit = "1MiB" }
server:serve(80, function(c) for _ in c:chunks() do end end)
client:spawn(function() local c = client:connect(server, 80) while true do c:send(("x"):rep(1000)) end end) sim:run()'
bad 2 "os.getenv would let the outside world into the simulation" 'os.getenv "HOME"'
bad 2 'pairs: this table has 2 keys that are tables' 'for k in pairs { [{}] = 1, [{}] = 2 } do end'
bad 2 '__gc makes the moment of garbage collection visible' 'setmetatable({}, { __gc = print })'
bad 2 'dw.explore: expected options and a function, got no value and no value' 'dw.explore()'

# A time that can be said but never comes is no wait for ever.
bad 2 't.lua:3: sim:after: that is past the end of time' "$pair
sim:run '1s' sim:after('9223372036s', print)"
bad 2 't.lua:3: host:sleep: that is past the end of time' "$pair
client:spawn(function() client:sleep '1s' client:sleep '9223372036s' end) sim:run()"
# A NaN has no sign, wherever it becomes a text.
script 'local nan = 0/0
for _, n in ipairs { nan, -nan } do
  local sim = dw.sim { tcp = {} }
  print(sim:host(n):name())
  print(pcall(sim.host, sim, n), pcall(dw.sim, { tcp = { profile = n } }))
  sim:run()
  print(sim.trace:hash())
end'
run 'NaN' 0 "$DRYWIRE" run -q "$work/t.lua"
grep -q -- '-nan' "$work/out" && fail "a NaN with a sign: $(cat "$work/out")"
[ "$(sort -u "$work/out" | wc -l)" = 3 ] || fail "NaNs with different texts: $(cat "$work/out")"

# Endless loops and memory bombs, also inside pcall.
script 'while true do end'
run 'endless loop' 3 "$DRYWIRE" run --watchdog 300ms "$work/t.lua"
says 'is there an endless loop?'
script 'while true do pcall(function() while true do end end) end'
run 'endless loop in pcall' 3 "$DRYWIRE" run --watchdog 300ms "$work/t.lua"
script "$pair
client:spawn(function() while true do end end) sim:run()"
run 'endless loop in a program' 3 "$DRYWIRE" run --watchdog 300ms "$work/t.lua"
says 'is there an endless loop?'
script 'local t = {} while true do t[#t + 1] = ("x"):rep(100) .. #t end'
run 'memory bomb' 3 "$DRYWIRE" run --memory 16MiB "$work/t.lua"
says 'memory limit of 16 MiB'
script 'local s = ("x"):rep(1 << 40)'
run 'one huge string' 2 "$DRYWIRE" run --memory 16MiB "$work/t.lua"

# What was traced so far is written, and the failure can be replayed.
script "$pair
server:serve(80, function(c) error \"half way\" end) client:spawn(function() client:connect(server, 80) end) sim:run()"
run 'trace after an error' 2 "$DRYWIRE" run --seed 9 --jsonl "$work/x.jsonl" --pcap "$work/x.pcapng" "$work/t.lua"
says 'replay: drywire run --seed 9'
[ -s "$work/x.pcapng" ] || fail 'no capture after an error'
run 'ladder of it' 0 "$DRYWIRE" ladder "$work/x.jsonl"
prints 'SYN seq=0'

# Files and options.
run 'missing script' 2 "$DRYWIRE" run "$work/nothing.lua"
says "cannot open $work/nothing.lua: No such file"
run 'directory as a script' 2 "$DRYWIRE" run "$work"
run 'missing trace' 2 "$DRYWIRE" ladder "$work/nothing.jsonl"
says 'No such file'
run 'foreign trace' 2 "$DRYWIRE" ladder "$work/t.lua"
says 'is not a drywire trace'
head -c 2000 "$work/x.jsonl" >"$work/cut.jsonl"
run 'truncated trace' 2 "$DRYWIRE" trace "$work/cut.jsonl"
says 'cut short'
sed 's/"window":65535/"window":1/; s/"t":20000000/"t":20000001/' "$work/x.jsonl" >"$work/edited.jsonl"
run 'edited trace' 2 "$DRYWIRE" trace "$work/edited.jsonl"
says 'edited or damaged'
sed 's/"trace":2/"trace":99/' "$work/x.jsonl" >"$work/newer.jsonl"
run 'newer trace' 2 "$DRYWIRE" trace "$work/newer.jsonl"
says 'trace format 99'
printf '\0\1\2' >"$work/zeros.jsonl"
run 'binary trace' 2 "$DRYWIRE" trace "$work/zeros.jsonl"
script "$pair sim:run()"
run 'unwritable output' 2 "$DRYWIRE" run --jsonl "$work/no/such/dir/x" "$work/t.lua"
says 'cannot write'
run 'output is a directory' 2 "$DRYWIRE" run --pcap "$work" "$work/t.lua"
says 'Is a directory'
if [ -e /dev/full ]; then
    run 'full disk' 2 "$DRYWIRE" run --jsonl /dev/full "$work/t.lua"
    says 'No space left'
fi
script "$pair
client:spawn(function()
  print(pcall(client.connect, client, server, 80, { data = (\"x\"):rep(5000), nagle = \"perhaps\" }))
  print(client:connect(server, 81, { data = \"\" }))
end)
sim:run()"
run 'a bad option beside data leaks nothing' 0 "$DRYWIRE" run "$work/t.lua"
prints 'connect.nagle'
run 'misspelt option' 2 "$DRYWIRE" run --lader "$work/t.lua"
says 'unknown option --lader; did you mean --ladder?'
run 'misspelt command' 2 "$DRYWIRE" figurse
says 'unknown command "figurse"; did you mean "figures"?'
run 'misspelt figure' 2 "$DRYWIRE" figures show rfc9293-99
says 'there is no figure "rfc9293-99"'
run 'missing value' 2 "$DRYWIRE" run --seed
says '--seed needs a value'
run 'bad seed' 2 "$DRYWIRE" run --seed x "$work/t.lua"
run 'no script' 2 "$DRYWIRE" run
run 'nothing at all' 2 "$DRYWIRE"
finish
