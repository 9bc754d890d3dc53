-- T2: if the SYN turns out to be an old duplicate, the connection returns to TIME-WAIT (MAY-2).
local dw = require "drywire"
dw.covers "MAY-2"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, { 299, 9000 } } }
server:serve(80, function(conn) conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:recv_all(); conn:close()
end)
link:inject { at = "5s", from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 70000 }
sim:run "10s"
dw.expect(server):cause("time-wait-resumed", 1)
sim:run()
dw.expect(server):stays("TIME-WAIT", { lasting = "240s" })
