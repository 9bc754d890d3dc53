#!/bin/bash
# An option that is not used is refused, and one that is given twice: every option of every command, with each output.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
mkdir inputs
cat >inputs/t.lua <<'L'
local dw = require "drywire"
local sim = dw.sim { seed = 7 }
local a, b = sim:host "alpha", sim:host "beta"
local link = sim:link(a, b, { rate = "10Mbps", delay = "5ms" })
link:drop { from = a, has_data = true, nth = 2 }
b:serve(80, function(conn) conn:recv_all() conn:send "hello" conn:close() end)
for n = 0, 1 do
  a:spawn(function()
    a:sleep(n)
    local conn = assert(a:connect(b, 80))
    conn:send(("x"):rep(8000)) conn:shutdown()
    conn:recv_all() conn:close()
  end)
end
sim:run()
dw.plot({ { label = "z", points = { { 0, 1 }, { 1, 2 } } } })
L
cat >inputs/c.lua <<'L'
local dw = require "drywire"
dw.test("one", function() dw.pair():run() end)
dw.test("two", function() dw.pair():run() end)
L
cp "$SOURCE/tests/drill/calls/send-more.pkt" inputs/s.pkt
run 'the inputs' 0 "$DRYWIRE" run -q --detail --pcap inputs/t.pcapng --jsonl inputs/t.jsonl inputs/t.lua
run 'another trace' 0 "$DRYWIRE" run -q --drop 5 --jsonl inputs/u.jsonl inputs/t.lua
run 'every option' 0 /usr/bin/python3 "$SOURCE/tests/cli/options.py" "$fast" "$work/inputs"
cat "$work/out" >&2

# Where text goes.
cp inputs/t.lua .
run 'an explanation' 0 "$DRYWIRE" run -q --explain t.lua
cp out explained
run 'an explanation into a file' 0 "$DRYWIRE" run -q --explain -o out.txt t.lua
[ -s out ] && fail 'an explanation is printed, too'
cmp explained out.txt || fail 'another explanation in a file'
run 'a header and a ladder' 0 "$DRYWIRE" run -q --bytefield 2 --ladder t.lua
cp out both
run 'both in a file' 0 "$DRYWIRE" run -q --bytefield 2 --ladder -o out.txt t.lua
cmp both out.txt || fail 'other text in a file'
run 'limits in a file' 0 "$DRYWIRE" import --explain -o out.txt inputs/t.pcapng
grep -q '^What limited the client' out.txt || fail 'no limits in a file'
run 'a header in a file' 0 "$DRYWIRE" ladder --bytefield 2 -o out.txt inputs/t.jsonl
[ "$(head -c 13 out.txt)" = '% The header ' ] || fail 'no header in a file'
run 'no packet for a file' 2 "$DRYWIRE" run --bytefield 999 -o new.txt t.lua
[ -e new.txt ] && fail 'a file for what was not there'

# Two that say the same thing, or the opposite.
run 'twice' 2 "$DRYWIRE" run --bytefield 1 --bytefield 2 t.lua
says 'drywire run: --bytefield is given twice; write it once'
run 'two names' 2 "$DRYWIRE" run --jsonl a --trace b t.lua
says '--jsonl and --trace: write one of them'
run 'yes and no' 2 "$DRYWIRE" run --ladder --calls --no-calls t.lua
says '--calls and --no-calls: write one of them'
run 'numbers and letters' 2 "$DRYWIRE" run --ladder --absolute --letters t.lua
says '--absolute and --letters: write one of them'
run 'columns and pixels' 0 "$DRYWIRE" run --ladder --svg f.svg --width 80 --width 900 t.lua
run 'columns twice' 2 "$DRYWIRE" run --ladder --width 80 --width 90 t.lua
says '--width is given twice in columns'
run 'parameters' 0 "$DRYWIRE" run --set a=1 --set b=2 t.lua
run "packetdrill's own, twice" 2 "$DRYWIRE" drill --mtu=1500 --mtu=1400 inputs/s.pkt
says '--mtu is given twice'
run 'an event and a packet' 2 "$DRYWIRE" explain --event 3 --packet 4 inputs/t.jsonl
says '--packet, --event and --repeats: write one of them'

run 'a style of a list' 2 "$DRYWIRE" test --list --style ascii inputs/c.lua
says 'drywire test: --style is not used here; it is for scripts that are run'
run 'two forms' 2 "$DRYWIRE" catalogue --json --markdown inputs/c.lua
says '--json and --markdown: write one of them'

# Cases of which none is left.
run 'no such case' 2 "$DRYWIRE" run --filter nothing inputs/c.lua
says '--filter: no case of inputs/c.lua matches "nothing"'
run 'all excluded' 2 "$DRYWIRE" run --exclude one --exclude two inputs/c.lua
says '--exclude: it leaves no case of inputs/c.lua'
run 'no cases' 2 "$DRYWIRE" run --exclude one t.lua
says '--exclude: t.lua has no case of dw.test'
run 'one of them' 0 "$DRYWIRE" run --filter one inputs/c.lua

# A script without a simulation, and a simulation without packets.
echo 'print "x"' >none.lua
for option in --ladder --explain '--packet 1' '--bytefield 1' '--svg f' '--tikz f' '--html f' '--jsonl f' '--pcap f' '-o f'; do
    # shellcheck disable=SC2086 # two words
    run "$option without a simulation" 2 "$DRYWIRE" run $option none.lua
    says 'there is nothing to show or write: none.lua made no simulation that keeps a trace'
done
cat >quiet.lua <<'L'
local sim = require("drywire").pair()
sim:run()
L
run 'no packets' 0 "$DRYWIRE" run --ladder quiet.lua
for option in '--from 1' '--to 5s' '--part open' --letters; do
    # shellcheck disable=SC2086
    run "$option without packets" 2 "$DRYWIRE" run --ladder $option quiet.lua
    word=${option%% *}
    says "$word: there is no packet"
done
run '--conn without connections' 2 "$DRYWIRE" run --ladder --conn 1 quiet.lua
says '--conn: there is no connection'
finish
