-- An ACK that comes late, with a segment whose number is older than the newest, moves SND.UNA; the window that it tells of is too old to be taken (WL1, WL2), and the right edge stays where it was (RFC 9293 3.8.6).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 20000, mss = 1000, checks = "off" }
local conn
server:serve(80, function(c) conn = c; server:sleep "10s"; c:recv_all(); c:close() end)
client:spawn(function()
  local c = assert(client:connect("server", 80))
  client:sleep "1s"
  c:send(("x"):rep(2000))                  -- outstanding: their ACKs are lost
  client:sleep "5s"
  c:close()
end)
link:drop { from = server, after = "900ms", before = "4s" }
-- The peer's newest data, which acknowledges nothing, and behind it older data that acknowledges all.
link:inject { at = "1100ms", from = server, port = 80, to = client, to_port = 49152, flags = "ACK",
              seq = 400, ack = 100, window = 5000, data = ("b"):rep(100) }
link:inject { at = "1200ms", from = server, port = 80, to = client, to_port = 49152, flags = "ACK",
              seq = 300, ack = 2100, window = 3000, data = ("a"):rep(100) }
sim:run "2s"
local info = client:conn():info()
assert(info.snd_una == 2100, info.snd_una)
assert(info.snd_una + info.snd_wnd == 100 + 5000, ("the edge is at %d"):format(info.snd_una + info.snd_wnd))
