#!/bin/bash
# drywire swarm and dw.swarm: what seeds draw can be run again, failures become small, and the script that is written fails by itself.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
preload=$(asan_library)
sanitized=$DRYWIRE DRYWIRE=$fast # but for the last runs: there are many here
cat >life.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "10ms", tcp = { defect = dw.param("defect") } }
local got
server:serve(80, function(conn) got = conn:recv_all() conn:close() end)
client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send "hello" conn:close() end)
sim:run()
assert(got == "hello", got)
L
cat >large.lua <<'L'
-- Clients that send in pieces, to a server with a small buffer.
local dw = require "drywire"
local clients = dw.param("clients", 1, dw.range(1, 3))
local writes = dw.param("writes", 1, dw.range(1, 8))
local size = dw.param("size", 1, { 100, 1460, 5000 })
local pause = dw.param("pause", 0, { 0.01, 0.5 })
local sim, first, server = dw.pair {
  delay = dw.param("delay", "10ms", { "1ms", "100ms" }),
  profile = dw.param("profile", "rfc9293", { "linux", "freebsd" }),
  tcp = { defect = dw.param("defect") },
}
local hosts, got = { first }, 0
for i = 2, clients do
  hosts[i] = sim:host("client" .. i)
  sim:link(hosts[i], server, { delay = "5ms" })
end
server:serve(80, function(conn)
  local data = conn:recv_all()
  got = got + #data
  conn:close()
end)
for _, host in ipairs(hosts) do
  host:spawn(function()
    local conn = assert(host:connect(server, 80))
    for i = 1, writes do
      conn:send(("x"):rep(size))
      if pause > 0 then host:sleep(pause) end
    end
    conn:close()
  end)
end
sim:run()
assert(got == clients * writes * size, "the server got " .. got)
L
seeds=1..400

# The same octets, however many processes there are; nothing fails without a defect.
run 'one process' 0 "$DRYWIRE" swarm --seeds $seeds large.lua
mv out first
run 'two processes' 0 "$DRYWIRE" swarm -j2 --seeds $seeds large.lua
same 'two processes' out first
prints 'swarm   400 seeds: 400 pass, 0 fail'
prints 'faults that struck: drop '
run 'kinds' 0 "$DRYWIRE" swarm --seeds $seeds --drop 2 --delay 1 life.lua
grep -q duplicate out && fail 'a kind that nobody named was drawn'
run 'no faults' 0 "$DRYWIRE" swarm --seeds 1..10 --faults 0 life.lua
prints 'faults that struck: none'
run 'one seed' 0 "$DRYWIRE" swarm --seed 7 life.lua
prints 'swarm   1 seed: 1 pass, 0 fail'
run 'a parameter that is set' 0 "$DRYWIRE" swarm --seeds 1..50 --set size=77 --set writes=1 --set clients=1 large.lua
run 'no time' 0 "$DRYWIRE" swarm --time-budget 1ns --seeds 1..5000 life.lua
prints '(of 5,000 seeds)'

