#!/bin/bash
# drywire explore and dw.explore: all plans are tried, the smallest that fails is told, and it fails again.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
preload=$(asan_library)
cat >life.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "10ms", tcp = { defect = dw.param("defect") } }
local got
server:serve(80, function(conn) got = conn:recv_all() conn:close() end)
client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send "hello" conn:close() end)
sim:run()
print("got", got)
assert(got == "hello", got)
L

# How many plans there are, counted by a loop that loses packets by a rule of its own.
script 'local function life(lost)
  local sim, client, server, link = dw.pair { delay = "10ms" }
  for _, n in ipairs(lost) do link:drop { packet = n } end
  server:serve(80, function(conn) conn:recv_all() conn:close() end)
  client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send "hello" conn:close() end)
  sim:run()
  return #sim.trace:packets()
end
local function count(lost, left)
  local packets, n = life(lost), 1
  for k = (lost[#lost] or 0) + 1, left > 0 and packets or 0 do
    local more = table.move(lost, 1, #lost, 1, {})
    more[#more + 1] = k
    n = n + count(more, left - 1)
  end
  return n
end
for most = 0, 3 do print(most, count({}, most)) end'
run 'plain loop' 0 "$DRYWIRE" run -q t.lua
while read -r most plans; do # of at most 0: the run without any
    run "$most losses" 0 "$DRYWIRE" explore --drop "$most" life.lua
    prints "all $plans plans of at most $most fault"
    run "$most losses, not merged" 0 "$DRYWIRE" explore --no-merging --drop "$most" life.lua
    prints "all $plans plans of at most $most fault"
    prints "$plans runs; 0 of them"
done <<<"$(cat out)"

# Kinds, and merging: it changes no number of plans.
for kinds in '--duplicate 2' '--corrupt 2' '--delay 1' '--drop 1 --delay 1' '--drop 1 --duplicate 1 --faults 1' \
    '--drop 1 --duplicate 1 --delay 1 --corrupt 1 --faults 2' '--delay 2'; do
    # shellcheck disable=SC2086
    run "$kinds" 0 "$DRYWIRE" explore $kinds life.lua
    plans=$(grep -o 'all [0-9,]* plans' out)
    # shellcheck disable=SC2086
    run "$kinds, not merged" 0 "$DRYWIRE" explore --no-merging $kinds life.lua
    prints "$plans"
done
run 'damaged is as lost' 0 "$DRYWIRE" explore --drop 1 --corrupt 1 --faults 1 life.lua
met=$(grep -oE '[0-9]+ of them' out | grep -oE '[0-9]+')
[ "${met:-0}" -ge 7 ] || fail "only $met runs with a damaged packet came to where one with a lost packet had been"
run 'no word on kinds' 0 "$DRYWIRE" explore life.lua
prints 'of at most 1 fault (1 lost)'
run 'a number alone' 0 "$DRYWIRE" explore --faults 2 life.lua
prints 'of at most 2 faults (2 lost)'

# Defects, each with its smallest plan: the statement, the ladder, the line that runs it again, and the script.
finds() { # DEFECT PLAN OPTIONS
    local defect=$1 plan=$2
    shift 2
    rm -f fails.lua
    run "$defect" 1 "$DRYWIRE" explore --set defect="$defect" "$@" --lua fails.lua life.lua
    says "faults: $plan (run it with --faults $plan)"
    says "replay: drywire run --set defect=$defect --faults $plan life.lua"
    prints '#1 SYN'
    run "$defect: by its plan" 1 "$DRYWIRE" run -q --set defect="$defect" --faults "$plan" life.lua
    run "$defect: its script" 1 "$DRYWIRE" run -q --set defect="$defect" fails.lua
    run "$defect: without faults" 0 "$DRYWIRE" run -q --set defect="$defect" life.lua
    run "$defect: not merged" 1 "$DRYWIRE" explore --no-merging --set defect="$defect" "$@" life.lua
    says "faults: $plan (run"
}
finds two-way-handshake 2d --drop 2
finds fin-not-retransmitted 5d --drop 2
finds any-ack-closes 4d --drop 2
finds echo-challenge 1h3-,4t --drop 1 --duplicate 1 --delay 1

{ echo '#!/usr/bin/env drywire'; cat life.lua; } >first.lua
run 'a first line of the shell' 1 "$DRYWIRE" explore --set defect=fin-not-retransmitted --lua fails.lua first.lua
run 'a first line of the shell: its script' 1 "$DRYWIRE" run -q --set defect=fin-not-retransmitted fails.lua
says 'fails.lua:7:'
run 'a parameter that is not asked for' 0 "$DRYWIRE" explore --set defct=fin-not-retransmitted life.lua
says 'note: --set defct: the script asks for no parameter "defct"; did you mean "defect"?'

# In a script.
script 'local r = dw.explore({ drop = 2, leaks = true }, function()
  local sim, client, server = dw.pair { delay = "10ms" }
  server:serve(80, function(conn) conn:recv_all() conn:close() end)
  client:spawn(function() client:connect(server, 80):close() end)
  sim:run()
end)
assert(r.complete and r.schedules >= r.runs - r.merged and r.faults == 2, r.schedules)'
run 'dw.explore' 0 "$DRYWIRE" run -q t.lua
run 'in a stock lua' 0 env "LD_PRELOAD=$preload" ASAN_OPTIONS=detect_leaks=0 "LUA_CPATH=$MODULE_DIR/?.so" "$LUA" t.lua
run 'with a plan' 1 "$DRYWIRE" run -q --faults 1d t.lua # one run is no exploration
script 'dw.explore({ drop = 1 }, function()
  local sim, client, server = dw.pair { delay = "10ms" }
  server:serve(80, function(conn) conn:recv_all() server:sleep "1h" conn:close() end)
  client:spawn(function() client:connect(server, 80):close() end)
  sim:run "10s"
  dw.expect(client):states "CLOSED -> SYN-SENT -> ESTABLISHED -> FIN-WAIT-1 -> FIN-WAIT-2"
  dw.expect(sim):packets({ flags = "SYN", from = client }, 1)
end)'
run 'the trace decides' 1 "$DRYWIRE" run -q t.lua
says 'faults: 1d'

# A plan of its own.
run 'held up behind' 0 "$DRYWIRE" run --faults 1h1 --ladder life.lua
prints '#1 SYN'
run 'no such packet' 0 "$DRYWIRE" run -q --faults 1d,77d life.lua
says 'note: --faults: no packet had the number 77'
for plan in 1 d 1y 5c 2@5d 2@c 1q2 0d 1h- 1h0 1d, ,1d 1d,1t 1d2 -1d 1d,,2d; do
    run "plan $plan" 2 "$DRYWIRE" run --faults "$plan" life.lua
    says '--faults: '
done
run 'too many' 2 "$DRYWIRE" run --faults "$(seq -s, -f '%gd' 65)" life.lua
says 'more than 64 faults'
script 'dw.faults "1d" local sim, client, server = dw.pair { delay = "10ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() client:connect(server, 80):close() end)
sim:run() print(#sim.trace:packets { flags = "SYN", from = client })'
run 'dw.faults' 0 "$DRYWIRE" run -q t.lua
prints 2
run 'lost before it could be struck' 0 "$DRYWIRE" run -q --faults 1d --drop 1 life.lua
says 'note: --faults: its receiver never got packet 1'
run '--faults is over dw.faults' 0 "$DRYWIRE" run -q --faults 7d t.lua
prints 1

# Faults of hosts, links and programs.  Not merged they are as many, and what fails without is made up for by a profile
# that gives up a peer which says nothing any more.
script 'local sim, client, server = dw.pair { delay = "10ms" }
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
sim:run()'
as_many() { # OPTIONS: merged as not merged
    run "$*" 0 "$DRYWIRE" explore "$@" t.lua
    prints 'proved'
    plans=$(sed -n 's/.*under all \([0-9,]*\) plans.*/\1/p' out)
    run "$*, not merged" 0 "$DRYWIRE" explore --no-merging "$@" t.lua
    prints "under all $plans plans"
}
as_many --app 1 --drop 1 --profile linux
as_many --crash 1 --profile linux
as_many --link 1 --drop 1 --faults 1 --profile linux
as_many --old 2
as_many --queue 1 --delay 1
cp t.lua one.lua
script 'local sim, client, server = dw.pair { delay = "10ms" }
server:serve(80, function(conn) conn:close() end)
for i = 1, 2 do
  client:spawn(function() local conn = client:connect(server, 80) if conn then conn:close() end end)
end
sim:run()'
as_many --delay 1 --close 1
as_many --delay 1 --abort 1
# What a rule has done is asked for afterwards; a queue has no place on a link with rules, too.
script 'local sim, client, server, link = dw.pair { delay = "10ms" }
local rule = link:duplicate { from = server, flags = "FIN" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() local conn = client:connect(server, 80) if conn then conn:close() end end)
sim:run()
assert(rule.hits < dw.param("most", 9))'
as_many --drop 1 --queue 1
run 'a place on a link with rules' 0 "$DRYWIRE" explore --queue 1 t.lua
grep -q 'all 1 plans' out && fail 'no queue was ever full'
run 'what a rule has done' 1 "$DRYWIRE" explore --drop 2 --set most=2 t.lua
# The limit that nobody chose.
script 'local sim, client, server = dw.pair { delay = "10ms", tcp = { msl = "1s" } }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function()
  local conn = client:connect(server, 80)
  if conn then conn:close() end
  client:sleep "3599s"
end)
sim:run()'
run 'near the limit' 3 "$DRYWIRE" explore --drop 1 t.lua
says 'faults: 1d (run'
run 'near the limit, not merged' 3 "$DRYWIRE" explore --drop 1 --no-merging t.lua
says 'faults: 1d (run'
mv one.lua t.lua
fails_at() { # PLAN OPTIONS
    rm -f fails.lua
    run "$*" 1 "$DRYWIRE" explore "${@:2}" --lua fails.lua t.lua
    says "faults: $1 (run"
    says "replay: drywire run --faults $1 t.lua"
    run "$1" 1 "$DRYWIRE" run -q --faults "$1" t.lua
    says 'connection #1 of host "client" is still there at the end'
    run "$1: its script" 1 "$DRYWIRE" run -q fails.lua
    says 'connection #1 of host "client" is still there at the end'
}
fails_at 2@5c --crash 1        # the client is in FIN-WAIT-2 for ever
fails_at 2@5k,7d --app 1 --drop 1 # closed with unread data, and the reset is lost
fails_at 7l6 --link 1
run 'a host that is none' 2 "$DRYWIRE" explore --crash serve t.lua
says 'dw.explore.crash: there is no host "serve"'
run 'no names' 2 "$DRYWIRE" explore --crash , t.lua
says 'a number or names of hosts, got ","'
script 'local r = dw.explore({ app = true, crash = { "server" }, faults = 1 }, function()
  local sim, client, server = dw.pair { delay = "10ms", tcp = { profile = "linux" } }
  server:serve(80, function(conn) conn:recv(nil, { timeout = "1min" }) conn:close() end)
  client:spawn(function() local conn = client:connect(server, 80) if conn then conn:close() end end)
  sim:run()
end)
assert(r.complete and r.schedules > 20, r.schedules)'
run 'in a script' 0 "$DRYWIRE" run -q t.lua

# Any number: the same states whichever way, each of them known, and a picture of the states of both ends.
closed=$SOURCE/tests/explore/closed.lua
run 'any number of losses' 0 "$DRYWIRE" explore --drop any --graph states.svg "$closed"
prints 'proved  passes under any number of faults (any number lost): all 375 states are known'
for what in '<svg' 'client across, server down' FIN-WAIT-2 LAST-ACK; do
    grep -q "$what" states.svg || fail "the graph of states has no $what"
done
cp states.svg first.svg
run 'in two processes' 0 "$DRYWIRE" explore -j2 --drop any --graph states.svg "$closed"
cmp -s first.svg states.svg || fail 'the graph is another one with -j2'
run 'for Graphviz' 0 "$DRYWIRE" explore --drop any --graph states.dot "$closed"
grep -q 'n1 -> n' states.dot || fail 'states.dot has no edge from its first node'
run 'one late' 0 "$DRYWIRE" explore --drop any --delay 1 "$closed"
prints 'any number lost, 1 late'
run 'one that is not told' 1 "$DRYWIRE" explore --drop any life.lua # the server waits for ever once its peer gave up
says 'host "server" still waits'
run 'more than a plan may have' 0 "$DRYWIRE" explore --set retries=0 --drop any --max-runs 30000 "$closed"
prints 'open    passes under all plans of'
refuses_any() { # MESSAGE OPTIONS
    run "$*" "$2" "$DRYWIRE" explore "${@:3}" life.lua
    says "$1"
}
refuses_any 'dw.explore.graph: there is one of any number of faults only' 2 --drop 1 --graph states.svg
refuses_any 'expected a file that ends in .svg or .dot, got "states.png"' 2 --drop any --graph states.png
refuses_any 'dw.explore.graph: cannot write none/states.svg' 2 --drop any --graph none/states.svg
refuses_any 'dw.explore.old: expected a number' 2 --old any
script 'dw.congestion_control { name = "mine", base = "reno" }
local sim, client, server = dw.pair { delay = "10ms", client = { tcp = { congestion_control = "mine" } } }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() local c = client:connect(server, 80) if c then c:close() end end)
sim:run()'
run 'a state that nobody can tell' 2 "$DRYWIRE" explore --drop any t.lua
says 'cannot tell its state, so any number of faults has no end'
refuses_any 'without merging has no end' 2 --drop any --no-merging
refuses_any 'expected a number from 0 to 64, or any, got "all"' 2 --drop all
script 'local g = dw.explore({ drop = "any" }, function()
  local sim, client, server = dw.pair { delay = "10ms", tcp = { rto_min = "1s", rto_max = "1s", syn_retries = 1, synack_retries = 1, data_retries = 1 } }
  server:serve(80, function(conn) conn:close() end)
  client:spawn(function() local conn = client:connect(server, 80) if conn then conn:reset() end end)
  sim:run()
