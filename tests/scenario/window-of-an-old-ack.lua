-- W10: an old ACK that comes late must not bring back its window (SND.WL1, SND.WL2; RFC 9293 3.10.7.4).
local dw = require "drywire"
dw.covers "MUST-1"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 4000 }
server:serve(80, function(conn) server:sleep "3s"; conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send(("x"):rep(4000)); client:sleep "10s"; conn:close()
end)
link:inject { at = "1s", from = server, port = 80, to = client, to_port = 5000, flags = "ACK", seq = 300, ack = 1560, window = 65535 }
sim:run "2s"
assert(client:conn():info().snd_wnd == 0)
