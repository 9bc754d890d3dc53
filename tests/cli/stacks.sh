#!/bin/bash
# Foreign stacks: a script's hosts may be one, its calls reach it, and what one does wrong is said.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1

# An adapter is compiled as a user does it, whatever drywire was built with: each has a C library of its own.
adapter() {
    local out=$1
    shift
    "$COMPILER" -shared -fPIC -Wall -Wextra -Wno-unused-parameter -Wno-unused-function -I"$SOURCE/core/include" "$@" -o "$out" ||
        fail "$out does not build"
}
adapter tiny.so "$SOURCE/examples/stacks/template.c" "$SOURCE/examples/stacks/tiny.c"
"$COMPILER" -c -fPIC "$SOURCE/examples/stacks/tiny.c" -o tiny.o || fail 'tiny.c does not build'
bad() {
    local out=$1
    shift
    adapter "$out" "$@" "$SOURCE/tests/stacks/bad.c" tiny.o -pthread
}

cat >both.lua <<'END'
local dw = require "drywire"
local options = {}
for _, side in ipairs { "client", "server" } do
  local so = dw.param(side, "")
  if so ~= "" then options[side] = { stack = so } end
end
local sim, client, server, link = dw.pair { delay = "10ms", client = options.client, server = options.server }
if dw.param("lossy", "") ~= "" then link:drop { nth = { 1, 5, 8 } } end
local got, answer, why, ended
server:serve(80, function(conn)
  got = conn:recv_all()
  conn:send(got:upper())
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("hello"):rep(2000))
  conn:shutdown()
  answer = conn:recv_all()
  conn:close()
  ended = sim:now()
  local none
  none, why = client:connect(server, 81)
  assert(none == nil and why == "refused", why)
end)
sim:run()
assert(got == ("hello"):rep(2000) and answer == got:upper())
dw.expect(client:conn(1)):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
assert(ended < 60 and sim:now() < 600)
print(sim.trace:hash())
END

# sides STACK: at either end, at both, and with packets lost; twice, to the same digest.
sides() {
    for args in "--set client=$1" "--set server=$1" "--set client=$1 --set server=$1" "--set client=$1 --set lossy=y" "--set server=$1 --set lossy=y"; do
        run "$1 with $args" 0 "$DRYWIRE" run -q $args both.lua
        cp out first
        run "$1 with $args, again" 0 "$DRYWIRE" run -q $args both.lua
        same "$1 with $args: one digest" first out
    done
}
sides ./tiny.so

# The command names it: what the host does not know is left out with a note, and a host that is none is told.
run 'a stack from the command line' 0 "$DRYWIRE" run --stack client=./tiny.so "$SOURCE/examples/09-simultaneous-close.lua"
run 'a host that is not there' 0 "$DRYWIRE" run --stack clent=./tiny.so "$SOURCE/examples/09-simultaneous-close.lua"
says '--stack clent=./tiny.so: the script makes no host "clent"'
run 'a host without its options' 1 "$DRYWIRE" run --stack client=./tiny.so "$SOURCE/examples/01-handshake.lua"
says 'note: --stack: "tiny" has no option isn, which host "client" goes without'
run 'no file' 2 "$DRYWIRE" run --stack client "$SOURCE/examples/01-handshake.lua"
says '--stack: a host and a file, such as client=./lwip.so, not "client"'
run 'test' 0 "$DRYWIRE" test --stack server=./tiny.so "$SOURCE/examples/09-simultaneous-close.lua"
run 'check' 0 "$DRYWIRE" check --stack server=./tiny.so "$SOURCE/examples/09-simultaneous-close.lua"
run 'explore' 0 "$DRYWIRE" explore --drop 1 --no-merging --set server=./tiny.so both.lua
run 'swarm' 0 "$DRYWIRE" test --stack server=./tiny.so "$SOURCE/examples/19-swarm.lua"

