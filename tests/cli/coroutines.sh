#!/bin/bash
# A coroutine that waits for simulated time is drywire's: nobody else resumes or closes it.  A finalizer
# of a stock lua5.4 cannot reach into the middle of a call.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
preload=$(asan_library)

# A program on each side; `co` is the client's, which sleeps a second; `use` fills what was freed.
pair='local sim, client, server = dw.pair { delay = "20ms" }
local co
local function use() local t = {} for i = 1, 100 do t[i] = ("x"):rep(i) end assert(select("#", table.unpack(t)) == 100) end
local function closes(fn) return setmetatable({}, { __close = fn }) end
local function program(fn) client:spawn(function() co = coroutine.running() fn() end) end
local function try(fn, ...) print(select(2, pcall(fn, ...))) end'
# on CODE TEXT: run it below these lines, in the command.
on() {
    script "$pair
$2"
    run "$2" "$1" timeout 60 "$DRYWIRE" run -q t.lua
}
# gives TEXT SCRIPT: it passes and prints this.
gives() {
    on 0 "$2"
    prints "$1"
}

# A program's own coroutine, by another program, by a callback, by the main chunk between runs.
waits='this coroutine waits for simulated time in host:sleep (t.lua:8); only the simulation goes on with it'
sleeps='program(function() client:sleep "1s" assert(sim:now() == 1) use() end)'
for call in coroutine.resume coroutine.close; do
    on 2 "$sleeps
        server:spawn(function() server:sleep '500ms' $call(co) end) sim:run()"
    says "t.lua:9: $waits"
    on 2 "$sleeps
        sim:at('500ms', function() $call(co) end) sim:run()"
    says "t.lua:9: $waits"
    on 2 "$sleeps
        sim:run '500ms' $call(co)"
    says "t.lua:9: $waits"
    gives "$waits" "$sleeps
        sim:at('500ms', function() try($call, co) use() end) sim:run()"
    # What the waiting program would have done to itself.
    for what in 'client:crash()' 'sim:close()' 'sim:run()'; do
        on 2 "program(function() local x <close> = closes(function() pcall(function() $what end) use() end)
            client:sleep '1s' pcall(function() $what end) use() end)
            sim:run '500ms' $call(co)"
        says 't.lua:10: this coroutine waits for simulated time in host:sleep (t.lua:9)'
    done
done
# Another simulation's, and one in the middle of a <close> variable.
gives "$waits" "$sleeps local other, host = dw.pair {} sim:run '500ms' host:spawn(function() try(coroutine.resume, co) end) other:run() sim:run()"
gives 'cannot close a running coroutine' 'program(function() local x <close> = closes(function() try(coroutine.close, co) use() end) client:sleep "1s" end)
    sim:run "500ms" sim:close()'
gives 'cannot resume non-suspended coroutine' 'program(function() local x <close> = closes(function() print(coroutine.wrap(function() return coroutine.resume(co) end)()) use() end)
    client:sleep "1s" end) sim:at("500ms", function() client:crash() end) sim:run()'
gives 'this coroutine waits for simulated time in host:sleep' 'local first
    client:spawn(function() local x <close> = closes(function() try(coroutine.close, co) use() end) client:sleep "1s" end)
    program(function() client:sleep "1s" end) sim:at("500ms", function() client:crash() end) sim:run()'
gives 'dead' "$sleeps sim:run '500ms' sim:close() print(coroutine.status(co))"
gives 'cannot resume dead coroutine' "$sleeps sim:run '500ms' sim:close() print(coroutine.resume(co))"
gives 'true' "$sleeps sim:run() print(coroutine.close(co))"

# A program's generators, however deep.
generator='local g = coroutine.create(function() client:sleep "1s" assert(sim:now() == 1) coroutine.yield "done" end)
    local outer = coroutine.wrap(function() return select(2, coroutine.resume(g)) end)
    client:spawn(function() assert(outer() == "done") end)'
deep='this coroutine waits for simulated time in host:sleep (t.lua:8)'
for call in 'coroutine.resume, g' 'coroutine.close, g' outer; do
    gives "$deep" "$generator
        client:spawn(function() client:sleep '500ms' try($call) end) sim:run()"
    gives "$deep" "$generator
        sim:run '500ms' try($call) sim:run()"
done
gives 'suspended	true	true	dead' "$generator
    sim:run() print(coroutine.status(g), coroutine.close(g), coroutine.close(g), coroutine.status(g))"
gives 'true	7' 'local g = coroutine.create(function() client:sleep "1s" coroutine.yield(7) end)
    client:spawn(function() print(coroutine.resume(g)) end) sim:run()'
# What a program leaves behind is nobody's: it can be closed, and its variables end.
left='local g = coroutine.create(function() local x <close> = closes(function() print "closed" end) client:sleep "1s" end)
    client:spawn(function() coroutine.resume(g) end) sim:at("500ms", function() client:crash() end) sim:run()'
gives 'its program has gone on without it; it can only be closed' "$left try(coroutine.resume, g)"
gives 'closed' "$left print(coroutine.close(g), coroutine.status(g))"
gives 'closed' "$left sim:close() print(coroutine.close(g), coroutine.status(g))"

# So is one that C's stack has no room for any more.
gives 'C stack overflow' 'local lost
    local function nest(n) if n == 0 then client:sleep "1s" return end
      local co = coroutine.create(nest) local ok, why = coroutine.resume(co, n - 1)
      if not ok then lost = co print(why) end end
    local function deep(n) if n == 0 then sim:run() else coroutine.wrap(deep)(n - 1) end end
    client:spawn(nest, 150) sim:run "500ms" deep(100)
    try(coroutine.resume, lost)'
