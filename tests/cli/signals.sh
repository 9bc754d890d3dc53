#!/bin/bash
# A script ends when it has to, wherever it is, with what was traced so far: the watchdog, signals,
# os.exit, limits on memory.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
pair='local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
server:serve(80, function(conn) for _ in conn:chunks() do end conn:close() end)
client:spawn(function()
  local conn = client:connect("server", 80)
  conn:send "one" client:sleep "1s" conn:send "two" conn:close()
end)'

# written FILE: the run left a capture.
written() { [ -s "$1" ] || fail "$name: what was traced is not written"; }

# loop NAME TEXT: after the simulation's first 50 ms, or in its callbacks, this does not get on.
loop() {
    printf '%s\n%s\n' "$pair" "$2" >"loop-$1.lua"
    rm -f loop.pcapng
    run "$1" 3 timeout 30 "$DRYWIRE" run -q --watchdog 100ms --pcap loop.pcapng "loop-$1.lua"
    says "loop-$1.lua:8: the script has been running for 100ms without getting on; is there an endless loop? (--watchdog sets the time)"
    written loop.pcapng
}
forever='while true do end'
closes="setmetatable({}, { __close = function() $forever end })"
loop main 'sim:run "50ms" while true do end'
loop goto 'sim:run "50ms" ::again:: goto again'
loop pcall "sim:run '50ms' while true do pcall(function() $forever end) end"
loop xpcall "sim:run '50ms' while true do xpcall(function() $forever end, function() $forever end) end"
loop run 'sim:run "50ms" while true do pcall(sim.run, sim, "0s") end'
loop resume "sim:run '50ms' while true do coroutine.resume(coroutine.create(function() $forever end)) end"
loop wrap "sim:run '50ms' coroutine.wrap(function() while true do pcall(function() $forever end) end end)()"
loop close "sim:run '50ms' local co = coroutine.create(function() local x <close> = $closes coroutine.yield() end) coroutine.resume(co) coroutine.close(co)"
loop gsub "sim:run '50ms'; (\"x\"):gsub('x', function() $forever end)"
loop sort "sim:run '50ms' table.sort({ 3, 2, 1 }, function() $forever end)"
loop metamethod "sim:run '50ms' local t = setmetatable({}, { __index = function() $forever end }) print(t.x)"
loop when "link:drop { has_data = true, nth = 2, when = function() $forever end } sim:run()"
loop intercept "link:intercept({ has_data = true }, function() while true do pcall(function() $forever end) end end) sim:run()"
loop on_state "client:on_state('ESTABLISHED', function() $forever end) sim:run()"
loop after "sim:after('45ms', function() $forever end) sim:run()"
loop invariant "sim:invariant('x', function() if sim:now() > 0.04 then $forever end end) sim:run()"
loop until_ "sim:until_(function() if sim:now() > 0.04 then $forever end end)"
loop program "client:spawn(function() client:sleep '45ms' $forever end) sim:run()"
loop generator "client:spawn(function() client:sleep '45ms' for _ in coroutine.wrap(function() $forever end) do end end) sim:run()"
loop end-of-program "client:spawn(function() local x <close> = $closes client:sleep '45ms' $forever end) sim:run()"
loop end-of-host "client:spawn(function() local x <close> = $closes client:sleep '9s' end) sim:at('45ms', function() client:crash() end) sim:run()"
# A C function of Lua that does not return.
loop pattern 'sim:run "50ms" string.find(("a"):rep(60), ("a*"):rep(60) .. "b")'
loop pattern-in-when 'link:drop { has_data = true, nth = 2, when = function() return string.find(("a"):rep(60), ("a*"):rep(60) .. "b") end } sim:run()'

# The <close> variables of a failed wrap, which are not left by a jump from the signal handler.
printf '%s\n' "$pair" 'client:spawn(function()' '  coroutine.wrap(function()' '    local x <close> =' \
    "      $closes" '    error "boo"' '  end)()' 'end)' 'sim:run()' >loop-wrap.lua
run 'a <close> loop in a failed wrap' 3 timeout 30 "$DRYWIRE" run -q --watchdog 100ms loop-wrap.lua
says 'loop-wrap.lua:11: the script has been running for 100ms without getting on'