# The ladder has the stack's own states; without them they are inferred, and marked.
run 'a ladder' 0 "$DRYWIRE" run -q --ladder=ascii --width 100 --set server=./tiny.so both.lua
prints 'LAST-ACK'
prints 'inferred:  STATE? likely' # before the connection was accepted the stack was not asked
bad less.so -DBAD_LESS
cat >less.lua <<'END'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "10ms", server = { stack = "./less.so" } }
server:serve(80, function(conn) conn:send(conn:recv_all()); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hello"
  conn:shutdown()
  assert(conn:recv_all() == "hello")
  conn:close()
end)
sim:run()
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
END
run 'inferred states' 0 "$DRYWIRE" run -q --ladder=ascii --width 100 less.lua
prints 'CLOSE-WAIT?'
prints 'LAST-ACK?'
prints 'inferred:  STATE? likely'
sed 's/conn:send(conn:recv_all()); conn:close()/conn:reset()/' less.lua >no_reset.lua
run 'no reset' 2 "$DRYWIRE" run -q no_reset.lua
says 'the stack "tiny" cannot reset a connection'
sed 's/server = { stack/client = { stack/' less.lua >no_shutdown.lua
run 'no shutdown' 2 "$DRYWIRE" run -q no_shutdown.lua
says 'the stack "tiny" cannot shut down one direction alone'

# A crash of the host begins the stack again.
cat >crash.lua <<'END'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "10ms", server = { stack = "./tiny.so" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
local why
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  server:crash()
  conn:send "hello"
  local _
  _, why = conn:recv()
  server:serve(80, function(again) again:close() end)
  client:sleep "1s"
  conn = assert(client:connect(server, 80))
  assert(conn:recv_all() == "")
  conn:close()
end)
sim:run()
assert(why == "reset", why)
END
run 'a crash' 0 "$DRYWIRE" run -q crash.lua