end).graph
assert(#g.nodes > 4 and #g.edges > 4 and g.hosts[2] == "server", #g.nodes)
local total = 0
for _, n in ipairs(g.nodes) do total = total + (n.count or 0) assert(#n == 2) end
for _, e in ipairs(g.edges) do assert(g.nodes[e.from] and g.nodes[e.to] and e.count > 0) end
assert(total > 5, total)'
run 'dw.explore any' 0 "$DRYWIRE" run -q t.lua

# A state is another one where what follows, or what the script remembers, differs.
same_plan() { # NAME OPTIONS: with merging as without
    # shellcheck disable=SC2086
    run "$1" 1 "$DRYWIRE" explore --no-merging $2 t.lua
    plan=$(grep -o 'run it with --faults [^)]*' err)
    # shellcheck disable=SC2086
    run "$1, merged" 1 "$DRYWIRE" explore $2 t.lua
    says "$plan"
}
script 'local sim, client, server = dw.pair { delay = "10ms" }
local last
server:serve(80, function(conn)
  local x = conn:recv(1)
  sim:after(x == "A" and "2s" or "1s", function() last = x end)
  conn:recv_all() conn:close()
end)
for _, x in ipairs { "A", "B" } do client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(x) client:sleep "20s" conn:close()
end) end
sim:run()
assert(last == "A", last)'
same_plan 'functions of one line' '--delay 2'
past() { # CALL SCRIPT
    script "local sim, client, server, link = dw.pair { delay = '10ms' }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
$2
client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send 'x' $3 conn:close() end)
sim:run()"
    run "$1" 0 "$DRYWIRE" explore --duplicate 1 t.lua
    prints "runs were not merged: t.lua:$4: $1 asks for what went before"
}
past link:intercept 'link:intercept(function(p) return p.n == 99 and "drop" or nil end)' '' 4
past when 'link:drop { when = function(p) return p.n == 99 end }' '' 4
past sim:at '' 'sim:at("30s", function() end)' 5
past link:drop '' 'link:drop { packet = 99 }' 5
script 'dw.test("a case", function()
  local sim, client, server = dw.pair { delay = "10ms" }
  server:serve(80, function(conn) conn:recv_all() conn:close() end)
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  sim:run()
end)'
run 'a case' 0 "$DRYWIRE" explore --drop 1 t.lua
prints 'proved'
script 'dw.congestion_control { name = "mine", base = "reno" }
local sim, client, server = dw.pair { delay = "10ms", tcp = { congestion_control = "mine" } }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()'
run 'a congestion control of its own' 0 "$DRYWIRE" explore --drop 1 t.lua
prints 'proved'