# An alarm leaves the script's variables alone: some forty of them here.
cat >alarms.lua <<'L'
local dw = require "drywire"
local sim = dw.sim { limit = "24h", trace = "digest" }
local function power(n) local p = 1 while p * 10 <= n do p = p * 10 end return p end
local function work()
  local sum = 0
  for k = 1, 3000 do sum = sum + math.floor(k * 0.5) + power(k) % 7 end
  assert(sum == 2264085, sum)
  if sim:now() < tonumber(dw.param("seconds", "2")) then sim:after("1ms", work) end
end
sim:at("0s", work)
sim:run()
L
run 'alarms' 0 "$DRYWIRE" run -q --watchdog 100ms alarms.lua

# Much to simulate, and no Lua in it, is no loop; nor is what the script does after that.
cat >busy.lua <<'L'
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "1ms", limit = "24h", trace = "digest", tcp = { rto_min = "1us", rto_max = "1us" } }
server:serve(80, function(conn) server:sleep "100s" conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  link:down()
  conn:send "hello" -- again each microsecond
end)
sim:run "0.5s"
for _ = 1, 1000 do math.floor(1.5) end
L
run 'much to simulate' 0 "$DRYWIRE" run -q --watchdog 100ms busy.lua

# Signals.  While it runs, in a callback that loops, while it waits for input.
cat >long.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", limit = "24h" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() client:connect("server", 80):close() end)
sim:run "1s"
io.stderr:write "ready\n"
while arg[1] == "print" do print "more" end
if arg[1] == "pcall" then while true do pcall(function() while true do end end) end end
if arg[1] == "pattern" then string.find(("a"):rep(60), ("a*"):rep(60) .. "b") end
client:spawn(function() while true do client:sleep "1us" end end) sim:run()
L
# ended SIGNAL CODE SAYS ARGUMENT: send it once it runs.
ended() {
    name="$1, $4"
    rm -f end.pcapng end.jsonl end.svg err
    "$DRYWIRE" run --pcap end.pcapng --jsonl end.jsonl --svg end.svg long.lua -- "$4" >out 2>err &
    pid=$!
    for _ in $(seq 200); do grep -qs ready err && break; sleep 0.05; done
    kill -s "$1" $pid
    wait $pid
    code=$?
    [ $code = "$2" ] || fail "$name: exit code $code, expected $2"
    says "$3"
    prints INTERRUPTED
    for file in end.pcapng end.jsonl end.svg; do written $file; done
}
ended INT 130 'long.lua:10: interrupted' run
ended TERM 143 'long.lua:10: ended by SIGTERM' run
ended HUP 129 'long.lua:10: ended by SIGHUP' run
ended TERM 143 'long.lua:8: ended by SIGTERM' pcall
ended INT 130 'long.lua:9: interrupted' pattern
name='nobody reads'
rm -f end.pcapng
"$DRYWIRE" run --pcap end.pcapng long.lua -- print 2>err | head -1 >out
[ "${PIPESTATUS[0]}" = 141 ] || fail 'a broken pipe does not give 141'
grep -v '^ready$' err | grep . && fail "$name: it is no news, as with other commands"
written end.pcapng

# A write that waits for a reader, when a signal comes, is no full disk.
script 'while true do print(("x"):rep(1000)) end'
mkfifo "$work/full"
{ sleep 1; cat >/dev/null; } <"$work/full" &
"$DRYWIRE" run "$work/t.lua" >"$work/full" 2>"$work/err" &
pid=$!
sleep 0.5
kill -TERM $pid
wait $pid
[ $? = 143 ] || fail 'a write that waits: not 143'
says 'ended by SIGTERM'
grep -q 'disk' "$work/err" && fail 'a signal is told as a full disk'
wait
name='stopped for a while'
rm err
"$DRYWIRE" run -q --watchdog 200ms long.lua -- run >out 2>err &
pid=$!
for _ in $(seq 200); do grep -qs ready err && break; sleep 0.05; done
kill -STOP $pid; sleep 0.6; kill -CONT $pid; sleep 0.3; kill -INT $pid
wait $pid
[ $? = 130 ] || fail 'a process that was stopped is taken for a loop'