# What a TCP owes its peer: drywire's own passes, and planted mistakes are found, each by its case.
judge=$SOURCE/examples/stacks/judge.lua
judged() { # NAME FILE CASE...: those that do not pass
    local name=$1 file=$2 code=0
    shift 2
    "$DRYWIRE" test --stack "device=$file" "$judge" >out 2>err || code=$?
    [ $# = 0 ] || [ "$code" = 1 ] || [ "$code" = 2 ] || fail "$name: exit code $code"
    [ $# != 0 ] || [ "$code" = 0 ] || fail "$name: exit code $code"
    sed -n 's/^ *not ok [0-9]* - \(.*\) # time.*/\1/p' out | grep -v '^/' >cases
    printf '%s\n' "$@" | sed '/^$/d' | diff - cases >&2 || fail "$name: other cases fail"
}
run 'our own judged' 0 "$DRYWIRE" test "$judge"
prints '# 20 cases: 20 passed, 0 failed'
judged tiny ./tiny.so
faulty() { adapter "fault$1.so" "-DTINY_FAULT=$1" "$SOURCE/examples/stacks/template.c" "$SOURCE/examples/stacks/tiny.c"; }
faulty 1 && judged 'no answer in TIME-WAIT' ./fault1.so 'final ACK lost: the FIN that comes again is acknowledged (3.10.7.4, TIME-WAIT)'
faulty 2 && judged 'a FIN that is not sent again' ./fault2.so 'FIN lost: sent again (3.8.1)'
faulty 3 && judged 'any RST is taken' ./fault3.so 'RST outside the window: ignored (3.10.7.4, second)' \
    'RST in the window, but not at its edge: an ACK, and no more (RFC 5961 3.2)'

# packetdrill scripts.
cat >one.pkt <<'END'
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 1000
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 1000
+0 accept(3, ..., ...) = 4
+.1 < P. 1:6(5) ack 1 win 1000
+0 > . 1:1(0) ack 6
+0 read(4, ..., 100) = 5
END
run 'a packetdrill script' 0 "$DRYWIRE" drill --stack ./tiny.so one.pkt
sed 's/ack 6$/ack 7/' one.pkt >wrong.pkt
run 'a packetdrill script that it does not pass' 1 "$DRYWIRE" drill --stack ./tiny.so wrong.pkt
run 'no such stack' 2 "$DRYWIRE" drill --stack ./gone.so one.pkt
grep -q 'cannot load stack: ./gone.so: No such file or directory' out err || fail 'it does not say which file is not there'
run 'a stack in real time' 2 "$DRYWIRE" drill --live --stack ./tiny.so one.pkt
says '--stack is for a simulated host'

# Options, and hosts that cannot have a stack.
wrong() { # NAME CODE SENTENCE SCRIPT
    script "$4"
    run "$1" "$2" "$DRYWIRE" run t.lua
    says "$3"
}
wrong 'no such file' 4 'host "a": cannot load stack: ./none.so: No such file or directory' 'dw.sim {}:host("a", { stack = "./none.so" })'
wrong 'no shared object' 4 'is no shared object' 'dw.sim {}:host("a", { stack = "./both.lua" })'
cp tiny.so cut.so && truncate -s 3000 cut.so
wrong 'cut short' 4 'is cut short' 'dw.sim {}:host("a", { stack = "./cut.so" })'
adapter none.so -x c /dev/null
wrong 'no adapter' 4 './none.so is no adapter of a stack: it has no function dw_stack_entry' 'dw.sim {}:host("a", { stack = "./none.so" })'
wrong 'an option' 4 'the stack "tiny" has no option "nagle"' 'dw.sim {}:host("a", { stack = { "./tiny.so", nagle = true } })'
wrong 'a wrong tick' 4 'tick: ' 'dw.sim {}:host("a", { stack = { "./tiny.so", tick = "often" } })'
wrong 'an option of TCP' 2 'host "a": the stack "tiny" has no option "delayed_ack"' 'dw.sim {}:host("a", { stack = "./tiny.so", tcp = { delayed_ack = "40ms" } })'
wrong 'a stack too late' 4 'the TCP of host "a" has been used, or has got options, before its stack was named' \
    'local sim = dw.sim {}; sim:host("a", { mss = 1000 }); sim:host("a", { stack = "./tiny.so" })'
wrong 'a second stack' 4 'host "a" has a foreign stack already' 'local sim = dw.sim {}; sim:host("a", { stack = "./tiny.so" }); sim:host("a", { stack = "./tiny.so" })'
wrong 'no file at all' 2 'host.stack: expected a file, or a table that begins with one' 'dw.sim {}:host("a", { stack = { tick = "1ms" } })'
wrong 'too many' 4 'there are too many at one time' 'local sim = dw.sim {}; for i = 1, 40 do sim:host("h" .. i, { stack = "./tiny.so" }) end'
cat >suite.lua <<'END'
local dw = require "drywire"
local function life(name)
  local sim, client, server = dw.pair { delay = "1ms", server = { stack = "./tiny.so" } }
  server:serve(80, function(conn) conn:send(conn:recv_all()); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "hello"
    conn:shutdown()
    assert(conn:recv_all() == "hello")
    conn:close()
  end)
  sim:run()
  return sim, client, server
end
local sims = {}
for i = 1, 30 do sims[i] = { life() } end
for i = 1, 30 do assert(sims[i][1].trace:count { flags = "FIN" } == 2) end
if dw.param("again", "") == "" then return end
sims[1][2]:spawn(function() sims[1][2]:connect(sims[1][3], 80) end)
sims[1][1]:run()
END
run 'many that are over' 0 "$DRYWIRE" run -q suite.lua
run 'one of them again' 4 "$DRYWIRE" run -q --set again=y suite.lua
says 'it was unloaded when it was idle, to make room for others'
script 'for i = 1, 60 do local sim = dw.sim {}; sim:host("a", { stack = "./tiny.so" }); sim:close() end'
run 'many, one after the other' 0 "$DRYWIRE" run t.lua

# Stacks that do what none may.
cat >one.lua <<'END'
local dw = require "drywire"
local side, so = dw.param("side", "client"), dw.param "so"
local sim, client, server, link = dw.pair { delay = "10ms", [side] = { stack = so } }
if dw.param("lost", "") ~= "" then link:drop { nth = 1 } end
server:serve(80, function(conn) conn:recv(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hello"
  conn:recv()
  conn:close()
end)
sim:run()
END
# does CODE SENTENCE FLAGS [OPTION...]
does() {
    local code=$1 sentence=$2 flags=$3
    shift 3
    rm -f bad.so
    bad bad.so "$flags"
    run "$flags" "$code" "$DRYWIRE" run -q --set so=./bad.so "$@" one.lua
    says "$sentence"
}
does 4 'dw_stack_entry returned nothing' -DBAD_NOTHING
does 4 'the stack was built for version 99 of stack.h; this drywire has version 1' -DBAD_ABI
does 4 "the stack's table says that it has 8 octets; that of stack.h has " -DBAD_SIZE
does 4 "the stack's name must be a word of at most 63 characters" -DBAD_NAME
does 4 'the table of stack "tiny" is incomplete: it has no poll' -DBAD_MISSING
does 4 'the stack "tiny" has a tick below 0' -DBAD_TICK
does 4 'stack "tiny" of host "client" at 0.000000 s: it could not be started: it has no licence' -DBAD_START
does 4 'poll asks to be called at -0.000000001 s, which has passed' -DBAD_PAST
does 4 'poll asks to be called at once for the 10001th time' -DBAD_AT_ONCE
does 4 'connect returned -5000, which is no error of base.h' -DBAD_CONNECT
does 4 'connect did not say which port it has chosen' -DBAD_PORT
does 4 'send took 6 octets of 5' -DBAD_SEND
does 4 'recv gave 65537 octets where it was asked for 65536' -DBAD_RECV
does 4 'there is no state "ASLEEP"' -DBAD_STATE
does 4 'a connection without a state' -DBAD_NO_STATE
does 4 'accept did not say whose connection it hands out' -DBAD_ACCEPT=of_nobody --set side=server
does 4 'accept hands out the connection with 10.0.0.1 port 49152 for the second time' -DBAD_ACCEPT=the_same --set side=server
does 4 'it sends 60 octets: they are no IPv4 or IPv6 packet' -DBAD_INPUT=garbage
does 4 'it sends 60 octets: their IP header tells another length' -DBAD_INPUT=of_other_length
does 4 'octets: they begin with an Ethernet header; a packet begins with its IP header' -DBAD_INPUT=with_ethernet
does 4 'it sends 0 octets: there are none, or too many' -DBAD_INPUT=empty
does 4 'it sends 70000 octets: there are none, or too many' -DBAD_INPUT=oversized
does 4 'it sends a segment from 10.0.0.2, but the host has the address 10.0.0.1' -DBAD_INPUT=echoes
does 4 'it sends more than 100000 packets at one moment' -DBAD_INPUT=floods
does 4 'it sends a packet from a thread of its own' -DBAD_INPUT=by_thread
does 1 'still waits in host:connect' -DBAD_NEVER --set lost=y

# One that goes by a real clock is found.
bad clock.so -DBAD_CLOCK
for i in 1 2 3 4 5; do
    "$DRYWIRE" check --set so=./clock.so one.lua >out 2>err
    code=$?
    [ "$code" = 5 ] && break
done
[ "$code" = 5 ] || fail "a stack with a clock of its own is not found: exit code $code"
grep -q 'the script is not deterministic' out err || fail 'it does not say that the stack is not deterministic'

# A process that is killed by its stack cannot say anything; who runs it does.
bad crash.so -DBAD_CRASH
sed 's/dw.param "so"/".\/crash.so"/' one.lua >crashes.lua
run 'a crash of the stack' 2 "$DRYWIRE" test crashes.lua
prints "the script's process ended with code 134"

# lwIP, where it is.
lwip=$BUILD/stacks/lwip.so
if [ -f "$lwip" ]; then
    cp "$lwip" .
    sides ./lwip.so
    for n in 01 02 04 05 08 09 10 12 16 18 19; do
        run "lwip as the client of $n" 0 "$DRYWIRE" test --stack client=./lwip.so "$SOURCE"/examples/$n-*.lua
    done
    for n in 01 02 03 05 06 08 09 10 11 12 14 15 16 18 19; do
        run "lwip as the server of $n" 0 "$DRYWIRE" test --stack server=./lwip.so "$SOURCE"/examples/$n-*.lua
    done
    judged lwip ./lwip.so "close after 25 idle seconds: the peer's FIN finds FIN-WAIT-2 (3.6)"
    wrong 'a misspelt option' 4 'the stack "lwip" has no option "nagl"; did you mean "nagle"?' 'dw.sim {}:host("a", { stack = { "./lwip.so", nagl = true } })'
    script 'local sim = dw.sim {}
local a, b = sim:host("a", { stack = "./lwip.so", addr = "2001:db8::1" }), sim:host("b", { addr = "2001:db8::2" })
sim:link(a, b, {}); a:spawn(function() a:connect(b, 80) end); sim:run()'
    run 'an address that it cannot have' 4 "$DRYWIRE" run t.lua
    says 'it could not be started: this adapter is for IPv4 alone'
else
    echo 'lwIP is not here: its part is left out'
fi
finish
