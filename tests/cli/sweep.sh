#!/bin/bash
# dw.sweep and drywire sweep: the same octets with any number of processes, whatever is killed; statistics that an
# independent judge agrees with; what is wrong is said.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1

# Of every kind: texts and numbers, several values, a run that fails, one without a value, words on both streams.
cat >sweep.lua <<'LUA'
local dw = require "drywire"
local most = dw.param("most", 12)
local result = dw.sweep({ loss = { "0%", "2%" }, cc = { "reno", "cubic" }, size = { 20000 }, seed = dw.range(1, most) }, function(p)
  local sim, client, server = dw.pair { rate = dw.param("rate", "10Mbps"), delay = "10ms", loss = p.loss, tcp = { congestion_control = p.cc } }
  local done
  server:serve(80, function(conn) conn:recv_all(); done = sim:now(); conn:close() end)
  client:spawn(function() local c = assert(client:connect(server, 80)); c:send(("x"):rep(p.size)); c:close() end)
  sim:run()
  print("ran", p.loss, p.cc, p.seed, sim:seed(), math.random(1000), sim, {})
  if p.seed == 3 then io.stderr:write("a word\n") end
  if p.seed == 5 and p.cc == "cubic" then error("boom " .. p.loss) end
  if p.seed == 6 then return nil end
  return { goodput = p.size * 8 / done, rtt = client:open_connections and 1 or 2 }
end, { file = dw.param("file", "") ~= "" and dw.param("file", "") or nil })
print(result:table())
print(result:plot { x = "loss", y = "goodput", series = "cc" })
print(math.random(1000000), {})
LUA
sed -i 's/, rtt = client:open_connections and 1 or 2/, seed = p.seed/' sweep.lua
for j in 1 2 4; do
    run "with -j$j" 2 "$DRYWIRE" run -j$j sweep.lua
    mv out out$j
    mv err err$j
    run "sweep with -j$j" 2 "$DRYWIRE" sweep -j$j --csv c$j.csv --jsonl r$j.jsonl sweep.lua
    mv out sout$j
done
for j in 2 4; do
    for f in out:'' err:'' sout:'' c:.csv r:.jsonl; do same "-j1 and -j$j" "${f%:*}1${f#*:}" "${f%:*}$j${f#*:}"; done
done
[ "$(grep -c '^ran' out1)" = 48 ] || fail "not every run was made once: $(grep -c '^ran' out1)"
[ "$(grep -c '^a word' err1)" = 4 ] || fail 'standard error of runs is lost'
grep -q '2 of 48 runs failed; the first, cc = cubic, loss = 0%, size = 20000, seed = 5: sweep.lua:11: boom 0%' err1 || fail 'the first run that failed is not told'
grep -q 'asks for no parameter' err1 && fail 'a parameter that runs ask for was told as unknown'
[ "$(wc -l <r1.jsonl)" = 49 ] && [ "$(wc -l <c1.csv)" = 9 ] || fail 'a line for each run, a row for each point and name'
# The seed of the point is that of the simulation; streams are the same at every point.
[ "$(awk '$1 == "ran" && $4 != $5' out1 | wc -l)" = 0 ] || fail 'the point'"'"'s seed is not that of the simulation'
[ "$(awk '$1 == "ran" { print $4, $6 }' out1 | sort -u | wc -l)" = 12 ] || fail 'one seed has several streams'
run 'a test' 2 "$DRYWIRE" test sweep.lua
grep -q 'boom' out || fail 'drywire test does not say what failed'
run 'a parameter of runs, in two processes' 2 "$DRYWIRE" run -q -j2 --set rate=5Mbps sweep.lua
grep -q 'asks for no parameter' err && fail 'a parameter that runs ask for was told as unknown'

# A stock interpreter has the same.
sed 's/, { file = .*/, { jobs = 2 })/' sweep.lua >stock.lua
run 'the command' 2 "$DRYWIRE" run stock.lua
mv out expected
run 'a stock interpreter' 0 env "LD_PRELOAD=$(asan_library)" ASAN_OPTIONS=detect_leaks=0 "LUA_CPATH=$MODULE_DIR/?.so" "$LUA" stock.lua
same 'a stock interpreter' expected out