# The bound: two faults, of which each is one of two kinds, over 8 + 4 arrivals, drawn by 400 seeds.
run 'the bound' 0 "$DRYWIRE" swarm --seeds $seeds --drop 2 --corrupt 2 --faults 2 life.lua
python3 - <<'P' >expected
n, k, faults = 400, 8 + 2 * 2, 2
both = lambda d: sum((1 / f) ** d * ways for f, ways in ((1, 1), (2, 1))) / 3
print("drop", "%.2g" % (1 - both(1) / faults / k) ** n, "%.2g" % (1 - both(2) / faults / (k * (k - 1) / 2)) ** n)
print("any", "%.2g" % (1 - both(1) / faults / k) ** n, "%.2g" % (1 - 1 / 4 / 3 / faults / (k * (k - 1) / 2)) ** n)
P
awk '$1 == "drop" || $1 == "any" { print $1, $2, $3 }' out | diff - expected >&2 || fail 'the bound is another'
# It holds: of many seeds at least so many lose just the first two packets.
script 'local hits = 0
local ok = pcall(dw.swarm, { seeds = dw.range(1, 3000), drop = 2 }, function()
  local sim, a, b = dw.pair()
  b:serve(80, function(conn) conn:close() end)
  a:spawn(function() assert(a:connect(b, 80)):close() end)
  sim:run()
  local lost = {}
  for _, packet in ipairs(sim.trace:packets()) do
    if packet.lost then lost[#lost + 1] = packet.n end
  end
  if table.concat(lost, ",") == "1,2" then print "hit" end
end)'
run 'how often' 0 "$DRYWIRE" run -q t.lua
hits=$(grep -c hit out)
# 2 numbers of faults, and 7 + 4 arrivals of which two are chosen: 1 in 110 runs.
[ "$hits" -ge 15 ] && [ "$hits" -le 45 ] || fail "$hits of 3000 runs lose the first two packets; expected about 27"

# Seeded defects: at most three faults and fewer than 15 lines, and each fails by itself, with these faults alone.
finds() { # DEFECT SCRIPT OPTIONS...: with one process and with two
    local defect=$1 script=$2
    rm -f small.lua small2.lua
    run "$defect" 1 "$fast" swarm --set defect="$defect" --lua small.lua "${@:3}" "$script"
    mv out first
    grep '^replay:' err >replay
    run "$defect, two processes" 1 "$fast" swarm -j2 --set defect="$defect" --lua small2.lua "${@:3}" "$script"
    same "$defect" out first
    same "$defect" small.lua small2.lua
    [ "$(wc -l <small.lua)" -lt 15 ] || fail "$defect: $(wc -l <small.lua) lines are left"
    local plan
    plan=$(sed -n 's/^require "drywire".faults "\(.*\)"$/\1/p' small.lua)
    [ -n "$plan" ] && [ "$(tr , '\n' <<<"$plan" | wc -l)" -le 3 ] || fail "$defect: the faults are $plan"
    grep -q 'each of the [0-9]* smaller ones passes' small.lua || fail "$defect: the script does not say that smaller ones pass"
    grep -q 'dw.param' small.lua && fail "$defect: a parameter is left"
    run "$defect: by itself" 1 "$DRYWIRE" run -q small.lua
    local message
    message=$(sed -n '1s/^-- //p' small.lua | tr -d 0-9 | sed 's/[a-z-]*\.lua//g')
    tr -d 0-9 <err | sed 's/[a-z-]*\.lua//g' | grep -Fqx -e "$message" || fail "$defect: it fails with other words: $(cat err)"
    grep -v '^require "drywire".faults' small.lua >without.lua
    run "$defect: without faults" 0 "$DRYWIRE" run -q without.lua
    run "$defect: the replay line" 1 bash -c "$(sed "s|^replay: drywire|'$DRYWIRE'|" replay)"
    # 1-minimal: with any fault fewer it passes.
    for fault in ${plan//,/ }; do
        run "$defect: without $fault" 0 "$DRYWIRE" run -q --faults "$(tr , '\n' <<<"$plan" | grep -vx "$fault" | paste -sd,)" without.lua
    done
}
finds fin-not-retransmitted life.lua
finds two-way-handshake life.lua
finds fin-not-retransmitted large.lua --faults 8
finds two-way-handshake large.lua
finds echo-challenge life.lua --duplicate 1 --delay 1 --seeds 1..20000
finds no-window-probe "$SOURCE/tests/explore/zero-window.lua" --drop 2

# A failure that needs no fault, but a parameter; and one that needs nothing.
script 'local sim, a, b = dw.pair()
local n = dw.param("n", 1, dw.range(1, 100))
local m = dw.param("m", "a", { "b", "c" })
b:serve(80, function(conn) conn:recv_all() conn:close() end)
a:spawn(function() local conn = assert(a:connect(b, 80)) conn:send "x" conn:close() end)
sim:run()
assert(n < 37 or m == "a", "it is " .. n)'
run 'a parameter' 1 "$DRYWIRE" swarm --lua small.lua t.lua
says 'replay: drywire run --seed 1 --set n=37 --set m=b --faults '"''"' t.lua'
grep -q 'it is 37' small.lua || fail 'the parameters are not the simplest'
run 'by itself' 1 "$DRYWIRE" run -q small.lua
script 'local sim, a, b = dw.pair()
b:serve(80, function(conn) conn:recv_all() conn:close() end)
a:spawn(function() local conn = assert(a:connect(b, 80)) conn:send "x" conn:close() end)
sim:run()
assert(sim:random("luck"):integer(1, 20) ~= 7, "no luck")'
run 'luck' 1 "$DRYWIRE" swarm --faults 0 --lua small.lua t.lua
grep -q 'require "drywire".seed([0-9]*)' small.lua || fail 'the script has no seed'
run 'luck, by itself' 1 "$DRYWIRE" run -q small.lua

# Not to its end: what was found is told all the same, with all that was drawn.
run 'few runs' 1 "$DRYWIRE" swarm --set defect=fin-not-retransmitted --max-runs 1 --lua small.lua large.lua
prints 'not all smaller ones were tried'
grep -q 'not all smaller ones were tried' small.lua || fail 'the script does not say that smaller ones were not tried'
grep '^replay:' err >replay
run 'few runs, by itself' 1 "$DRYWIRE" run -q small.lua
run 'few runs, again' 1 bash -c "$(sed "s|^replay: drywire|'$DRYWIRE'|" replay)"

# What is left out are whole statements.
run 'statements' 0 "$LUA" "$SOURCE/tests/cli/swarm_source.lua" "$SOURCE/lua/library" "$SOURCE"/examples/*.lua "$SOURCE"/tests/explore/*.lua "$SOURCE"/tests/scenario/a*.lua

# Why: the chance is low before the fault, and certain behind it.
run 'why' 1 "$DRYWIRE" swarm -j2 --set defect=fin-not-retransmitted --why --plots plots life.lua
mv out first
run 'why, one process' 1 "$DRYWIRE" swarm --set defect=fin-not-retransmitted --why life.lua
same 'why' out first
prints '>   100  #5 client:49152 > server:80 FIN,ACK'
[ "$(awk '/before the first/ { print $1 }' out)" -lt 30 ] || fail 'it fails without the fault as well'
xmllint --noout plots/life.svg || fail 'the plot is no XML'

# In a script.
script 'local found = dw.swarm({ seeds = dw.range(1, 50), drop = 1 }, function()
  local sim, a, b = dw.pair()
  b:serve(80, function(conn) conn:close() end)
  a:spawn(function() assert(a:connect(b, 80)):close() end)
  sim:run()
  assert(a:name() == "client")
end)
print(found.seeds, found.report)'
run 'in a script' 0 "$DRYWIRE" run -q t.lua
mv out first
run 'in a stock lua' 0 env "LD_PRELOAD=$preload" ASAN_OPTIONS=detect_leaks=0 "LUA_CPATH=$MODULE_DIR/?.so" "$LUA" t.lua
same 'in a stock lua' out first
script 'dw.swarm({ seeds = { 3, 4 }, drop = 1 }, function()
  local sim, a, b = dw.pair()
  b:serve(80, function(conn) conn:close() end)
  a:spawn(function() assert(a:connect(b, 80)):close() end)
  sim:run()
  error("always " .. #sim.trace:packets())
end)'
run 'it always fails' 2 "$DRYWIRE" run -q t.lua
says 'dw.swarm: with seed 3 it fails without any fault: t.lua:7: always'
sed -i 's/error(/assert(dw.is_empty(sim.trace:drops()), /' t.lua
sed -i 's/3, 4/3, 4, 5, 6, 7/' t.lua
run 'it fails with a fault' 1 "$DRYWIRE" run -q t.lua
says 'shrunk to 1 fault: t.lua:7: always'
says '(run it with --seed 1 --faults '

# What is wrong is said.
wrong() { # TEXT ARGUMENTS...
    run "$1" 2 "$DRYWIRE" swarm "${@:2}"
    says "$1"
}
wrong 'which script? drywire swarm FILE.lua'
wrong 'one script at a time' life.lua life.lua
wrong 'cannot open nothing.lua' nothing.lua
wrong '--seeds: 9..1 has its first number above its last' --seeds 9..1 life.lua
wrong '--seed and --seeds: give one of them' --seed 1 --seeds 1..2 life.lua
wrong '--plots: what is to be drawn? Add --why' --plots p life.lua
wrong '--faults: expected a number from 0 to 64, got "65"' --faults 65 life.lua
says_of() { # TEXT SCRIPT
    script "$2"
    run "$1" 2 "$DRYWIRE" swarm --seeds 1..3 t.lua
    says "$1"
}
says_of 'the function makes no simulation' 'local x = 1'
says_of 'dw.swarm: no packet arrives, so no fault can strike' 'dw.sim():run()'
says_of 'dw.swarm: the function makes a second simulation; one each time' 'dw.sim():run() dw.sim():run()'
says_of 'dw.swarm: a swarm inside another' 'dw.swarm({}, print)'
says_of 'dw.faults: dw.swarm draws the faults' 'dw.faults "1d"'
says_of 'dw.seed: dw.swarm says which seed it is' 'dw.seed(1)'
says_of 'the script ended by os.exit, so nothing was tried' 'os.exit(0)'
says_of 'dw.param: n: expected a list of values that a swarm may draw, got a number' 'dw.param("n", 1, 2)'
says_of 'dw.param: n: expected a list of values that a swarm may draw, got none' 'dw.param("n", 1, {})'
says_of 'dw.param: n: value 1 is a string, and the default a number' 'dw.param("n", 1, { "2" })'
says_of 'dw.param: n: value 2 is a table; a value is a number, a text or a boolean' 'dw.param("n", 1, { 2, {} })'
says_of 'the function does not do the same twice with the same seed' 'local count = (rawget(_G, "again") or 0) + 1
rawset(_G, "again", count)
local sim, a, b = dw.pair { delay = "20ms" }
b:serve(80, function(conn) conn:close() end)
a:spawn(function() assert(a:connect(b, 80)):close() end)
if count == 2 then sim:run("10ms") else sim:run() end'
call() { # TEXT CALL
    script "$2"
    run "$1" 2 "$DRYWIRE" run t.lua
    says "$1"
}
call 'dw.swarm: expected options and a function, got a nil and a nil' 'dw.swarm()'
call 'dw.swarm: expected a table of options, got a number' 'dw.swarm(1, print)'
call 'unknown option "seed" for dw.swarm; did you mean "seeds"?' 'dw.swarm({ seed = 1 }, print)'
call 'dw.swarm.seeds: expected a table, got a number' 'dw.swarm({ seeds = 1 }, print)'
call 'dw.swarm.seeds: value 2 is 1.5; a seed is a whole number' 'dw.swarm({ seeds = { 1, 1.5 } }, print)'
call 'dw.swarm.drop: expected a whole number from 0 to 64, got 65' 'dw.swarm({ drop = 65 }, print)'
call 'dw.swarm: not while a simulation runs' 'local sim = dw.sim() sim:at(1, function() dw.swarm({}, print) end) sim:run()'
call 'dw.swarm: not within the function of a sweep' 'dw.sweep({ a = { 1 } }, function() dw.swarm({}, print) end)'

run 'sanitized' 0 "$sanitized" swarm --seeds 1..60 life.lua
run 'sanitized, it fails' 1 "$sanitized" swarm --set defect=fin-not-retransmitted --seeds 1..60 --lua small.lua life.lua
says 'replay: '
finish
