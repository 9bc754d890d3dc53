#!/bin/bash
# The command as a user meets it: help, figures, reports, outputs.
. "$(dirname "$0")/../support/lib.sh"

for sub in run test sweep figures ladder trace explain stats plot diff check profiles defects coverage catalogue states; do
    run "help of $sub" 0 "$DRYWIRE" "$sub" --help
    prints "usage: drywire $sub"
done
run 'help of a command' 0 "$DRYWIRE" help run
cp "$work/out" "$work/help"
run 'its own' 0 "$DRYWIRE" run --help
cmp -s "$work/out" "$work/help" || fail 'drywire help run is not drywire run --help'
run 'help of none' 2 "$DRYWIRE" help tset
says 'unknown command "tset"; did you mean "test"?'
run 'help' 0 "$DRYWIRE" --help
prints 'Exit codes: 0 pass'
run 'version' 0 "$DRYWIRE" --version
prints 'drywire 0.2.0'

# Words that are not understood: the nearest one, or all there are.
run 'a style of numbers' 2 "$DRYWIRE" run --numbers bogus examples/01-handshake.lua
says '--numbers: unknown "bogus"; expected relative, absolute, symbolic or letters'
run 'nearly one' 2 "$DRYWIRE" run --numbers=absolut examples/01-handshake.lua
says 'did you mean "absolute"?'
run "an option of packetdrill's" 2 "$DRYWIRE" drill --tolerence_usecs=5000 x.pkt
says 'unknown option --tolerence_usecs; did you mean --tolerance_usecs?'

# What is misspelt in a script's own words.
cat >"$work/speed.lua" <<'LUA'
local dw = require "drywire"
print(dw.param("speed", 10))
LUA
run 'a parameter' 0 "$DRYWIRE" run --set speed=5 "$work/speed.lua"
[ -s "$work/err" ] && fail "a parameter that is asked for is noted: $(cat "$work/err")"
run 'a parameter that nobody asks for' 0 "$DRYWIRE" run --set sped=5 "$work/speed.lua"
says '--set sped: the script asks for no parameter "sped"; did you mean "speed"?'
cat >"$work/pair.lua" <<'LUA'
require "drywire".pair { sedd = 7 }
LUA
run 'an option of a pair' 2 "$DRYWIRE" run "$work/pair.lua"
says 'unknown option "sedd" for dw.pair; did you mean "seed"?'
for given in 'mss_at_mots = 1000' 'mss_at_most = 1000'; do
    cat >"$work/rewrite.lua" <<LUA
local _, _, _, link = require "drywire".pair {}
link:rewrite { $given }
LUA
    run "rewrite { $given }" 2 "$DRYWIRE" run "$work/rewrite.lua"
    says 'mss_at_most'
done
run 'a directory for plots' 0 "$DRYWIRE" run -q --plots "$work/fresh-plots/of/this" "$work/speed.lua"
[ -d "$work/fresh-plots/of/this" ] || fail '--plots does not make its directory'

# Every figure of the list passes and is drawn in the RFC's layout.
run 'figures list' 0 "$DRYWIRE" figures list
grep -q FAIL "$work/out" && fail 'a figure does not pass'
prints 'figures, 0 failed'
[ "$(wc -l <"$work/out")" -ge 40 ] || fail 'there are fewer than forty figures'
for n in 06 07 08 09 10 11 12 13; do
    run "figure $n" 0 "$DRYWIRE" figures show "rfc9293-$n"
    prints '<CTL='
    prints '-->'
done
run 'figure 12' 0 "$DRYWIRE" figures show rfc9293-12
prints '<SEQ=100><ACK=300><CTL=FIN,ACK>'
prints '(2 MSL)'
run 'figures as JSON' 0 "$DRYWIRE" figures list --json
prints '"name":"rfc9293-06"'

run 'a pair of runs' 0 "$DRYWIRE" figures show defect-no-time-wait
prints 'As it should be'
prints 'With the defect no-time-wait'

