#!/bin/bash
# --html of more than a hundred thousand events: how soon the page is there, and how many frames a second it draws.
# Alone, for what else runs would take of both.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
cat >big.lua <<'L'
-- More than a hundred thousand events.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", rate = "20Mbps", queue = 40, tcp = { sack = true } }
server:serve(80, function(conn) for _ in conn:chunks() do end conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(10000000))
  conn:close()
end)
sim:run()
L
run 'big' 0 "$fast" run -q --html big.html big.lua
/usr/bin/python3 "$SOURCE/tests/browser/player.py" Frames "$work" 2>browser.txt || {
    cat browser.txt
    fail 'the browser test'
}
grep 'frames a second' browser.txt
finish