# The workers of test are ended, too; what has run is reported.
mkdir many
cp alarms.lua many/1.lua
cp long.lua many/2.lua
"$DRYWIRE" test --junit many.xml --set seconds=0 many >out 2>err &
pid=$!
for _ in $(seq 200); do grep -q '^ok 1' out && break; sleep 0.05; done
sleep 0.3
kill -TERM $pid
wait $pid
[ $? = 143 ] || fail 'drywire test: exit code when ended'
name='test, ended'
prints 'not ok 2 - many/2.lua'
prints 'ended by SIGTERM'
[ "$(xmllint --xpath 'count(//testcase)' many.xml)" = 2 ] || fail 'the JUnit report of an ended test is not whole'

# drill: what has run is reported, whatever waits; a script that is ended leaves its trace, no record.
mkdir scripts
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n' >scripts/1.pkt
mkfifo scripts/2.pkt
cp scripts/1.pkt scripts/3.pkt
cat >repeat.pkt <<'P'
// drywire: profile=rfc9293 rto_min=1us rto_max=1us
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32000 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+.1 < . 1:1(0) ack 1 win 32000
+0 accept(3, ..., ...) = 4
+0 write(4, ..., 10) = 10
+3000 close(4) = 0
P
# drilled SIGNAL CODE ARGUMENT...: it is sent half a second later; false: the machine was faster.
drilled() {
    local signal=$1 expected=$2
    name="drill, $1"
    shift 2
    "$DRYWIRE" drill "$@" >out 2>err &
    pid=$!
    sleep 0.5
    kill -s "$signal" $pid
    wait $pid
    code=$?
    grep -q 'max_events' out && return 1
    [ $code = "$expected" ] || fail "$name: exit code $code, expected $expected"
}
for end in 'INT 130' 'TERM 143' 'HUP 129'; do
    rm -f many.xml
    drilled $end --junit many.xml scripts
    prints 'ok 1 - scripts/1.pkt'
    prints 'not ok 2 - scripts/2.pkt'
    prints 'a signal ended it before it was through'
    prints '# not begun: 1'
    prints '1..2'
    [ "$(xmllint --xpath 'count(//testcase)' many.xml)" = 2 ] &&
        [ "$(xmllint --xpath 'count(//error)' many.xml)" = 1 ] || fail "$name: the JUnit report is not whole"
    rm -f end.jsonl
    drilled $end -q --jsonl end.jsonl --record end.pkt repeat.pkt || continue
    prints 'not ok 1 - repeat.pkt'
    prints '1..1'
    written end.jsonl
    [ -e end.pkt ] && fail "$name: half a record is there"
done

# os.exit: its code, and the outputs.
# exits NAME CODE TEXT
exits() {
    printf '%s\n%s\n' "$pair" "$3" >"exit.lua"
    rm -f exit.pcapng
    run "os.exit, $1" "$2" "$DRYWIRE" run --pcap exit.pcapng exit.lua
    written exit.pcapng
}
exits 'at the end' 0 'sim:run() os.exit(0)'
exits 'with a code' 7 'sim:run() os.exit(7)'
says 'exit.lua:8: os.exit(7)'
exits 'false' 1 'sim:run() os.exit(false, true)'
exits 'in a program' 5 'client:spawn(function() client:sleep "45ms" pcall(os.exit, 5) end) sim:run()'
exits 'in a callback' 6 'sim:at("45ms", function() os.exit(6, true) end) sim:run()'
exits 'in a predicate' 0 'link:drop { has_data = true, when = function() os.exit(true, true) end } sim:run()'
exits 'in a generator' 4 'sim:run "50ms" coroutine.wrap(function() pcall(coroutine.wrap(function() os.exit(4) end)) end)()'
exits 'with no code' 2 'sim:run "50ms" os.exit(256)'
says 'exit.lua:8: os.exit: an exit code is from 0 to 255, not 256'
printf 'os.exit(0)\n' >0.lua
printf 'os.exit(3)\n' >3.lua
printf 'require("drywire").test("a case", function() os.exit(0) end)\n' >case.lua
run 'test, os.exit(0)' 0 "$DRYWIRE" test 0.lua
run 'test, os.exit(3)' 1 "$DRYWIRE" test 3.lua
prints 'os.exit(3)'
run 'test, os.exit(0) in a case' 1 "$DRYWIRE" test case.lua
prints 'os.exit(0) ended it'
printf '%s\n' 'local dw = require "drywire"' 'local sim, client = dw.pair {}' \
    'client:spawn(function() dw.test("asleep", function() client:sleep(math.huge) end) end) sim:run()' \
    'coroutine.wrap(function() dw.test("left", function() coroutine.yield() error "never" end) end)()' >left.lua