# Profiles, defects, and reports over scripts.
run 'profiles' 0 "$DRYWIRE" profiles
for profile in rfc9293 linux freebsd rfc793 embedded; do prints "  $profile"; done
run 'a profile' 0 "$DRYWIRE" profiles show embedded
prints 'max_connections          1'
run 'profiles that differ' 0 "$DRYWIRE" profiles diff rfc9293 linux
prints 'finwait2_timeout         0s         1min'
grep -q '^  msl  *2min  *2min' "$work/out" && fail 'profiles diff shows what is equal'
run 'a profile that is not there' 2 "$DRYWIRE" profiles show linus
says 'did you mean "linux"'
run 'defects' 0 "$DRYWIRE" defects
prints '2525.18'
cat >"$work/shows.lua" <<'LUA'
-- C1: a FIN is lost.
local dw = require "drywire"
dw.covers("MUST-13", "SHLD-3")
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() client:connect(server, 80):close() end)
sim:run()
LUA
run 'coverage that lacks a MUST' 1 "$DRYWIRE" coverage "$work/shows.lua"
prints '1 of 69 MUST'
says 'no passing script shows MUST-1, '
(cat "$work/shows.lua" && echo 'error "no"') >"$work/fails.lua"
run 'a failing script covers nothing' 1 "$DRYWIRE" coverage "$work/fails.lua"
prints '0 of 69 MUST'
script 'require "drywire".covers "MUST-70"'
run 'no such requirement' 2 "$DRYWIRE" run "$work/t.lua"
says 'is no requirement of RFC 9293'
run 'catalogue' 0 "$DRYWIRE" catalogue "$work/shows.lua"
prints 'C1   pass  shows'
run 'states' 0 "$DRYWIRE" states "$work/shows.lua"
prints '13 of 20 arrows'
run 'states as Graphviz' 0 "$DRYWIRE" states --style dot "$work/shows.lua"
prints '"FIN-WAIT-2" -> "TIME-WAIT"'
run 'states as a picture' 0 "$DRYWIRE" states --style svg "$work/shows.lua"
prints '</svg>'
run 'states in no such style' 2 "$DRYWIRE" states --style sgv "$work/shows.lua"
says 'did you mean "svg"'

# Explanations.
run 'a trace' 0 "$DRYWIRE" run -q --jsonl "$work/why.jsonl" "$SOURCE/examples/06-lost-final-ack.lua"
run 'explain' 0 "$DRYWIRE" explain "$work/why.jsonl"
prints 'goes from FIN-WAIT-2 to TIME-WAIT, because both ends have closed: wait 2 MSL (time-wait; RFC 9293 3.10.7.4 eighth).'
number=$(grep -m1 'loses tcp' "$work/out" | awk '{print $1}')
run 'one event' 0 "$DRYWIRE" explain --event "$number" "$work/why.jsonl"
prints 'because a rule of the script dropped it'
[ "$(wc -l <"$work/out")" = 1 ] || fail '--event explains more than one event'
run 'an event that is not there' 2 "$DRYWIRE" explain --event 99999 "$work/why.jsonl"

# The flagship: passes; without the repeated FIN it fails with both sides shown, and can be replayed.
flagship=$SOURCE/examples/06-lost-final-ack.lua
run 'flagship' 0 "$DRYWIRE" run "$flagship"
prints 'TIME-WAIT'
prints ' lost  '
sed 's/isn = { 99, 299 } }/isn = { 99, 299 }, tcp = { retransmit_fin = false } }/' "$flagship" >"$work/broken.lua"
run 'flagship without a repeated FIN' 1 "$DRYWIRE" run "$work/broken.lua"
says 'the figure does not match'
says 'the figure                                            what happened'
says 'replay: drywire run'
sed 's/^  link:drop .*$//' "$flagship" >"$work/kept.lua"
run 'flagship without the loss' 1 "$DRYWIRE" run "$work/kept.lua"
says 'TIME-WAIT (lost)     send <SEQ=101><ACK=301><CTL=ACK> TIME-WAIT '

