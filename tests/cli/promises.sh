#!/bin/bash
# The promises: same script and seed, same bytes, whatever surrounds the run.
. "$(dirname "$0")/../support/lib.sh"

# 1. The same digest in changed surroundings, for each second example (all with FULL=1).
for example in $(every 2 "$SOURCE"/examples/*.lua); do
    run "check $(basename "$example")" 0 "$fast" check "$example"
    prints '8 runs in changed surroundings, one trace'
done

# It can fail: a script that lets its surroundings in is found.  (The order of 40 keys as one number.)
random='local t, order = {}, 0 for i = 1, 40 do t["key" .. i] = i end
for _, i in dw.rawpairs(t) do order = (41 * order + i) % 99991 end'
script 'local sim, client, server = dw.pair { delay = ("%dms"):format(#(package.path) % 50 + 1) }
server:serve(80, function(c) c:recv() end) client:spawn(function() client:connect(server, 80):close() end) sim:run "1s"'
cp "$work/t.lua" "$work/honest.lua"
script "$random
local sim, client, server = dw.pair { delay = order .. 'us' }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() client:connect(server, 80):close() end) sim:run()"
run 'check finds nondeterminism' 5 "$DRYWIRE" check "$work/t.lua"
prints 'not deterministic'
prints 'simulation 1 parts at event '
grep -qE '^  first: +0\.0[0-9]+  server +delivered +#1 client:[0-9]+ > server:80 SYN' "$work/out" ||
    fail "check does not show the first event that differs: $(cat "$work/out")"
grep -qE '^  other: +0\.0[0-9]+  server +delivered +#1 client:' "$work/out" || fail 'check does not show the other event'
script "$random
dw.sim { trace = 'off' } print 'same' print(order)"
run 'check finds another output' 5 "$DRYWIRE" check "$work/t.lua"
prints 'line 2 of its output is "'
script 'print "no simulation"'
run 'check without a trace' 0 "$DRYWIRE" check "$work/t.lua"
prints '8 runs in changed surroundings, one output; there was no trace to compare'
script 'local sim, a = dw.pair {} a:spawn(function() error "always" end) sim:run()'
run 'check of a failure' 2 "$DRYWIRE" check "$work/t.lua"
says 't.lua:2: always'
prints '8 runs in changed surroundings, one trace'
run 'check with too few descriptors' 2 bash -c "ulimit -n 12; \"$DRYWIRE\" check \"$work/honest.lua\""
says 'drywire check: too many open files: ulimit -n allows too few'

# A simulation that nobody holds any more may be collected while another runs.
script 'local function finished()
  local sim, client, server = dw.pair {}
  client:spawn(function() assert(not client:connect(server, 80)) end)
  sim:run()
end
for _ = 1, 20 do finished() end
local sim, client = dw.pair {}
client:spawn(function() for i = 1, 200000 do local garbage = { i } end client:sleep "1s" end)
sim:run()
for _ = 1, 5 do finished() end'
run 'collected while another runs' 0 "$DRYWIRE" run -q "$work/t.lua"

# An error inside a block with a connection to be closed stays what it was, and closes it.
script 'local sim, a, b = dw.pair { delay = "10ms" }
b:serve(80, function(c) c:recv_all() c:close() end)
local why
a:spawn(function()
  local _
  _, why = pcall(function()
    local c <close> = assert(a:connect(b, 80))
    error("mine", 0)
  end)
end)
sim:run()
assert(why == "mine")
dw.expect(a):reaches "TIME-WAIT"'
run 'an error passes through a block that closes' 0 "$DRYWIRE" run -q "$work/t.lua"

# -j changes nothing.
run 'test -j1' 0 "$DRYWIRE" test -j1 "$SOURCE/examples/figures"
sed 's/ # time=.*//' "$work/out" >"$work/j1"
run 'test -j8' 0 "$DRYWIRE" test -j8 "$SOURCE/examples/figures"
sed 's/ # time=.*//' "$work/out" | cmp -s - "$work/j1" || fail 'the output of -j8 differs from -j1'

# The module in a stock lua5.4 gives the command's digest.
if [ "$SANITIZE" != ON ]; then
    for example in "$SOURCE"/examples/*.lua; do
        "$DRYWIRE" run -q "$example" 2>/dev/null | grep '^trace ' >"$work/a"
        LUA_CPATH="$MODULE_DIR/?.so" "$LUA" "$example" 2>"$work/err" | grep '^trace ' >"$work/b"
        cmp -s "$work/a" "$work/b" || fail "$(basename "$example"): lua5.4 gives another digest"
    done
fi

# Traces saved and loaded keep their digest.
for example in "$SOURCE"/examples/*.lua; do
    run 'save' 0 "$DRYWIRE" run -q --jsonl "$work/a.jsonl" "$example"
    grep '^trace' "$work/out" >"$work/hash"
    run 'load' 0 "$DRYWIRE" trace "$work/a.jsonl"
    grep -qFf "$work/hash" "$work/out" || fail "$(basename "$example"): a loaded trace has another digest"
done
run 'save' 0 "$DRYWIRE" run -q --jsonl "$work/a.jsonl" "$SOURCE/examples/06-lost-final-ack.lua"
run 'diff with itself' 0 "$DRYWIRE" diff "$work/a.jsonl" "$work/a.jsonl"
run 'another seed' 0 "$DRYWIRE" run -q --jsonl "$work/b.jsonl" "$SOURCE/examples/09-simultaneous-close.lua"
run 'diff' 1 "$DRYWIRE" diff "$work/a.jsonl" "$work/b.jsonl"
prints 'the first difference'
prints 'here'
finish