run 'test, cases whose coroutine never ends' 1 "$DRYWIRE" test left.lua
prints 'it did not end: the coroutine that ran it was left where it waits'
grep -q 'os.exit' out && fail "a case that was left is told as one that os.exit ended: $(cat out)"
preload=$(asan_library)
stock() { LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=0 LUA_CPATH="$MODULE_DIR/?.so" "$LUA" "$@"; }
printf '%s\n%s\n' "$pair" 'sim:at("45ms", function() os.exit(6, true) end) sim:run()' >exit.lua
run 'os.exit in a stock Lua' 6 stock exit.lua

# Memory: whatever the script has the process hold.
# bomb NAME SENTENCE TEXT
bomb() {
    printf '%s\n%s\n' "$pair" "$3" >bomb.lua
    run "memory, $1" 3 "$DRYWIRE" run -q --memory 8MiB bomb.lua
    says "$2"
}
limit='the script has reached its memory limit of 8 MiB (--memory raises it)'
bomb tables "bomb.lua:8: $limit" 'local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end'
bomb 'one string' "$limit" 'local s = ("x"):rep(1 << 30)'
bomb 'in a callback' "bomb.lua:8: $limit" 'sim:after("1ms", function() local t = {} while true do t[#t + 1] = {} end end) sim:run()'
bomb injected "bomb.lua:8: $limit" 'local data = ("x"):rep(60000) while true do link:inject { from = client, to = server, at = "1s", port = 1, to_port = 2, seq = 0, data = data } end'
bomb 'packets without data' "bomb.lua:8: $limit" 'while true do link:inject { from = client, to = server, at = "1s", port = 1, to_port = 2, seq = 0 } end'
bomb 'without Lua' "$limit" 'client:spawn(function() local c = client:connect(server, 80) end) link:set { duplicate = "100%" } sim:at("1s", function() local d = ("x"):rep(6000000) client:spawn(function() client:connect(server, 80):send(d) end) client:spawn(function() client:connect(server, 80):send(d) end) end) sim:run()'
printf 'print(1)\n' >small.lua
{ printf 'local s = [['; head -c 2000000 /dev/zero | tr '\0' a; printf ']]\n'; } >large.lua
truncate -s 1G sparse.lua
run 'less memory than Lua' 3 "$DRYWIRE" run --memory 1kB small.lua
says 'the script has reached its memory limit of 1000 B (--memory raises it)'
run 'less memory than the script' 3 "$DRYWIRE" run --memory 1MB large.lua
says 'memory limit of 976 KiB'
run 'an endless script' 3 "$DRYWIRE" run --memory 16MiB /dev/zero
says 'memory limit of 16 MiB'
run 'a large script' 3 "$DRYWIRE" run --memory 16MiB sparse.lua
run 'repl, an endless script' 2 "$DRYWIRE" repl -q --memory 16MiB /dev/zero
# What is garbage does not count, and callbacks that were called let go of their records.
cat >garbage.lua <<'L'
local dw = require "drywire"
local sim = dw.sim { limit = "24h" }
local n = 0
local function tick() n = n + 1 if n < 100000 then sim:after("1us", tick) end end
tick()
sim:run()
for i = 1, 200 do local s = ("x"):rep(1000000 + i) end
L
run 'garbage' 0 "$DRYWIRE" run -q --memory 4MiB garbage.lua

