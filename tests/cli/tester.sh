#!/bin/bash
# drywire test as whoever tests with it meets it: which scripts are run, names, seeds, reports, replay lines.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
for tool in xmllint prove perl; do
    command -v $tool >/dev/null || { echo "FAIL: this test needs $tool" >&2; exit 1; }
done
# output TEXT...: the whole standard output, but for times.
output() { sed 's/ # time=.*//; /^# note:/d' out | diff - <(printf '%s\n' "$@") >&2 || fail "$name: the output"; }

mkdir -p suite/lib suite/deeper/still suite/.hidden suite/build suite/deeper/cache
cat >suite/common.lua <<'L'
local dw = require "drywire"
local lib = require "lib.other"
assert(lib.octets == 10)
return function(client, server)
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(lib.octets))
    conn:close()
  end)
end
L
echo 'return { octets = 10 }' >suite/lib/other.lua
echo 'local sim = ...; sim:run()' >suite/part.lua
cat >suite/a.lua <<'L'
-- An exchange # TODO \ of ten octets
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
require "common"(client, server)
assert(loadfile "part.lua")(sim)
dw.expect(client):reaches "TIME-WAIT"
L
cat >suite/deeper/still/cases.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() end)
client:spawn(function() client:connect(server, 80):send "x" end)
sim:run "1s"
dw.test("passes", function() end)
dw.test("fails # skip", function() dw.expect(client):reaches "CLOSING" end)
dw.test("errs \\", function() local nothing; nothing.field = 1 end)
L
echo 'local unfinished = 1' >suite/empty.lua
for d in .hidden build deeper/cache; do echo 'error "must not run"' >suite/$d/x.lua; done
echo >suite/build/CMakeCache.txt
echo >suite/deeper/cache/CACHEDIR.TAG
ln -s .. suite/deeper/up

run 'a tree' 2 "$DRYWIRE" test --junit junit.xml suite
prints 'ok 1 - suite/a.lua: An exchange \# TODO \\ of ten octets # time='
prints '    # Subtest: suite/deeper/still/cases.lua'
prints '    ok 1 - passes # time='
prints '    not ok 2 - fails \# skip # time='
prints "        drywire run --filter '=fails # skip' suite/deeper/still/cases.lua"
prints "        drywire run --filter '=errs \\' suite/deeper/still/cases.lua"
prints '    not ok 3 - errs \\ # time='
prints '      severity: error'
prints '      line: 7'
prints ' SYN seq=0 ──'
prints 'not ok 2 - suite/deeper/still/cases.lua # time='
prints '2 of 3 cases did not pass'
prints 'ok 3 - suite/empty.lua # SKIP it makes no simulation and has no case'
prints '# 3 scripts: 1 passed, 1 failed, 1 skipped'
prints '# 3 cases: 1 passed, 2 failed'
grep -q 'must not run\|common\|part' out && fail 'what is hidden, built or required by others is run'