# Resuming: what is there is not run again, a torn line is.
for cut in 1 5 300 2000 $(($(wc -c <r1.jsonl) - 3)) "$(wc -c <r1.jsonl)"; do
    head -c "$cut" r1.jsonl >part.jsonl
    there=$(($(wc -l <part.jsonl) - 1))
    [ $there -ge 0 ] || there=0
    run "resumed after $cut octets" 2 "$DRYWIRE" sweep -j2 --jsonl part.jsonl --csv part.csv sweep.lua
    same "resumed after $cut octets" part.jsonl r1.jsonl
    same "statistics after $cut octets" part.csv c1.csv
    [ "$(grep -c '^ran' out)" = $((48 - there)) ] || fail "resumed after $cut octets: $(grep -c '^ran' out) runs, not $((48 - there))"
done
run 'the script names the file' 2 "$DRYWIRE" run -q --set file=own.jsonl sweep.lua
cp own.jsonl before.jsonl
run 'and goes on with it' 2 "$DRYWIRE" run -q --set file=own.jsonl sweep.lua
same 'the script goes on' own.jsonl before.jsonl
[ "$(grep -c '^ran' out)" = 0 ] || fail 'runs of the file were run again'

refuses() { # NAME TEXT COMMAND...
    local text=$2
    run "$1" 2 "${@:3}"
    says "$text"
}
echo '-- changed' | cat sweep.lua - >changed.lua
refuses 'another script' 'r1.jsonl was written by another script, or before this one was changed; remove it, or name another file' "$DRYWIRE" sweep --jsonl r1.jsonl changed.lua
refuses 'other options' 'r1.jsonl was written with other options (none)' "$DRYWIRE" sweep --jsonl r1.jsonl --set most=13 sweep.lua
refuses 'other arguments' 'r1.jsonl was written with other options (none)' "$DRYWIRE" sweep --jsonl r1.jsonl sweep.lua -- word
sed 's/"drywire":"[^"]*"/"drywire":"0.0.1"/' r1.jsonl >old.jsonl
refuses 'another version' 'old.jsonl was written by drywire 0.0.1, this is ' "$DRYWIRE" sweep --jsonl old.jsonl sweep.lua
sed 's/"2%"/"3%"/' r1.jsonl >other.jsonl
refuses 'other parameters' 'other.jsonl has other parameters' "$DRYWIRE" sweep --jsonl other.jsonl sweep.lua
refuses 'no record' 'sweep.lua is no record of a sweep' "$DRYWIRE" sweep --against sweep.lua changed.lua
cp sweep.lua precious.txt
refuses 'no record' 'precious.txt is no record of a sweep' "$DRYWIRE" sweep --jsonl precious.txt sweep.lua
same 'a file that is no record' precious.txt sweep.lua
sed '7s/.*/{"run":/' r1.jsonl >damaged.jsonl
refuses 'a damaged line' 'line 7 of damaged.jsonl is damaged' "$DRYWIRE" sweep --jsonl damaged.jsonl sweep.lua
refuses '--seed' '--seed would give one seed to all simulations of this script, which sweeps over 12 of them; leave it out' "$DRYWIRE" run --seed 4 sweep.lua
refuses '--exact alone' '--exact: compared with what? Add --against FILE' "$DRYWIRE" sweep --exact sweep.lua
refuses '--against itself' '--jsonl would write over r1.jsonl, which is read' "$DRYWIRE" sweep --jsonl r1.jsonl --against r1.jsonl sweep.lua
refuses '--against nothing' '--against: there is no file nothing' "$DRYWIRE" sweep --against nothing sweep.lua
script 'dw.sim()'
refuses 'a script without a sweep' 't.lua has no dw.sweep' "$DRYWIRE" sweep t.lua