# Ladders in every style.
run 'ladder unicode' 0 "$DRYWIRE" run -q --ladder=unicode "$SOURCE/examples/10-closed-port.lua"
prints '──▶'
run 'ladder ascii' 0 "$DRYWIRE" run -q --ladder=ascii "$SOURCE/examples/10-closed-port.lua"
prints '-->|'
run 'ladder symbolic' 0 "$DRYWIRE" run -q --ladder=ascii --symbolic "$SOURCE/examples/03-full-close.lua"
prints 'SYN,ACK seq=y ack=x+1'
run 'ladder absolute' 0 "$DRYWIRE" run -q --ladder=ascii --absolute "$SOURCE/examples/03-full-close.lua"
prints 'SYN,ACK seq=299 ack=100'
run 'ladder plantuml' 0 "$DRYWIRE" run -q --ladder=plantuml "$SOURCE/examples/06-lost-final-ack.lua"
for text in '@startuml' 'participant "client" as A' 'A ->x B : ACK seq=2 ack=2 (lost)' 'hnote over A : TIME-WAIT' \
    '... 239.98s later ...' '@enduml'; do prints "$text"; done
run 'ladder mscgen' 0 "$DRYWIRE" run -q --ladder=mscgen "$SOURCE/examples/06-lost-final-ack.lua"
for text in 'msc {' 'A [label="client"], B [label="server"];' 'A -x B [label="ACK seq=2 ack=2 (lost)"];' \
    'A abox A [label="TIME-WAIT"];' '... [label="239.98s later"];'; do prints "$text"; done
run 'ladder mermaid' 0 "$DRYWIRE" run -q --ladder=mermaid "$SOURCE/examples/06-lost-final-ack.lua"
prints 'sequenceDiagram'
prints 'A-xB: ACK'
run 'narrow ladder' 0 "$DRYWIRE" run -q --ladder=ascii --width 60 "$SOURCE/examples/03-full-close.lua"
sed -n '/│/!s/^[^|]*|\(.*\)|[^|]*$/\1/p' "$work/out" | grep -qE "[a-zA-Z0-9=][.'][a-z0-9=]" && fail 'a label of a narrow ladder is overwritten'
prints '|-- #1 SYN '
# (bytes equal columns in ASCII; lines that the script itself prints are Unicode and skipped)
awk '/[|]/ && !/│/ && length($0) > 60 { exit 1 }' "$work/out" || fail 'a 60-column ladder is wider'

# Parameters, arguments, seeds, standard input.
script 'print(dw.param("n", 3) + 1, ...)'
run 'parameters' 0 "$DRYWIRE" run --set n=41 "$work/t.lua" -- one two
prints "$(printf '42\tone\ttwo')"
printf 'print "from stdin"' >"$work/stdin.lua"
"$DRYWIRE" run - <"$work/stdin.lua" >"$work/out" 2>&1 || fail 'a script from standard input'
name=stdin prints 'from stdin'
script 'local sim = dw.sim() print(sim:seed(), math.random(1000))'
run 'seed' 0 "$DRYWIRE" run --seed 5 "$work/t.lua"
grep -q '^5' "$work/out" || fail '--seed does not win over the script'
run 'path alone' 0 "$DRYWIRE" "$work/t.lua"

# --drop and --until.
run 'drop by number' 1 "$DRYWIRE" run --drop 1,2 "$SOURCE/examples/01-handshake.lua"
for numbers in '' -1 0 1-5 18446744073709551616 1, ,1 1,,2 ' 1' 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17; do
    run "drop by \"$numbers\"" 2 "$DRYWIRE" run --drop "$numbers" "$SOURCE/examples/01-handshake.lua"
    says "--drop: expected up to 16 numbers of packets, which begin at 1, as in --drop 1,9, got \"$numbers\""
done
run 'two explanations' 2 "$DRYWIRE" run --explain --packet 1 "$work/t.lua"
says 'write one'
run 'letters in an explanation' 2 "$DRYWIRE" run --packet 1 --letters "$work/t.lua"
says 'drywire run: --letters is not used here; it is for --ladder'
run 'letters in an explanation and a ladder' 2 "$DRYWIRE" run --packet 1 --ladder --letters "$work/t.lua"
says 'drywire run: --letters: an explanation has relative or absolute numbers'
for kind in svg tikz html; do
    run "--$kind -" 2 "$DRYWIRE" run --$kind - "$work/t.lua"
    says "--$kind: it goes into a file"