# TAP: what Perl's harness makes of it.
cp out suite.tap
perl -MTAP::Parser -e 'my $p = TAP::Parser->new({ source => "suite.tap" });
while (my $r = $p->next) {
    printf "%s%s%s\n", $r->is_ok ? "ok" : "not ok", $r->has_skip ? " skip" : "", $r->has_todo ? " todo" : "" if $r->is_test;
    printf "%s %s %s %s\n", @{$r->data}{"severity", "file", "line", "duration_ms"} if $r->is_yaml;
    print "ladder\n" if $r->is_yaml and ($r->data->{ladder} // "") =~ /SYN seq=0/;
}
print $p->tests_planned, " planned, ", scalar($p->parse_errors), " errors\n"' 2>/dev/null | sed 's/ *[0-9.]*$//' >read
diff read - <<'T' >&2 || fail 'what TAP::Parser reads'
ok
fail suite/deeper/still/cases.lua 7
ladder
error suite/deeper/still/cases.lua 8
ladder
not ok
error suite/deeper/still/cases.lua
ok skip
3 planned, 0 errors
T
run 'prove' 0 prove --exec "$DRYWIRE test" suite/a.lua suite/empty.lua

# JUnit.
run 'the schema' 0 xmllint --noout --relaxng "$SOURCE/tests/cli/junit.rng" junit.xml
value() { xmllint --xpath "$1" junit.xml; }
[ "$(value 'concat(//testsuites/@tests, //testsuites/@failures, //testsuites/@errors)')" = 511 ] || fail 'JUnit: counts'
[ "$(value 'string(//testsuite[2]/@file)')" = suite/deeper/still/cases.lua ] || fail 'JUnit: the file'
run 'for GitLab' 2 env GITLAB_CI=true "$DRYWIRE" test --junit gitlab.xml suite
[ "$(xmllint --xpath 'string(//testsuite[2]/testcase[2]/@file)' gitlab.xml)" = suite/deeper/still/cases.lua ] || fail 'JUnit: the file of a testcase, for GitLab'
[ "$(value 'count(//testcase[skipped])')" = 1 ] || fail 'JUnit: the script that is no test'
value 'string(//failure)' | grep -q "^drywire run --filter '=fails # skip' suite/deeper/still/cases.lua$" || fail 'JUnit: the replay line'
value 'string(//failure/@message)' | grep -q 'cases.lua:7: .*CLOSING' || fail 'JUnit: the message'
value 'string(//testcase[failure]/system-out)' | grep -q 'SYN seq=0' || fail 'JUnit: the ladder'

# Names.
run 'list' 0 "$DRYWIRE" test --list suite
output 'suite/a.lua: An exchange # TODO \ of ten octets' 'suite/deeper/still/cases.lua' '    passes' '    fails # skip' \
    '    errs \' 'suite/empty.lua'
run 'a case' 0 "$DRYWIRE" test --filter 'pa?ses' suite
output 'TAP version 13' '    # Subtest: suite/deeper/still/cases.lua' '    ok 1 - passes' '    1..1' 'ok 1 - suite/deeper/still/cases.lua' \
    1..1 '# 1 script: 1 passed, 0 failed' '# 1 case: 1 passed, 0 failed'
run 'the cases listed' 0 "$DRYWIRE" test --list --filter err suite
output 'suite/deeper/still/cases.lua: errs \'
run 'a script' 0 "$DRYWIRE" test --filter exchange suite
prints '# 1 script: 1 passed'
run 'a case fails' 1 "$DRYWIRE" test --filter fails suite
prints "        drywire run --filter '=fails # skip' suite/deeper/still/cases.lua"
run 'its replay line' 0 "$DRYWIRE" run -q --filter passes suite/deeper/still/cases.lua
run 'without' 0 "$DRYWIRE" test --exclude still --exclude 'em?ty' suite
prints '# 1 script: 1 passed'
run 'without whoever requires a helper' 0 "$DRYWIRE" test --exclude still --exclude exchange suite
output 'TAP version 13' 'ok 1 - suite/empty.lua # SKIP it makes no simulation and has no case' 1..1 '# 1 script: 0 passed, 0 failed, 1 skipped'
run 'without a case' 1 "$DRYWIRE" test --exclude errs suite
prints '# 2 cases: 1 passed, 1 failed'
run 'nothing' 2 "$DRYWIRE" test --filter nowhere suite
says '--filter: no script or case matches "nowhere"'
mkdir nothing lib
run 'no scripts' 2 "$DRYWIRE" test nothing lib
says 'drywire test: no *.lua in nothing, lib'
run 'all excluded' 2 "$DRYWIRE" test --exclude suite suite
says 'all of them are excluded'
run 'a pattern' 0 "$DRYWIRE" test 'suite/[ab].lua'
prints '# 1 script: 1 passed'
run 'no such pattern' 2 "$DRYWIRE" test 'suite/[xy].lua'
says 'suite/[xy].lua: No such file or directory'
run 'twice' 0 "$DRYWIRE" test suite/a.lua suite/../suite/a.lua
prints '# 1 script: 1 passed'
run 'a helper by name' 0 "$DRYWIRE" test suite/lib
prints 'ok 1 - suite/lib/other.lua # SKIP'
# ... in a directory above the test, whatever the current one is; the nearest is taken.
mkdir -p up/lib up/sub/deep up/elsewhere
echo 'return { x = 1 }' >up/lib/h.lua
echo 'assert(require("lib.h").x == 1)' | tee up/sub/a.lua >up/sub/deep/a.lua
run 'a helper above' 0 "$DRYWIRE" test up
output 'TAP version 13' 'ok 1 - up/sub/a.lua' 'ok 2 - up/sub/deep/a.lua' 1..2 '# 2 scripts: 2 passed, 0 failed'
(cd up/sub/deep && run 'from below' 0 "$DRYWIRE" test . ../../lib && grep -q '1 script: 1 passed' "$work/out") || fail 'a helper above, from below'
mkdir up/sub/lib && echo 'return { x = 2 }' >up/sub/lib/h.lua
run 'the nearest helper' 1 "$DRYWIRE" run up/sub/deep/a.lua
rm -r up/sub/lib
# The replay line of each case that did not pass replays that one, whatever its name has in common with others'.
cat >alike.lua <<'L'
-- alike
local dw = require "drywire"
dw.test("a", function() error "one" end)
dw.test("a b", function() error "two" end)
dw.test("[a] *? \"it's\"", function() error "three" end)
L
run 'names alike' 2 "$DRYWIRE" test --exclude nothing --filter alike --set x=1 alike.lua
sed -n 's/^        \(drywire run .*\)/\1/p' out >replays
[ "$(wc -l <replays)" = 3 ] || fail 'names alike: a replay line each'
for n in one two three; do
    line=$(head -1 replays)
    sed -i 1d replays
    run "its replay line: $n" 2 bash -c "${line/#drywire/\"\$DRYWIRE\"}"
    says "alike.lua:"
    says ": $n"
done
printf '%s\n' 'local dw = require "drywire"' 'for i = 1, 2 do dw.test("same", function() end) end' >same.lua
for command in test run; do
    run "$command of two cases of one name" 2 "$DRYWIRE" $command same.lua
    cat out err >both
    grep -q 'same.lua:2: dw.test: there is a case "same" already' both || fail "$command of two cases of one name"
done
# What shows nothing although it passes is told: what asserts nothing, cases that os.exit kept from beginning, a --set for which
# no script asks.
mkdir silent
printf '%s\n' 'local dw = require "drywire"' 'dw.test("none", function() end)' 'dw.test("one", function() assert(dw.param("n", 1)) end)' \
    'dw.test("two", function() dw.expect(1):equals(1) end)' >silent/a.lua
printf '%s\n' 'require "drywire".sim():run()' >silent/b.lua
printf '%s\n' 'local sim = require "drywire".sim() sim:invariant("good", function() return true end) sim:run()' >silent/c.lua
run 'silent' 0 "$DRYWIRE" test --set nn=1 silent
prints '# note: 2 pass without an assert, an expectation or an invariant: silent/a.lua: none, silent/b.lua'
prints '# note: --set nn: no script asks for a parameter "nn"; did you mean "n"?'
run 'silent with seeds' 0 "$DRYWIRE" test --seeds 1..2 silent
prints '# note: 2 pass without an assert, an expectation or an invariant: silent/a.lua: none, silent/b.lua'
run 'not silent' 0 "$DRYWIRE" test --set n=2 --filter '=one' silent
grep -q '# note' out && fail 'a remark on what shows something'
for command in test check; do
    run "$command of a misspelt --set" 0 "$DRYWIRE" $command --set nn=1 silent/a.lua
    cat out err >both
    grep -q 'note: --set nn: the script asks for no parameter "nn"; did you mean "n"?' both || fail "$command of a misspelt --set"
done
printf '%s\n' 'local dw = require "drywire"' 'dw.test("leaves", function() os.exit(3) end)' 'dw.test("later", function() end)' >leaves.lua
run 'os.exit in a case' 1 "$DRYWIRE" test leaves.lua
prints '        os.exit ended the script in this case: none after it was begun'
# Several simulations: what is of the last alone says so.
cat >several.lua <<'L'
local dw = require "drywire"
for i = 1, 3 do dw.pair({ delay = "20ms", trace = dw.param("trace", "on"), name = dw.param("name", "") .. (dw.param("name", "") == "" and "" or i) }):run() end
L
run 'several' 0 "$DRYWIRE" run --jsonl several.jsonl several.lua
says 'note: saved is the last of 3 simulations; sim.trace:save and sim.trace:pcap, in the script, write any'
prints ' (the last of 3 simulations)'
run 'several with names' 0 "$DRYWIRE" run --set name=x --pcap several.pcapng --svg several.svg several.lua
says 'note: saved is the last of 3 simulations'
grep -q 'shown is' err && fail 'several with names: all are drawn'
run 'not traced' 0 "$DRYWIRE" run --set trace=off several.lua
prints 'pass  0 packets, 0.000000 s simulated, not traced (the last of 3 simulations)'
# A script that the watchdog ended is not run again.
echo 'local runs = io.open "runs" local before = runs and runs:read "a" or ""
io.open("runs", "w"):write(before .. "once "):close() while true do end' >endless.lua
for seeds in '--seed 1' '--seeds 1..1'; do
    rm -f runs
    run 'endless' 3 "$DRYWIRE" test --watchdog 200ms $seeds endless.lua
    [ "$(cat runs)" = 'once ' ] || fail 'endless: it is run again'
done
# A case that failed before it made a simulation has no ladder of another one.
cat >cases.lua <<'L'
local dw = require "drywire"
local function exchange()
  local sim, client, server = dw.pair { delay = "20ms" }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() client:connect(server, 80):close() end)
  return sim, client