# A trace's limit holds for the payload that it keeps, however large the packets are.
cat >payload.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "1ms", rate = "10Gbps", mtu = 65535, trace_limit = "8MiB", buffer = "1MiB" }
server:serve(80, function(conn) for _ in conn:chunks() do end conn:close() end)
client:spawn(function() local conn = client:connect(server, 80) for i = 1, 100 do conn:send(("x"):rep(1000000) .. i) end conn:close() end)
sim:run()
L
run 'trace_limit' 3 "$DRYWIRE" run -q payload.lua
says 'trace_limit 8 MiB reached'

# What lies past the end of time is never: sleeping, waiting and delaying for so long is no error.
cat >never.lua <<'L'
local dw = require "drywire"
local longest = 9223372036
local sim, client, server, link = dw.pair { delay = "20ms" }
local ended = {}
server:serve(80, function(conn) conn:recv_all() conn:close { linger = "106751d" } ended[#ended + 1] = "server" end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { timeout = "106751d" }))
  conn:send "hello"
  conn:drain(longest)
  conn:close()
  ended[#ended + 1] = "client"
  client:sleep(longest)
  error "it slept for ever"
end)
client:spawn(function() client:sleep(math.huge) end)
client:spawn(function() client:sleep "1s" client:listen(81):accept(longest) end)
sim:at("1s", function() sim:after(longest, error) sim:after(math.huge, error) end)
sim:run "2s"
sim:run(longest)
sim:until_(function() end, longest)
table.sort(ended)
assert(table.concat(ended, " ") == "client server")
sim:run()
L
run 'for ever' 0 "$DRYWIRE" run -q never.lua
cat >delays.lua <<'L'
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "106751d", jitter = "106751d", reorder = "50%", reorder_delay = "106751d", rate = "1bps", limit = "10s" }
link:delay { flags = "SYN", nth = 2, by = "106751d" }
client:spawn(function() client:sleep "1s" client:connect(server, 80) end)
sim:run()
L
run 'packets that never arrive' 3 "$DRYWIRE" run -q delays.lua
says 'limit 10s reached'

# Outside of the script one signal is enough, too: where a file has no reader, where nobody takes the
# ladder, which comes after the files.
# stuck PIPE_READER COMMAND...: it is told to end when it waits; within ten seconds it has.
printf '%s\nclient:spawn(function() for _ = 1, 400 do client:connect("server", 81) end end)\nsim:run()\n' "$pair" >long.lua
mkfifo nobody
stuck() {
    "$DRYWIRE" "$@" 2>err &
    pid=$!
    for _ in $(seq 100); do
        grep -q 'pipe_w\|fifo\|wait_for_partner' "/proc/$pid/wchan" 2>/dev/null && break
        sleep 0.1
    done
    sleep 0.5
    kill -TERM $pid
    for _ in $(seq 100); do
        kill -0 $pid 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL $pid 2>/dev/null && fail "$name: one SIGTERM does not end it"
    wait $pid
    code=$?
    [ "$code" = 143 ] || fail "$name: exit code $code"
}
name='a file without a reader'
stuck run -q --jsonl nobody --pcap after.pcapng long.lua >out
written after.pcapng
says 'cannot write nobody: Interrupted system call'
name='a ladder without a reader'
sleep 60 <nobody &
sleeper=$!
stuck run --ladder --jsonl stuck.jsonl --svg stuck.svg long.lua >nobody
kill $sleeper
"$DRYWIRE" trace stuck.jsonl >out || fail "$name: no whole trace"
grep -q '</svg>' stuck.svg || fail "$name: no picture"
mkfifo piped.lua
cat long.lua >piped.lua &
run 'a script from a pipe is read once' 0 timeout 30 "$DRYWIRE" run -q --svg piped.svg piped.lua
written piped.svg

# Assertions with anything as their message.
printf 'assert(false, {})\n' >assert.lua
run 'assert(false, {})' 1 "$DRYWIRE" run assert.lua
printf 'assert(nil, nil)\n' >assert.lua
run 'assert(nil, nil)' 1 "$DRYWIRE" run assert.lua
printf 'require("drywire")\nerror(nil)\n' >assert.lua
run 'error(nil)' 2 "$DRYWIRE" run assert.lua
finish