# Processes that are killed.  Runs take long enough for that, by events.
cat >long.lua <<'LUA'
local dw = require "drywire"
local result = dw.sweep({ a = { 1, 2 }, seed = dw.range(1, 30) }, function(p)
  local sim, n = dw.sim(), 0
  local function step() n = n + 1; if n < 8000 then sim:after("1us", step) end end
  sim:after(0, step)
  sim:run()
  return p.a + sim:random("x"):integer(1, 100)
end)
print(result:table())
LUA
run 'nothing killed' 0 "$DRYWIRE" sweep --jsonl whole.jsonl long.lua
mv out whole
children() { pgrep -P "$1"; }
lines() { [ -f "$1" ] && wc -l <"$1" || echo 0; }
await() { for _ in $(seq 200); do [ "$(lines "$1")" -ge "$2" ] && return; sleep 0.05; done; fail "$1 never had $2 lines"; }
"$DRYWIRE" sweep -j2 --jsonl worker.jsonl long.lua >out 2>err &
pid=$!
await worker.jsonl 5
kill -9 "$(children $pid | head -1)" || fail 'there is no process to kill'
wait $pid || fail "a sweep whose worker was killed ends with $?: $(head -3 err)"
same 'a killed worker' worker.jsonl whole.jsonl
same 'a killed worker' out whole
"$DRYWIRE" sweep -j2 --jsonl parent.jsonl long.lua >out 2>err &
pid=$!
await parent.jsonl 5
workers=$(children $pid)
kill -9 $pid
wait $pid 2>/dev/null
for _ in $(seq 100); do
    left=0
    for w in $workers; do [ -e "/proc/$w" ] && grep -q '^State:[^Z]*$' "/proc/$w/status" 2>/dev/null && left=1; done
    [ $left = 0 ] && break
    sleep 0.05
done
[ $left = 0 ] || fail 'workers outlive who deals'
[ "$(lines parent.jsonl)" -lt 61 ] || fail 'it was killed too late to show anything'
run 'resumed after a kill' 0 "$DRYWIRE" sweep -j2 --jsonl parent.jsonl long.lua
same 'resumed after a kill' parent.jsonl whole.jsonl
same 'resumed after a kill' out whole
for signal in INT TERM; do
    rm -f signal.jsonl
    # (An asynchronous command of a script ignores SIGINT; python has it as usual.)
    python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])' \
        "$DRYWIRE" sweep -j2 --jsonl signal.jsonl long.lua >out 2>err &
    pid=$!
    await signal.jsonl 5
    workers=$(children $pid)
    kill -$signal $pid
    wait $pid
    code=$?
    [ $code = 130 ] || [ $code = 143 ] || fail "SIG$signal: exit code $code"
    for w in $workers; do [ -e "/proc/$w" ] && fail "a worker outlives SIG$signal"; done
    run "resumed after SIG$signal" 0 "$DRYWIRE" sweep -j2 --jsonl signal.jsonl long.lua
    same "resumed after SIG$signal" signal.jsonl whole.jsonl
done

# What ends a script ends it from whatever process it happens in, with the same words.
ends() { # NAME CODE BODY OPTIONS...: with one process and with two
    script "dw.sweep({ a = dw.range(1, 40) }, function(p) $3 return p.a end)"
    run "$1, one process" "$2" "$DRYWIRE" run "${@:4}" t.lua
    cp err err1
    run "$1, two processes" "$2" "$DRYWIRE" run -j2 "${@:4}" t.lua
    same "$1" err err1
}
ends 'an endless loop' 3 'while p.a == 20 do end' --watchdog 500ms
says 't.lua:2: the script has been running for 500ms without getting on'
ends 'os.exit' 7 'if p.a == 30 then os.exit(7) end'
ends 'too much memory' 3 'local t = {} while p.a == 10 do t[#t + 1] = ("x"):rep(100000) .. #t end' --memory 64MiB
says 'memory limit of 64 MiB'
ends 'a failed assertion' 1 'assert(p.a ~= 10, "ten")'
says 'dw.sweep: 1 of 40 runs failed; the first, a = 10: t.lua:2: ten'
ends 'a simulation that never ran' 2 'if p.a == 9 then dw.sim():at(1, print) end'
says 'was never run'
script 'dw.sweep({ a = dw.range(1, 40) }, function(p) if p.a == 12 then string.rep("x", -1):find(("a*"):rep(30) .. "b") end return 1 end)'
run 'patterns' 0 "$DRYWIRE" run -j2 t.lua

# drywire check: a function that depends on more than its point.
script 'local n = 0
print(dw.sweep({ a = dw.range(1, 20) }, function(p) n = n + 1; return n end):table())'
run 'a function with a memory' 5 "$DRYWIRE" check t.lua
prints 'the run "again, in two processes" differs from the first'
run 'a function of its point' 0 "$DRYWIRE" check long.lua
prints '8 runs in changed surroundings, one output and the same traces'

