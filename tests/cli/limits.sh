#!/bin/bash
# A limit is the same whatever a script does with it: in steps, in a pcall, outside of a run; and a
# script ends with the code of what ended it.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
pair='local sim, client, server, link = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
local function hello() local conn = assert(client:connect(server, 80)) conn:send "hello" conn:close() end'

# ends NAME CODE SAYS TEXT: a script that ends so, well before the watchdog.
ends() {
    script "$4"
    run "$1" "$2" timeout 60 "$DRYWIRE" run -q t.lua
    says "$3"
}

# A limit is a place in the script that every run reaches, so two runs that reach it are compared.
# (The order of 50 keys as one number: two runs agree by chance once in 100,000 times.)
random='local t, order = {}, 0
for i = 1, 50 do t["k" .. i] = i end
for _, i in dw.rawpairs(t) do order = (51 * order + i) % 99991 end'
script "$random
local sim, client, server = dw.pair { delay = order .. 'us', limit = '10s' }
client:spawn(function() client:connect(server, 80) client:sleep '1h' end)
sim:run()"
run 'check of a run to its limit' 5 "$DRYWIRE" check t.lua
run 'test of a run to its limit' 5 "$DRYWIRE" test t.lua
script "$random
local sim, client, server = dw.pair { max_events = order + 1 }
client:spawn(function() while true do client:sleep '1ms' end end)
sim:run()"
run 'check of a run to max_events' 5 "$DRYWIRE" check t.lua
script 'local sim, client = dw.pair { limit = "10s" } client:spawn(function() client:sleep "1h" end) sim:run()'
run 'check of a limit that holds' 3 "$DRYWIRE" check t.lua
prints 'one trace'
# Where a loop is stopped depends on the machine: those are not compared, nor is one with one that ended.
script 'local n = 0 while true do n = n + 1 if n % 100000 == 0 then print(n) end end'
run 'check of a loop' 3 "$DRYWIRE" check --watchdog 100ms t.lua
run 'test of a loop' 3 "$DRYWIRE" test --watchdog 100ms t.lua
cat >t.lua <<'L'
local done = io.open("done")
if not done then io.open("done", "w"):close() while true do end end
L
run 'check of a loop in one run' 3 "$DRYWIRE" check --watchdog 100ms t.lua
says 'was stopped, so there is nothing to compare'
rm -f done
run 'test of a loop in one run' 3 "$DRYWIRE" test --watchdog 100ms t.lua

# With few descriptors: it works, or says why not.
printf 'print "here"\n' >few.lua
for n in 4 5 6 7 8 12 16 20 24 28; do
    for command in test check; do
        name="$command with $n descriptors"
        (ulimit -n $n && exec "$DRYWIRE" $command few.lua) >out 2>err
        code=$?
        grep -q 'loading shared libraries' err && continue
        [ $code = 0 ] && [ $n -gt 16 ] && continue
        [ $code = 2 ] || fail "$name: exit code $code"
        says "drywire $command: too many open files"
    done
done

# What was caught is over; what is raised again means what it did.
limited='local sim, client = dw.pair { max_events = 1 } client:spawn(function() client:sleep "1s" end)'
ends 'an assertion after a limit' 1 't.lua:3: no' "$limited pcall(sim.run, sim)
assert(false, 't.lua:3: no')"
ends 'an error after a limit' 2 't.lua:3: boom' "$limited pcall(sim.run, sim)
error 'boom'"
ends 'a limit raised again' 3 'max_events 1 reached' "$limited local _, why = pcall(sim.run, sim) error(why, 0)"
ends 'a limit through assert' 3 'max_events 1 reached' "$limited assert(pcall(sim.run, sim))"
ends 'a limit after an assertion' 3 'max_events 1 reached' "$limited pcall(assert, false) sim:run()"
ends 'an assertion after a plugin' 1 'assertion failed' 'pcall(dw.load, "nothing.so") assert(false)'
ends 'an error after a plugin' 2 'boom' 'pcall(dw.load, "nothing.so") error "boom"'
ends 'a plugin' 4 'cannot load plugin' 'pcall(assert, false) dw.load "nothing.so"'

# A simulation that is over stays so.
DRYWIRE=$fast ends 'livelock in steps' 3 'livelock: a million events' "$pair
client:spawn(function() while true do client:sleep '0s' end end)
while sim:step() do end"
DRYWIRE=$fast ends 'livelock in pauses' 3 'livelock: a million events' "$pair
client:spawn(function() while true do client:sleep '0s' end end)
while sim:until_(function() return true end) do end"
ends 'max_events in steps' 3 'max_events 7 reached' 'local sim, client = dw.pair { max_events = 7 }
client:spawn(function() while true do client:sleep "1s" end end)
while sim:step() do end'
ends 'trace_limit in steps' 3 'trace_limit 64 KiB reached' 'local sim, client, server = dw.pair { trace_limit = "64KiB" }
client:spawn(function() while true do client:connect(server, 80) end end)
while sim:step() do end'
for limit in 'trace_limit = "64KiB"' 'max_events = 100'; do
    script "local sim, client, server, link = dw.pair { $limit, delay = '20ms' }
client:spawn(function() while true do client:connect(server, 80) end end)
local _, why = pcall(sim.run, sim)
local digest, now, n = sim.trace:hash(), sim:now(), sim.trace:count()
for _ = 1, 1000 do
  local ok, again = pcall(sim.run, sim)
  assert(not ok and again:match 'max.*' == why:match 'max.*' and again:match 'trace.*' == why:match 'trace.*', again)
  assert(not pcall(sim.step, sim))