end
dw.test("one", function() exchange():run() end)
dw.test("none of its own", function() assert(1 == 2) end)
dw.test("its own", function() local sim, client = exchange(); sim:run(); dw.expect(client):reaches "CLOSING" end)
L
run 'the ladder of a case' 1 "$DRYWIRE" test cases.lua
[ "$(sed -n '/not ok 2/,/not ok 3/p' out | grep -c ladder:)" = 0 ] || fail 'the ladder of the case before'
[ "$(grep -c ladder: out)" = 1 ] || fail 'no ladder of the case that failed'
# A golden trace makes its directory.
cat >gold.lua <<'L'
local dw = require "drywire"
dw.expect(dw.pair { delay = "20ms" }):golden "new/gold/pair.jsonl"
L
run 'a golden trace in a new directory' 0 "$DRYWIRE" test --update gold.lua
[ -s new/gold/pair.jsonl ] || fail 'a golden trace in a new directory'
printf 'local dw = require "drywire"\ndw.sim()\nerror "no"\n' >suite/b.lua
run 'the first failure' 2 "$DRYWIRE" test --fail-fast suite
prints '# not begun: 2'
prints '1..2'
run 'the first failure of two at once' 2 "$DRYWIRE" test --fail-fast -j4 suite
prints '# 2 scripts: 1 passed, 1 failed'
rm suite/b.lua

