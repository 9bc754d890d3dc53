-- The FIN overtakes lost data, and comes twice: it is kept once and counts once.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { from = client, has_data = true, nth = 1 }
link:duplicate { from = client, flags = "FIN" }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "late but whole"
  conn:close()
end)
sim:run()
assert(got == "late but whole")
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