# What cannot be explored.
explores() { # NAME CODE SAYS SCRIPT
    script "$4"
    run "$1" "$2" "$DRYWIRE" explore t.lua
    says "$3"
}
explores 'fails without faults' 1 'it fails without any fault' 'local sim, client, server = dw.pair {}
client:spawn(function() assert(client:connect(server, 80)) end) sim:run()'
explores 'no simulation' 2 'makes no simulation' 'print "nothing"'
explores 'no packet' 2 'no packet arrives' 'local sim = dw.pair {} sim:run()'
explores 'two simulations' 2 'a second simulation' 'for i = 1, 2 do local sim, client, server = dw.pair {}
server:listen(80) client:spawn(function() client:connect(server, 80):reset() end) sim:run() end'
explores 'another each time' 2 'does not do the same twice' 'local n = (package.loaded.n or 0) + 1
package.loaded.n = n
local sim, client, server = dw.pair { delay = "1ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() local conn = client:connect(server, 80) conn:send(("x"):rep(3000 * n)) conn:close() end) sim:run()'
explores 'a leak' 1 'is still there at the end' 'local sim, client, server = dw.pair {}
server:serve(80, function(conn) conn:recv() server:sleep(math.huge) end)
client:spawn(function() local conn = client:connect(server, 80) conn:send "x" client:sleep(math.huge) end) sim:run()'
explores 'one inside the other' 2 'inside another' 'dw.explore({ drop = 1 }, function() end)'
run 'no script' 2 "$DRYWIRE" explore
run 'no such option' 2 "$DRYWIRE" explore --drops 2 life.lua
says 'did you mean --drop?'
run 'too many faults' 2 "$DRYWIRE" explore --drop 65 life.lua
explores 'os.exit' 2 'ended by os.exit, so nothing is proved' 'local sim, client, server = dw.pair {} server:serve(80, function(conn)
conn:recv_all() conn:close() end) client:spawn(function() client:connect(server, 80):close() end) sim:run() os.exit(0)'
run 'one run' 0 "$DRYWIRE" explore --drop 3 --max-runs 1 life.lua
prints 'open    passes without faults; no plan was tried'
run 'max-runs' 0 "$DRYWIRE" explore --drop 3 --max-runs 20 life.lua
prints 'open    passes under all plans of fewer than 2 faults'
# How many there would have been is known before they are tried: of losses, to the last one.
run 'all of three' 0 "$DRYWIRE" explore --drop 3 --no-merging life.lua
all=$(sed -n 's/^ *\([0-9,]*\) runs.*/\1/p' out | tr -d ,)
run 'not all of three' 0 "$DRYWIRE" explore --drop 3 --no-merging --max-runs $((all - 55)) life.lua
prints 'about 55 plans of 3 faults were not tried'
run 'not even all of two' 0 "$DRYWIRE" explore --drop 3 --max-runs 20 life.lua
prints ' plans of 2 faults were not tried, nor any of more'
run 'time-budget' 0 "$DRYWIRE" explore --drop 12 --duplicate 2 --time-budget 300ms life.lua
prints 'open    passes'
finish
