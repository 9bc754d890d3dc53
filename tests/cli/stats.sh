#!/bin/bash
# drywire stats: a saved trace in numbers, checked against what the script itself counts.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
script 'local sim, client, server, link = dw.pair { delay = "20ms", rate = "8Mbps", seed = 4, isn = { 4294960000, 0 }, mss = 1000, queue = 20, tcp = { sack = true } }
link:drop { from = client, has_data = true, nth = { 5, 30 } }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80, { local_port = 5000 })) c:send(("x"):rep(200000)) c:close() end)
sim:run()
local data, again = sim.trace:packets { from = client, has_data = true }, 0
local octets = 0
for _, p in ipairs(data) do octets = octets + p.len if p.cause ~= "data" then again = again + 1 end end
print(octets, again, #sim.trace:packets { from = client })
sim.trace:save "t.jsonl"'
run 'the run' 0 "$DRYWIRE" run -q t.lua
read -r octets again packets <"$work/out"
run 'stats' 0 "$DRYWIRE" stats t.jsonl
prints '#1  client:5000 > server:80'
prints "    $packets packets; $octets octets of data sent, 200000 acknowledged, "
prints 'established after 40'
prints 'round trip: least 4'
prints 'client > server'
prints 'longest queue'
sum=$(sed -n 's/.*sent again: //p' "$work/out" | tr ',' '\n' | awk '{ n += $NF } END { print n + 0 }')
[ "$sum" = "$again" ] || fail "sent again: $sum, not $again"
sed -n 's/.*dropped: //p' "$work/out" | grep -q 'fault-drop 2' || fail 'the losses are not there'
run 'JSON' 0 "$DRYWIRE" stats --json t.jsonl
prints '"octets_acknowledged":200000'
prints '"dropped":{"fault-drop":2'
[ "$(grep -o '"conn":' "$work/out" | wc -l)" = 2 ] || fail 'two ends'
[ "$(grep -o '[{]' "$work/out" | wc -l)" = "$(grep -o '[}]' "$work/out" | wc -l)" ] || fail 'the JSON is not whole'
run 'one connection' 0 "$DRYWIRE" stats --conn 2 t.jsonl
prints '#2  server:80 > client:5000'
grep -q '^#1' "$work/out" && fail 'the other one, too'
run 'twice' 0 "$DRYWIRE" stats t.jsonl
cp "$work/out" first
run 'twice' 0 "$DRYWIRE" stats t.jsonl
cmp -s first "$work/out" || fail 'it differs from time to time'

# A SYN and a FIN that are sent again are counted; a link that is changed is there once.
script 'local sim, client, server, link = dw.pair { delay = "20ms", rate = "8Mbps" }
link:drop { from = client, flags = "SYN", nth = 1 }
link:drop { from = client, flags = "ACK", seq = 2, nth = { 1, 2 } }
link:drop { from = server, flags = "FIN", nth = { 1, 2 } }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = client:connect(server, 80) link:set { rate = "16Mbps" } c:close() end)
sim:run()
local n = { 0, 0 }
for i, host in ipairs { client, server } do
  local seen = {}
  for _, p in ipairs(sim.trace:packets { from = host }) do
    local what = (p.flags:find "SYN" and "s" or "") .. (p.flags:find "FIN" and "f" or "")
    if what ~= "" and seen[what] then n[i] = n[i] + 1 end
    seen[what] = true
  end
end
print(n[1], n[2])
sim.trace:save "again.jsonl"'
run 'SYN and FIN' 0 "$DRYWIRE" run -q t.lua
read -r client server <"$work/out"
[ "$client" -ge 1 ] && [ "$server" -ge 2 ] || fail "nothing is sent again: $client, $server"
run 'SYN and FIN sent again' 0 "$DRYWIRE" stats again.jsonl
prints "sent again: retransmission-timeout $client"
prints "sent again: retransmission-timeout $server"
[ "$(grep -c '^client > server' "$work/out")" = 1 ] || fail 'a link is there twice'
prints '(its rate was changed)'

# A connection that is open at the end; a round trip is none of data that waited behind a hole.
script 'local sim, client, server, link = dw.pair { delay = "20ms", mss = 1000, tcp = { sack = dw.param("sack", "yes") == "yes" } }
link:drop { from = client, has_data = true, nth = { 5, 6, 9 } }
server:serve(80, function(c) c:recv_all() end)
client:spawn(function() local c = assert(client:connect(server, 80)) for i = 1, 20 do c:send(("x"):rep(2900)) client:sleep "100ms" end end)
sim:run "30s"
sim.trace:save "open.jsonl"'
for sack in yes no; do
    run 'a run' 0 "$DRYWIRE" run -q --set sack=$sack t.lua
    run 'still open' 0 "$DRYWIRE" stats open.jsonl
    prints '    from 0.000000 s to 30.000000 s, still ESTABLISHED; established after 40'
    run 'its round trips' 0 "$DRYWIRE" stats --json open.jsonl
    most=$(sed 's/.*"rtt_ns":{[^}]*"most":\([0-9]*\).*/\1/' "$work/out")
    [ "$most" -lt 250000000 ] || fail "a round trip of $most ns, sack $sack"
done

# Nothing in it; not there; cut short; of another kind.
script 'dw.sim() .trace:save "empty.jsonl"'
run 'empty run' 0 "$DRYWIRE" run -q t.lua
run 'empty' 0 "$DRYWIRE" stats empty.jsonl
run 'no file' 2 "$DRYWIRE" stats no.jsonl
says 'no.jsonl'
head -c 2000 t.jsonl >cut.jsonl
run 'cut short' 2 "$DRYWIRE" stats cut.jsonl
says 'cut.jsonl'
run 'no trace' 2 "$DRYWIRE" stats t.lua
run 'no such connection' 2 "$DRYWIRE" stats --conn 9 t.jsonl
says '--conn: there is no 9; each end counts, and there are 2'
run 'no argument' 2 "$DRYWIRE" stats
says 'which trace? drywire stats FILE.jsonl'
finish
