-- C29: SO_LINGER 0 sends RST at once, and the peer is told (RFC 9293 3.10.5).
local dw = require "drywire"
dw.covers "MUST-12"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local why
server:serve(80, function(conn) why = select(2, conn:recv_all()) end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "1s"; conn:send "unsent or not"
  conn:close { linger = "0s" }
end)
sim:run()
assert(why == "reset")
dw.expect(client):never "TIME-WAIT"
dw.expect(sim):packets({ from = client, flags = "RST" }, 1)