prints 'it can only be closed'

# One that runs, as in stock Lua.
same() {
    script "$1"
    run "$1" 0 "$DRYWIRE" run -q t.lua
    sed 's/^local dw.*//' t.lua >s.lua
    diff <("$LUA" s.lua 2>&1 | sed 's/s\.lua/t.lua/g') out >differs || fail "$1: $(cat differs)"
}
same 'print(coroutine.resume(coroutine.running()))'
same 'local co co = coroutine.create(function() print(coroutine.resume(co)) return 1 end) print(coroutine.resume(co))'
same 'local co co = coroutine.create(function() print(coroutine.wrap(function() return coroutine.resume(co) end)()) end) print(coroutine.resume(co))'
same 'local w w = coroutine.wrap(function() local x <close> = setmetatable({}, { __close = function() print "closed" end })
print(pcall(w)) print(#table.pack(string.byte(("x"):rep(100), 1, -1))) return 5 end) print(w()) print(pcall(w))'
same 'local main = coroutine.running() print(coroutine.wrap(function() return coroutine.resume(main) end)())'
same 'print(pcall(coroutine.wrap(function() local x <close> = setmetatable({}, { __close = function() error "second" end }) error "first" end)))'

# A wait that cannot happen leaves nothing behind.
gives 'nil	closed' 'local l = server:listen(80)
    server:spawn(function()
      local g = coroutine.create(function() server:sleep "1s" end)
      local ok, why = pcall(table.sort, { 1, 2 }, function(a, b) assert(coroutine.resume(g)) return a < b end)
      assert(not ok and why:find "inside a callback of another function", why)
      print(l:accept())
    end) sim:at("3s", function() l:close() end) sim:run()'

# A program that is woken outside a run, and there closes the simulation, or wakes many others.
gives 'sim:close() cannot be called' 'local l = server:listen(80)
    server:spawn(function() l:accept() try(sim.close, sim) use() end) sim:run() l:close() use()'
(
    ulimit -s 1024
    gives '100	5000' 'local l, n = {}, 0
    for i = 1, 5000 do
      l[i] = client:listen(i)
      client:spawn(function() pcall(l[i].accept, l[i]) n = n + 1 if l[i + 1] then l[i + 1]:close() end end)
    end
    sim:run() l[1]:close() local before = n sim:run() print(before, n)'
    exit $failures
)
failures=$?

# In a stock Lua: functions of before require, and finalizers.
# stock TEXT SCRIPT: it passes there and prints this.
stock() {
    printf '%s\n' "$2" >t.lua
    run "$2" 0 env "LD_PRELOAD=$preload" ASAN_OPTIONS=detect_leaks=0 "LUA_CPATH=$MODULE_DIR/?.so" "$LUA" t.lua
    prints "$1"
}
early='local resume, close = coroutine.resume, coroutine.close
local dw = require "drywire"
'"$pair"
stock 'has resumed' "$early
    program(function() client:sleep '1s' client:crash() use() client:sleep '1s' end)
    server:spawn(function() server:sleep '500ms' print(resume(co)) end) try(sim.run, sim)"
stock 'has resumed' "$early
    local g = coroutine.create(function() client:sleep '1s' end) client:spawn(function() print(resume(g)) end) sim:run()"
stock 'true' "$early
    program(function() local x <close> = closes(function() pcall(sim.run, sim) use() end) client:sleep '1s' end)
    sim:run '500ms' print(close(co)) try(sim.run, sim) sim:close()"
finalizer='a finalizer (__gc) cannot use a simulation'
for call in 'sim:now()' 'sim.trace:packets()' 'sim:at("1s", print)' 'client:conn()' 'client:on_state("CLOSED", print)' \
    'client:spawn(print)' 'link:drop {}' 'server:listen(81)' 'sim:run()' 'sim:close()' 'dw.expect(client)' \
    'sim:random "x":integer(1, 2)' 'coroutine.wrap(function() return sim:now() end)()'; do
    for stop in '' 'collectgarbage "stop"'; do
        stock "$finalizer" "local dw = require 'drywire'
            do
              local sim, client, server, link = dw.pair {}
              setmetatable({}, { __gc = function() print(pcall(function() return $call end)) end })
            end
            dw.sim {} $stop
            collectgarbage() collectgarbage() collectgarbage 'restart' print(dw.sim():now())"
    done
done
# One that closes what a call holds; one that brings back what is about to be collected.
stock 'true' 'local dw = require "drywire"
    collectgarbage "generational"
    for _ = 1, 4 do
      local sim, client = dw.pair {}
      setmetatable({}, { __gc = function() sim:close() end })
      for i = 1, 2000 do client:spawn(print) client:on_state("CLOSED", print) sim:host("h" .. i) client:drop {} end
    end
    print(true)'
stock 'its simulation is closed' 'local dw = require "drywire"
    local sim, client
    collectgarbage() collectgarbage "stop" -- one cycle finds them all
    do
      local s, c = dw.pair {}
      for _ = 1, 5000 do setmetatable({}, { __gc = function() end }) end -- ends between the two
      setmetatable({}, { __gc = function() sim, client = s, c end })
    end
    dw.sim {} collectgarbage "restart"
    collectgarbage("incremental", 200, 100, 2) -- in the smallest steps
    while not sim do collectgarbage("step", 0) end
    assert(tostring(sim) == "sim (seed 1)")
    print(pcall(client.on_state, client, "CLOSED", print)) print(pcall(sim.run, sim))'
finish
