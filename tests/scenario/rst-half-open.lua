-- R12: data to a host that has rebooted draws RST, and the sender learns of it (figure 10).
local dw = require "drywire"
dw.covers "MUST-12"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local why
server:serve(80, function(conn)
  server:sleep "2s"
  conn:send "are you there?"
  why = select(2, conn:recv())
end)
client:spawn(function() assert(client:connect(server, 80)); client:sleep "1min" end)
sim:at("1s", function() client:crash() end)
sim:run()
assert(why == "reset")
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSED"