done
run 'a value without a name' 2 "$DRYWIRE" run --set =5 "$work/t.lua"
says '--set: write name=value, not "=5"'
for seed in ' 5' +5 ' -1' ''; do
    run "seed \"$seed\"" 2 "$DRYWIRE" run --seed "$seed" "$work/t.lua"
    says "--seed: expected a whole number from 0 to 18446744073709551615, got \"$seed\""
done
script 'local sim, client, server = dw.pair { delay = "20ms" } server:serve(80, function(c) c:recv() end)
client:spawn(function() client:connect(server, 80) end) sim:run() print(sim:now())'
run 'until' 0 "$DRYWIRE" run --until 5s "$work/t.lua"
prints '5.0'

# Tests: TAP, JUnit, cases.
mkdir -p "$work/suite"
cat >"$work/suite/a.lua" <<'LUA'
local dw = require "drywire"
dw.test("passes", function() assert(true) end)
dw.test("fails", function() assert(false, "as it should <&>") end)
LUA
echo 'local x = 1' >"$work/suite/b.lua"
run 'test' 1 "$DRYWIRE" test --junit "$work/report.xml" "$work/suite"
prints 'TAP version 13'
prints '    not ok 2 - fails'
prints '1..2'
prints '# 2 scripts: 0 passed, 1 failed, 1 skipped'
prints '# 2 cases: 1 passed, 1 failed'
grep -q 'as it should &lt;&amp;&gt;' "$work/report.xml" || fail 'the JUnit report is not escaped'
# Two runs of one script that differ: in the trace, in what it prints, in how it fails.
raw='local t, first = {}, 0 for i = 1, 40 do t["key" .. i] = i end for _, n in dw.rawpairs(t) do first = (41 * first + n) % 999983 end'
script "$raw
local sim, a, b = dw.pair { delay = first .. \"us\" }
b:serve(80, function(c) c:recv_all() c:close() end) a:spawn(function() a:connect(b, 80):close() end) sim:run()"
run 'test finds two different traces' 5 "$DRYWIRE" test "$work/t.lua"
prints 'the second run differs from the first: the digest of its traces is'
script "$raw
print 'a line' print('the first is ' .. first)"
run 'test finds two different outputs' 5 "$DRYWIRE" test "$work/t.lua"
prints 'the second run differs from the first: line 2 of its output is "the first is'
script "$raw
error('the first is ' .. first)"
run 'test finds two different failures' 5 "$DRYWIRE" test "$work/t.lua"
prints 'the second run differs from the first: line 1 of its error is "t.lua:3: the first is'
script 'math.randomseed(math.random(100)) local delay = math.random(1, 100)
local sim, a, b = dw.pair { delay = delay .. "ms" } a:spawn(function() a:sleep "1s" end) sim:run()'
run 'random numbers before the first simulation' 0 "$DRYWIRE" test "$work/t.lua"
# What is written in one run is not half written in the other one.
script 'local f = assert(io.open("own.txt", "w")) for i = 1, 20000 do f:write(i, "\n") end f:close()
local n = 0 for _ in io.lines "own.txt" do n = n + 1 end assert(n == 20000)'
run 'a file of its own' 0 "$DRYWIRE" test -j8 "$work/t.lua"

# Notes: rules that never fired, connections left open.
script 'local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { flags = "URG" }
server:serve(80, function(c) end) client:spawn(function() client:connect(server, 80) end) sim:run()'
run 'notes' 0 "$DRYWIRE" run "$work/t.lua"
says 'note: t.lua:3: link:drop never matched a packet'
says 'was never closed (ESTABLISHED)'
run 'one of two that were dropped' 0 "$DRYWIRE" run --drop 1,200 "$work/t.lua"
says 'note: --drop: no packet had the number 200'
grep -q 'number 1$\|--drop never' "$work/err" && fail 'a note on a packet that was dropped'
script 'dw.pair { delay = "20ms" } dw.pair { delay = "30ms" }'
run 'two without names' 0 "$DRYWIRE" run --ladder "$work/t.lua"
says 'shown is the last of 2 simulations; name them'
script 'dw.pair { delay = "20ms", name = "one" } dw.pair { delay = "30ms", name = "two" }'
run 'two with names' 0 "$DRYWIRE" run --ladder "$work/t.lua"
grep -q 'shown is' "$work/err" && fail 'a note where all are drawn'

# Golden traces.
script 'local sim, client, server = dw.pair { delay = dw.param("delay", "20ms") }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() client:connect(server, 80):close() end) sim:run()
dw.expect(sim):golden "golden.jsonl"'
run 'golden, not there yet' 2 "$DRYWIRE" run "$work/t.lua"
says '--update'
run 'golden, written' 0 "$DRYWIRE" run --update "$work/t.lua"
run 'golden, equal' 0 "$DRYWIRE" run "$work/t.lua"
[ -s "$work/golden.jsonl" ] || fail 'a golden trace is not beside its script'
run 'golden, elsewhere' 0 "$DRYWIRE" check "$work/t.lua"
run 'golden, different' 1 "$DRYWIRE" run --set delay=30ms "$work/t.lua"
says 'the first difference'
# What a loss costs, packet by packet.
run 'diff: a run' 0 "$DRYWIRE" run -q --jsonl "$work/a.jsonl" "$work/t.lua" --update
run 'diff: a loss in it' 0 "$DRYWIRE" run -q --update --drop 4 --jsonl "$work/b.jsonl" "$work/t.lua"
run 'diff' 1 "$DRYWIRE" diff "$work/a.jsonl" "$work/b.jsonl"
prints '  #4: arrived in A, lost (fault-drop) in B'
prints '  only in B: '
prints ' #4 FIN,ACK seq=1 ack=1 '

# A line for each simulation that has a name; of the others there is the last one.
script 'for _, name in ipairs { "one", "two" } do
  local sim, client, server = dw.pair { name = name, delay = "20ms" }
  server:serve(80, function(c) c:recv_all() c:close() end)
  client:spawn(function() client:connect(server, 80):close() end) sim:run()
end'
run 'two simulations' 0 "$DRYWIRE" run "$work/t.lua"
prints 'one: 7 packets, 240.080000 s simulated, trace '
prints ' (the last of 2 simulations)'

# Interrupted: what was traced is written.
script 'local sim, client, server = dw.pair { delay = "1ms" } server:serve(80, function(c) for _ in c:chunks() do end end)
client:spawn(function() local c = client:connect(server, 80) while true do c:send(("x"):rep(1000)) end end) sim:run()'
"$DRYWIRE" run --memory 4GiB --jsonl "$work/int.jsonl" "$work/t.lua" >"$work/out" 2>"$work/err" &
pid=$!
sleep 1
kill -INT $pid
wait $pid
[ $? = 130 ] || fail 'an interrupted run does not exit with 130'
[ -s "$work/int.jsonl" ] || fail 'an interrupted run wrote no trace'

# An option that a command does not use is refused, not passed over.
run 'help, misspelt' 2 "$DRYWIRE" help manaul
says 'unknown command "manaul"; did you mean "manual"?'
run 'help, too much' 2 "$DRYWIRE" help bash extra
says 'help: one word at most; "extra" is too much'
run 'the manual of a command' 0 "$DRYWIRE" help manual run
prints '.TH DRYWIRE\-RUN 1'
run 'the manual of none' 2 "$DRYWIRE" help manual rum
says 'unknown command "rum"; did you mean "run"?'
run 'an empty plugin' 2 "$DRYWIRE" run --plugin= examples/01-handshake.lua
says '--plugin needs a value'
run 'a trace to refuse with' 0 "$DRYWIRE" run -q --jsonl "$work/refuse.jsonl" "$SOURCE/examples/01-handshake.lua"
for option in '--numbers absolute' '--width 80' '--style rfc' --json; do
    run "trace $option" 2 "$DRYWIRE" trace $option "$work/refuse.jsonl"
    says "unknown option ${option%% *}"
done
run 'figures list with a plugin' 2 "$DRYWIRE" figures list --plugin x.so
says 'it is for drywire figures show NAME'
run 'figures export with a plugin' 2 "$DRYWIRE" figures export --plugin x.so "$work/page"
run 'help of explain' 0 "$DRYWIRE" explain --help
prints 'Timers and queues too.'
run 'a series that never changed' 0 "$DRYWIRE" plot --series pipe "$work/refuse.jsonl"
grep -qE '0 ┤●{20}' "$work/out" || fail 'a series that never changed is no flat line'
finish