# Drills have the same options.
mkdir -p drills/deep
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4\n' >drills/a.pkt
cp drills/a.pkt drills/deep/b.pkt
echo '+0 close(9) = 0' >>drills/a.pkt
run 'drills listed' 0 "$DRYWIRE" drill --list --filter a.pkt drills
output drills/a.pkt
run 'a drill' 0 "$DRYWIRE" drill --filter deep --junit drill.xml drills
run 'the schema of a drill' 0 xmllint --noout --relaxng "$SOURCE/tests/cli/junit.rng" drill.xml
run 'the first failure of a drill' 1 "$DRYWIRE" drill --fail-fast drills
prints '# not begun: 1'
run 'prove on a drill' 0 prove --exec "$DRYWIRE drill" drills/deep/b.pkt

# Seeds.
cat >chance.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", loss = "10%", seed = 5 }
local n = sim:random "x":integer(1, 10)
dw.test("seldom", function() assert(n < 9) end)
if n == 7 then error "never seven" end
L
run 'seeds' 2 "$DRYWIRE" test -j2 --seeds 1..20 chance.lua
prints 'fails with 1 of 20 seeds: '
prints 'with seed 9: chance.lua:5: never seven'
grep -q '    not ok 1 - seldom' out || fail 'seeds: a case'
replay=$(sed -n 's/^        drywire \(run --seed.*\)/\1/p' out)
eval "run 'the replay line of a seed' 1 '$DRYWIRE' $replay"
says 'chance.lua:4: assertion failed!'
run 'seeds that pass' 0 "$DRYWIRE" test --seeds 100,3..4 suite/a.lua
prints '# 1 script: 1 passed'
for seeds in x 1.. 1..x 5..1 1, ,1 -1 1..9999999; do
    run "seeds $seeds" 2 "$DRYWIRE" test --seeds "$seeds" suite/a.lua
    says 'drywire test: --seeds: '