end
assert(sim:now() == now and sim.trace:hash() == digest and sim.trace:count() == n, 'it went on')
for _, call in ipairs { function() sim:host 'more' end, function() link:down() end, function() link:set { delay = '1ms' } end } do
  local ok, refused = pcall(call)
  assert(not ok and refused:find('reached', 1, true), refused)
end
sim:run()"
    run "again after $limit" 3 "$DRYWIRE" run -q t.lua
    says 't.lua:16: '
done

# trace_limit holds for what is traced outside of a run, and within one event; the call says so.
outside() { ends "$1" 3 't.lua:4: ' "local sim, client, server, link = dw.pair { trace_limit = '64KiB' } sim:run '1s'
for i = 1, 1000000 do
$2
end"; says 'trace_limit 64 KiB reached'; }
outside 'links outside of a run' 'link:down() link:up()'
outside 'links that are set' 'link:set { delay = "1ms" }'
outside 'crashes' 'client:crash()'
outside 'hosts' 'sim:host("h" .. i)'
outside 'listeners' 'client:listen(i % 65535 + 1):close()'
ends 'within one event' 3 'trace_limit 64 KiB reached' "local sim, client, server, link = dw.pair { trace_limit = '64KiB' }
sim:after('1s', function() for i = 1, 100000 do link:down() link:up() end end)
sim:run()"
ends 'another simulation, within an event' 3 'trace_limit 64 KiB reached' "local sim = dw.pair()
local _, _, _, link = dw.pair { trace_limit = '64KiB' }
sim:after('1s', function() for i = 1, 100000 do link:down() link:up() end end)
sim:run()"
script "local sim, client, server, link = dw.pair { trace_limit = '64KiB', trace = 'digest' }
for i = 1, 10000 do link:down() link:up() end"
run 'what is not kept' 0 "$DRYWIRE" run -q t.lua

# The watchdog: only the events of simulations are progress.
loop() {
    script "$pair
client:spawn(hello) sim:run()
$2"
    run "$1" 3 timeout 60 "$DRYWIRE" run -q --watchdog 200ms t.lua
    says 'without getting on; is there an endless loop?'
}
loop 'queries' 'while true do sim.trace:count { when = function() return true end } end'
loop 'expectations' 'while true do dw.expect(sim):never { when = function() return false end } end'
loop 'pictures' 'while true do sim.trace:svg() end'
loop 'ladders' 'while true do sim.trace:ladder() end'
loop 'queries in queries' 'local function ask(n) return sim.trace:count { when = function() return n > 0 and ask(n - 1) > 0 end } end ask(40)'
loop 'a predicate' 'sim.trace:count { when = function() while true do end end }'
# Left by a jump, with what the query had in its hands.
ASAN_OPTIONS=detect_leaks=0 loop 'a pattern in a predicate' 'sim.trace:count { when = function() return string.find(("a"):rep(60), ("a*"):rep(60) .. "b") end }'
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n' >x.pkt
loop 'drills' 'while true do pcall(dw.drill, "x.pkt") end'
loop 'runs of what is over' "while true do pcall(function() $limited sim:run() sim:run() end) break end $limited while true do pcall(sim.run, sim) end"
loop 'simulations without events' 'while true do dw.sim():close() end'
# A query ends at the first error of its predicate, though it asks itself.
ends 'a query that asks itself' 2 'stack overflow' "$pair
local function ask() return sim.trace:count { when = ask } > 0 end
link:drop { when = ask }
client:spawn(hello) sim:run()"
script "$pair
client:spawn(hello) sim:run()
local n = 0
assert(not pcall(function() sim.trace:count { when = function() n = n + 1 error 'no' end } end))
assert(n == 1, n)"
run 'predicates after an error' 0 "$DRYWIRE" run -q t.lua
# One query or picture that takes long is no loop, nor are many simulations.
script "$pair
for i = 1, 400 do client:spawn(hello) end sim:run()
local function slow() local n = 0 for i = 1, 4000 do n = n + i end return n > 0 end
sim.trace:count { when = slow }"
run 'a long query' 0 "$DRYWIRE" run -q --watchdog 100ms t.lua
script "for i = 1, 1000 do
$pair
client:spawn(hello) sim:run() sim:close()
end"
run 'many simulations' 0 "$DRYWIRE" run -q --watchdog 100ms t.lua

# What drywire test reports is not the script's to change.
forever='setmetatable({}, { __index = function() while true do end end })'
script "dw.covered = $forever dw.cases = $forever package.loaded.drywire = $forever
dw.test('a', function() dw.covers 'MUST-1' end) dw.test('b', function() assert(false, 'b fails') end)"
run 'its tables replaced' 1 timeout 60 "$DRYWIRE" test t.lua
prints '    ok 1 - a'
prints '    not ok 2 - b'
script "xpcall = function() return true end
dw.test('b', function() assert(false, 'b fails') end)
for i = #dw.cases, 1, -1 do dw.cases[i] = nil end
rawset(dw, 'cases', nil) package.loaded.drywire = nil"
run 'a case removed' 1 timeout 60 "$DRYWIRE" test t.lua
prints '    not ok 1 - b'
script "dw.test('b', function() dw.cases[1].ok = true assert(false, 'b fails') end) dw.cases[1].ok = true"
run 'a case told otherwise' 1 timeout 60 "$DRYWIRE" test t.lua
script "dw.test('a', function() end) dw.test('b', function() string.find(('a'):rep(60), ('a*'):rep(60) .. 'b') end)"
run 'cases of a script that is left' 3 timeout 60 "$DRYWIRE" test --watchdog 100ms t.lua
prints '    ok 1 - a'
prints '    not ok 2 - b'

finish
