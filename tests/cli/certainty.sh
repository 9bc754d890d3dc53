#!/bin/bash
# What was inferred from a capture, in every view of a saved trace: tests/captures/inferred.jsonl is the trace of
# tests/support/inferred.h.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
trace=$SOURCE/tests/captures/inferred.jsonl
for style in unicode ascii; do
    run "the ladder in $style" 0 "$DRYWIRE" ladder --style $style "$trace"
    cmp -s out "$SOURCE/tests/golden/inferred-$style.txt" || fail "the ladder in $style is not tests/golden/inferred-$style.txt"
done
run 'a ladder in colour' 0 "$DRYWIRE" ladder --color always "$trace"
run 'events' 0 "$DRYWIRE" trace "$trace"
prints '(certain: acknowledged, #5)'
prints '(likely: sent-again, #17)'
prints 'unknown          #400000000 client:40000 > server:80'
run 'sentences' 0 "$DRYWIRE" explain "$trace"
prints 'server certainly receives tcp #3 (SYN seq=0): acknowledged in #5 (acknowledged).'
prints 'server likely goes from SYN-RECEIVED to ESTABLISHED: nothing says otherwise (usual).'
prints 'whether tcp #400000000 (ACK seq=101 ack=51) arrives is unknown: the capture ends (capture-ends).'
run 'numbers' 0 "$DRYWIRE" stats "$trace"
prints 'dropped: sent-again 1'
prints 'unknown whether they arrived: 1'
run 'JSON' 0 "$DRYWIRE" stats --json "$trace"
prints '"delivered":3,"unknown":1'
run 'a picture and a page' 0 "$DRYWIRE" ladder --svg x.svg --html x.html "$trace"
grep -q 'class="data lost likely"' x.svg || fail 'the picture does not tell what is likely'
grep -q 'id="marks"' x.html || fail 'the page has no legend'

# Two traces that differ in how sure an event is.
sed 's/"certainty":"certain"/"certainty":"likely"/; $d' "$trace" >other.jsonl
echo '{"digest":"0","events":0}' >>other.jsonl
run 'edited' 2 "$DRYWIRE" ladder other.jsonl
says 'the events do not match the digest'
sed 's/"certainty":"certain"/"certainty":"sure"/' "$trace" >wrong.jsonl
run 'no certainty' 2 "$DRYWIRE" ladder wrong.jsonl
says 'field "certainty" is missing or out of range'

# In Lua a simulation's packets were observed; their fate is told as of now.
script 'local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { from = client, has_data = true, nth = 1 }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80)) c:send "x" c:close() end)
sim:run()
local p = sim.trace:packets()
assert(p[1].fate == "arrived" and p[1].certainty == "observed" and p[1].shown_by == nil)
assert(sim.trace:packets({ from = client, has_data = true })[1].fate == "lost")
print "told"'
run 'Lua' 0 "$DRYWIRE" run t.lua
prints 'told'
finish