done
run 'seeds and a seed' 2 "$DRYWIRE" test --seed 1 --seeds 1..2 suite/a.lua
says '--seed and --seeds: say one of them'
cat >several.lua <<'L'
local dw = require "drywire"
for seed = 1, 3 do dw.sim { seed = seed } end
L
run 'a seed over several' 2 "$DRYWIRE" run --seed 7 several.lua
says 'several.lua:2: --seed would give one seed to all simulations of this script, which sets several itself: 1 at several.lua:2, 2 here'
run 'several of its own' 0 "$DRYWIRE" run -q several.lua

# -v has both digests: that of all simulations, and the one that run prints.
run 'both digests' 0 "$DRYWIRE" test -v suite/a.lua
grep -qE '^# digest [0-9a-f]{16} suite/a.lua$' out || fail 'both digests: of all simulations'
trace=$(sed -nE 's/^# trace ([0-9a-f]{32}) of its last simulation$/\1/p' out)
run 'the digest of run' 0 "$DRYWIRE" run suite/a.lua
prints " simulated, trace ${trace:-missing}"
# Places in messages have the script's directory in front.
mkdir -p places/sub && echo 'return function() error "here" end' >places/helper.lua
printf '%s\n' 'local helper = require "helper"' 'helper()' >places/sub/a.lua
run 'places' 2 "$DRYWIRE" test places/sub/a.lua
prints '    places/sub/../helper.lua:1: here'
prints '    	places/sub/a.lua:2: in the main chunk'
run 'places, run' 2 "$DRYWIRE" run places/sub/a.lua
says 'places/sub/../helper.lua:1: here'
# Ladders are drawn as the terminal or the locale has it, or as --style says.
ascii() { LC_ALL=C grep -q '[^[:print:][:space:]]' out && fail "$name: other characters"; }
run 'style' 2 "$DRYWIRE" test --style ascii suite/deeper
prints '|-- #1 SYN seq=0 --'
ascii
run 'the locale' 2 env LC_ALL=POSIX "$DRYWIRE" test suite/deeper
ascii
run 'unicode' 2 env LC_ALL=POSIX "$DRYWIRE" test --style unicode suite/deeper
prints '├── #1 SYN seq=0 ──'

# Two runs that differ: from where on.
cat >flaky.lua <<'L'
local dw = require "drywire"
local t, first = {}, 0
for i = 1, 40 do t["key" .. i] = i end
for _, n in dw.rawpairs(t) do first = (41 * first + n) % 999983 end
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = client:connect(server, 80)
  conn:send(("x"):rep(first % 1400 + 1))
  conn:close()
