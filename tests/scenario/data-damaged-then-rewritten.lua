-- D9: A segment that was damaged stays damaged when a device on the way rewrites a field of it (RFC 1624): the receiver drops it.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:corrupt { from = client, has_data = true, nth = 1, byte = 2 }
client:rewrite { has_data = true, set = { window = 3000 } }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "hello"
  conn:close()
end)
sim:run()
assert(got == "hello")
dw.expect(sim):packets({ from = client, has_data = true }, 2)
dw.expect(server):cause("tcp-bad-checksum", 1)
