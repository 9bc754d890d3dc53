-- X11, X12: a retransmission that is lost too, and the loss of the last segment, are left to the timer, which repairs them.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { initial_window = 20 } }
link:drop { from = client, has_data = true, nth = { 3, 11 } }        -- the third, and its retransmission
link:drop { from = client, flags = "FIN", nth = 1 }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(14600)); conn:close()
end)
sim:run()
assert(#got == 14600)
dw.expect(client):cause "retransmission-timeout"