end)
sim:run()
L
for command in test check; do
    run "flaky, $command" 5 "$DRYWIRE" $command flaky.lua
    prints 'simulation 1 parts at event '
    grep -qE 'first: .* client +call +send [0-9]+$' out && grep -qE 'other: .* client +call +send [0-9]+$' out ||
        fail "flaky, $command: no first difference"
    grep -q '#4 PSH,ACK seq=1 .*◀ here' out || fail "$command: the packet that differs"
    grep -q '#3 .*◀ here' out && fail "$command: a packet that does not differ"
    [ $command = check ] || prints '    drywire check flaky.lua'
done

# Golden traces: beside the script, from wherever it is run; what changed is said.
mkdir golden
cat >golden/g.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = dw.param("delay", "20ms") }
require "common" (client, server)
sim:run()
dw.expect(sim):golden "saved.jsonl"
L
cp -r suite/common.lua suite/lib golden
run 'no golden trace yet' 2 "$DRYWIRE" test golden/g.lua
prints 'golden: cannot read saved.jsonl: No such file or directory (run with --update to write it)'
run 'it is written' 0 "$DRYWIRE" test --update golden/g.lua
prints '# note: golden saved.jsonl: written'
[ -s golden/saved.jsonl ] || fail 'it is not beside the script'
run 'it is as it was' 0 "$DRYWIRE" test --update golden/g.lua
grep -q 'note: golden' out && fail 'a golden trace that did not change'
run 'from elsewhere' 0 bash -c 'cd / && "$DRYWIRE" test '"$work"'/golden'
run 'check of it' 0 "$DRYWIRE" check golden/g.lua
run 'it differs' 1 "$DRYWIRE" test --set delay=30ms golden/g.lua
prints 'g.lua:5: golden: this run (B) is not as saved.jsonl has it (A); --update takes it over'
prints '  A    0.020000000  server      delivered '
run 'it changes' 0 "$DRYWIRE" run --update --set delay=30ms golden/g.lua
says 'note: golden saved.jsonl: changed (A: before, B: now); the first difference:'
says 'note:   B    0.030000000  server      delivered '
run 'it has changed' 0 "$DRYWIRE" run -q --set delay=30ms golden/g.lua

# What never happened shows nothing.
# forgets LINE TEXT SCRIPT...
forgets() {
    local line=$1 text=$2
    shift 2
    printf '%s\n' 'local dw = require "drywire"' "$@" >forgot.lua
    run "forgotten: $*" 2 "$DRYWIRE" test forgot.lua
    prints "forgot.lua:$line: this simulation $text"
}
pair='local sim, client, server, link = dw.pair { delay = "20ms" }'
never='has programs or events, but was never run' after='was given programs or events after its last run'
forgets 2 "$never" "$pair" 'client:spawn(function() error "x" end)'
forgets 2 "$never" "$pair" 'client:spawn(function() end) print(sim.trace:count {}) sim.trace:save "never.jsonl"'
forgets 2 "$never" "$pair" 'server:serve(80, print)'
forgets 2 "$never" "$pair" 'link:inject { from = client, to = server, port = 1, to_port = 2, flags = "SYN" }'
forgets 2 "$never" "$pair" 'sim:invariant("good", function() return false end)'
forgets 2 "$never" "$pair" 'client:on_state("CLOSED", print)'
forgets 2 "$after" "$pair" 'sim:run() client:spawn(function() error "x" end)'
forgets 2 "$after" "$pair" 'client:spawn(function() end) sim:run "1s" sim:after("1s", error)'
forgets 3 "$never" 'dw.test("a", function()' "$pair" 'client:spawn(function() error "x" end) end)' 'dw.test("b", function() dw.sim():run() end)'
forgets 3 "$never" 'for i = 1, 2 do' "$pair" 'client:spawn(function() end) if i == 2 then sim:run() end collectgarbage() end'
finish
