#!/bin/bash
# --html: the page that plays a run, in a browser; and what goes wrong while it is written.
. "$(dirname "$0")/../support/lib.sh"
here=$PWD
cd "$work" || exit 1

make() { # make NAME FILE OPTIONS: NAME.html and NAME.jsonl
    run "$1" 0 "$DRYWIRE" run -q --html "$1.html" --jsonl "$1.jsonl" "$2" "${@:3}"
}

make lost-final-ack "$SOURCE/examples/06-lost-final-ack.lua"
make close "$SOURCE/examples/06-lost-final-ack.lua" --part close --letters=J,K,M --large --mono
make chinese "$SOURCE/examples/06-lost-final-ack.lua" --from 3 --to 7 --left server --lang zh --packets --no-times --no-calls
make crossing "$SOURCE/examples/09-simultaneous-close.lua" --part close
make stateless "$SOURCE/examples/06-lost-final-ack.lua" --no-states
run 'no such language' 2 "$DRYWIRE" run -q --html x.html --lang xx "$SOURCE/examples/06-lost-final-ack.lua"
says '--lang: unknown "xx"; expected en or zh'
run 'pages do not move by themselves' 2 "$DRYWIRE" run -q --html x.html --animate "$SOURCE/examples/06-lost-final-ack.lua"
says '--animate is not used here; it is for --svg FILE'
make bulk "$SOURCE/examples/12-bulk-transfer.lua"
make router "$SOURCE/examples/figures/rfc1191.lua"
cat >connections.lua <<'L'
-- Three connections.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
for i = 1, 3 do
  client:spawn(function()
    client:sleep(("%dms"):format(5 * i))
    local conn = assert(client:connect("server", 80))
    conn:send("hello")
    conn:close()
  end)
end
sim:run()
L
make connections connections.lua
cat >clients.lua <<'L'
-- Two clients, whose connections have the same ports.
local dw = require "drywire"
local sim = dw.sim {}
local one, two, server = sim:host "one", sim:host "two", sim:host "server"
sim:link(one, server, { delay = "5ms" })
sim:link(two, server, { delay = "7ms" })
server:serve(80, function(conn) conn:recv_all() conn:close() end)
for i, client in ipairs { one, two } do
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(100 * i))
    conn:close()
  end)
end
sim:run()
L
make clients clients.lua
run 'one of two' 0 "$DRYWIRE" run -q --conn 1 --svg one.svg clients.lua
grep -q '>two<' one.svg && fail '--conn draws the other client, too'
grep -q '>one<' one.svg || fail '--conn does not draw its own client'
cat >reopened.lua <<'L'
-- The same ports again while the first connection is in TIME-WAIT.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { { 1000, 3000 }, { 5000, 9000 } } }
server:serve(80, function(conn) conn:close() end)
client:spawn(function()
  for _ = 1, 2 do
    local conn = assert(client:connect("server", 80, { local_port = 5000 }))
    conn:recv_all()
    conn:close()
    client:sleep "5s"
  end
end)
sim:run()
L
make reopened reopened.lua
cat >path.lua <<'L'
-- Hosts that were made in another order than they stand in.
local dw = require "drywire"
local sim = dw.sim {}
local r1, r2, client, server = sim:host "r1", sim:host "r2", sim:host "client", sim:host "a server with a long name"
sim:link(client, r1, { delay = "1ms" })
sim:link(r1, r2, { delay = "10ms" })
sim:link(r2, server, { delay = "1ms" })
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hello"
  conn:close()
end)
sim:run()
L
make path path.lua
echo 'require("drywire").sim {}' >empty.lua
make empty empty.lua
cat >names.lua <<'L'
-- </title><script>alert(1)</script> & "quotes"
local dw = require "drywire"
local sim = dw.sim {}
local a, b = sim:host("</script><b>"), sim:host("b&b")
sim:link(a, b, { delay = "1ms" })
b:serve(80, function(conn) conn:close() end)
a:spawn(function() assert(a:connect(b, 80)):close() end)
sim:run()
L
make names names.lua
run 'a page of a capture' 0 "$DRYWIRE" ladder --html inferred.html "$SOURCE/tests/captures/inferred.jsonl"

# The same trace, the same page; in detail or not, the same digest.
cp lost-final-ack.html first.html
make lost-final-ack "$SOURCE/examples/06-lost-final-ack.lua"
cmp -s first.html lost-final-ack.html || fail 'the page differs from run to run'
run 'without detail' 0 "$DRYWIRE" run -q --jsonl plain.jsonl "$SOURCE/examples/06-lost-final-ack.lua"
digest() { tail -n 1 "$1" | grep -o '"digest":"[^"]*"'; }
[ "$(digest plain.jsonl)" = "$(digest lost-final-ack.jsonl)" ] || fail 'detail changes the digest'
grep -q '"ev":"detail"' plain.jsonl && fail 'details without --html'
run 'no difference' 0 "$DRYWIRE" diff plain.jsonl lost-final-ack.jsonl
run 'from a trace' 0 "$DRYWIRE" ladder --html again.html lost-final-ack.jsonl
run 'from a drill' 0 "$DRYWIRE" drill -q --html drill.html "$SOURCE/tests/drill/freebsd/simultaneous-close.pkt"
[ -s drill.html ] || fail 'drill --html writes nothing'
echo 'local dw = require "drywire" local sim = dw.pair {} sim:run() assert(sim.trace:html { file = "lua.html", title = "x" } == io.open("lua.html"):read("a"))' >html.lua
echo 'print(1)' >none.lua
run 'nothing to draw' 2 "$DRYWIRE" run -q --html none.html none.lua
says 'made no simulation that keeps a trace'
run 'a figure' 0 "$DRYWIRE" figures show rfc9293-12 --html figure.html --svg figure.svg
[ -s figure.html ] && [ -s figure.svg ] || fail 'figures show writes no page or no picture'
run 'all figures' 2 "$DRYWIRE" figures list --html figure.html
says 'drywire figures show NAME'
run 'from Lua' 0 "$DRYWIRE" run -q html.lua
grep -q '<title>x</title>' lua.html || fail 'trace:html: the title'

# The page is whole and loads nothing.
grep -oE '<(script|link|img)[^>]*(src|href)="[^"]*"' lost-final-ack.html | grep -v '="data:' && fail 'the page refers to other files'
grep -q 'Permission is hereby granted' lost-final-ack.html || fail 'the licence of the plots is missing'

# What goes wrong.
run 'no directory' 2 "$DRYWIRE" run -q --html no/such/x.html connections.lua
says 'cannot write no/such/x.html'
mkdir directory.html
run 'a directory' 2 "$DRYWIRE" run -q --html directory.html connections.lua
says 'directory.html'
if [ -c /dev/full ]; then
    run 'a full disk' 2 "$DRYWIRE" run -q --html /dev/full connections.lua
    says 'cannot write /dev/full'
fi
run 'no such option' 2 "$DRYWIRE" run -q --htm x.html connections.lua
says 'did you mean --html'
echo 'local sim = require("drywire").pair {} sim:run() sim.trace:html { fil = "x" }' >wrong.lua
run 'no such field' 2 "$DRYWIRE" run -q wrong.lua
says 'did you mean "file"'
ls ./*.part* 2>/dev/null && fail 'half-written files'

cd "$here" || exit 1
/usr/bin/python3 tests/browser/player.py "$work" 2>"$work/browser.txt" || {
    cat "$work/browser.txt"
    fail 'the browser test'
}
finish