# Against an earlier one.
script 'local slow = dw.param("slow", 0)
dw.sweep({ a = { "x", "y", "z" }, seed = dw.range(1, 30) }, function(p)
  local jitter = (p.seed * 7919 % 101) / 101
  return { time = 10 + jitter + (p.a == "y" and slow or 0), count = 3 }
end)'
run 'the first' 0 "$DRYWIRE" sweep -q --jsonl first.jsonl t.lua
run 'the same' 0 "$DRYWIRE" sweep -q --against first.jsonl --exact t.lua
prints '90 runs with the values they had, 0 with others'
prints '0 of 6 distributions have changed'
run 'a small change' 0 "$DRYWIRE" sweep -q --against first.jsonl --set slow=0.01 t.lua
prints '60 runs with the values they had, 30 with others'
prints 'the first: a = y, seed = 1: '
run 'a small change, exactly' 1 "$DRYWIRE" sweep -q --against first.jsonl --exact --set slow=0.01 t.lua
says 'the values are not those of first.jsonl'
run 'a large change' 1 "$DRYWIRE" sweep -q --against first.jsonl --set slow=1 t.lua
prints '1 of 6 distributions have changed (mann-whitney, p < 0.05 after Holm'"'"'s correction)'
prints '  a = y, time: mean 11.'
says '1 of 6 distributions have changed against first.jsonl'

# Several sweeps of one script, and pictures.
script 'for i = 1, 2 do
  local r = dw.sweep({ { y = { 1, 2 } }, { x = dw.logspace(1, 100, 3) }, { seed = { 1, 2, 3 } } }, function(p) return i * p.y * p.x + p.seed end)
  for _, band in ipairs { "ci", "p5-p95", "none" } do r:plot { x = "x", log = "xy", band = band, file = band .. i .. ".svg" } end
  r:plot { x = "x", where = { y = 2 }, file = "one" .. i .. ".gp" }
  r:csv("own" .. i .. ".csv"):jsonl("own" .. i .. ".jsonl")
end'
run 'two sweeps' 0 "$DRYWIRE" sweep --plots pictures --csv two.csv --jsonl two.jsonl t.lua
for i in '1:' '2:-2'; do
    same 'two sweeps' "own${i%:*}.jsonl" "two${i#*:}.jsonl"
    same 'two sweeps' "own${i%:*}.csv" "two${i#*:}.csv"
    grep -q 'class="band p2"' "ci${i%:*}.svg" || fail 'a picture has no band'
    grep -q 'class="band' "none${i%:*}.svg" && fail 'a picture has a band that nobody wanted'
    grep -q filledcurves "one${i%:*}.gp" || fail 'the script for gnuplot has no band'
    xmllint --noout "p5-p95${i%:*}.svg" || fail 'a picture is no XML'
done
[ "$(ls pictures | wc -l)" = 8 ] || fail 'not every plot was written'
[ "$(sed -n 2,3p own1.jsonl | grep -o '"x":[0-9.]*,"y":[0-9]' | uniq)" = '"x":1,"y":1' ] || fail 'the order of parameters is not that of the list'

# Streams of random numbers, and the order of points.
cp "$SOURCE/tests/cli/sweep_random.lua" .
run 'random numbers' 0 "$DRYWIRE" check sweep_random.lua

# Statistics.
run 'samples' 0 "$DRYWIRE" run "$SOURCE/tests/cli/sweep_samples.lua"
grep '^{' out >samples
run 'the judge' 0 python3 "$SOURCE/tests/cli/sweep.py" samples
prints '47 checked, 0 wrong'

