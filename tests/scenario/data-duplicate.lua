-- D3: our ACK is lost and the data comes again: acknowledged again, delivered once.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:drop { from = server, flags = "=ACK", nth = 1 }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "once"; client:sleep "5s"; conn:close()
end)
sim:run()
assert(got == "once")
dw.expect(sim):packets({ from = client, has_data = true }, 2)