# What is wrong is said, at the script's line.
wrong() { # TEXT CALL
    script "$2"
    run "$2" 2 "$DRYWIRE" run t.lua
    says "t.lua:2: $1"
}
wrong 'dw.sweep: expected parameters, ' 'dw.sweep(nil, print)'
wrong 'dw.sweep: there are no parameters' 'dw.sweep({}, print)'
wrong 'dw.sweep: a has no values' 'dw.sweep({ a = {} }, print)'
wrong 'dw.sweep: a: expected a list of values, { 1 } for example, got a number' 'dw.sweep({ a = 1 }, print)'
wrong 'dw.sweep: a: value 2 is a string, and the first one a number' 'dw.sweep({ a = { 1, "x" } }, print)'
wrong 'dw.sweep: a: value 1 is nan' 'dw.sweep({ a = { 0/0 } }, print)'
wrong 'dw.sweep: a: value 2, 1.0, is there already' 'dw.sweep({ a = { 1, 1.0 } }, print)'
wrong 'dw.sweep: seed: a seed is a whole number, not 1.5' 'dw.sweep({ seed = { 1.5 } }, print)'
wrong 'dw.sweep: a parameter has a name of letters, digits and "_", not a b' 'dw.sweep({ ["a b"] = { 1 } }, print)'
wrong 'dw.sweep: "mean" is a column of its tables; give the parameter another name' 'dw.sweep({ mean = { 1 } }, print)'
wrong 'dw.sweep: a: expected a list of values; it has names, or holes' 'dw.sweep({ a = { 1, nil, 3 } }, print)'
wrong 'dw.sweep: a: value 1 is a table' 'dw.sweep({ a = { {} } }, print)'
wrong 'dw.sweep: where the order matters, parameter 1 is { name = { values } }' 'dw.sweep({ { a = { 1 }, b = { 1 } } }, print)'
wrong 'dw.sweep: a is there twice' 'dw.sweep({ { a = { 1 } }, { a = { 1 } } }, print)'
wrong 'dw.sweep: expected a function to call at each point, got a nil' 'dw.sweep({ a = { 1 } })'
wrong 'unknown option "job" for dw.sweep; did you mean "jobs"?' 'dw.sweep({ a = { 1 } }, print, { job = 2 })'
wrong 'dw.sweep.jobs: expected a whole number from 1 on, got 0' 'dw.sweep({ a = { 1 } }, print, { jobs = 0 })'
wrong 'dw.sweep: that is 100,000,000 runs (100,000,000 points, 1 seed); more than 1,000,000 have to be meant' 'dw.sweep({ a = dw.range(1, 10000), b = dw.range(1, 10000) }, print)'
wrong 'dw.range: a step of 0 leads nowhere' 'dw.range(1, 2, 0)'
wrong 'dw.logspace: from and to are above 0' 'dw.logspace(0, 1, 3)'
wrong 'unknown option "bands" for result:plot; did you mean "band"?' 'dw.sweep({ a = { 1 } }, function() return 1 end):plot { bands = "ci" }'
wrong 'result:plot.x: a has values that lie on no axis: x and x' 'dw.sweep({ a = { "x" } }, function() return 1 end):plot { x = "a" }'
wrong 'result:plot: b has 2 values; choose one, where = { b = ... }, or leave series out' 'dw.sweep({ a = { 1 }, b = { 1, 2 }, c = { 1, 2 } }, function() return 1 end):plot { x = "a", series = "c" }'
failing() { # TEXT FUNCTION: each run is told, the rest goes on
    script "local r = dw.sweep({ a = { 1, 2 } }, $2) print('errors ' .. #r.errors)"
    run "$2" 2 "$DRYWIRE" run t.lua
    says "$1"
    prints 'errors '
}
failing 'dw.sweep: 2 of 2 runs failed; the first, a = 1: the function returned a string, "x"; expected a number, a table of named numbers, or nil' 'function() return "x" end'
failing 'the function returned value = nan' 'function() return 0/0 end'
failing 'the function returned value = inf' 'function() return 1/0 end'
failing 'the function returned b = 2, a string; expected a number' 'function() return { b = "2" } end'
failing 'the function returned an empty table' 'function() return {} end'
failing '1 of 2 runs failed; the first, a = 2: the function returned y here, and x before' 'function(p) return p.a == 1 and { x = 1 } or { y = 1 } end'
failing 'a sweep inside the function of another one' 'function(p) dw.sweep({ a = { 1 } }, print) end'
failing 'dw.explore: not within the function of a sweep' 'function(p) dw.explore({}, print) end'
failing 'dw.test: a case has no place in the function of a sweep' 'function(p) dw.test("x", print) end'
script 'local sim = dw.sim()
sim:at(1, function() dw.sweep({ a = { 1 } }, print) end)
sim:run()'
run 'inside an exploration' 2 "$DRYWIRE" run <(printf 'local dw = require "drywire"\ndw.explore({}, function() dw.sim():run() dw.sweep({ a = { 1 } }, print) end)\n')
says 'dw.sweep: not from within the function of dw.explore'
run 'inside a simulation' 2 "$DRYWIRE" run t.lua
says 't.lua:3: dw.sweep: not from within a running simulation'
finish
