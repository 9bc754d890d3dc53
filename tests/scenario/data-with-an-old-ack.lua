-- D6: data that comes late with an older ACK is delivered, and its ACK ignored.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local got
link:delay { from = client, has_data = true, nth = 1, by = "200ms" }     -- it carries ACK 300
server:serve(80, function(conn) conn:send "hello"; got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "late"; conn:recv(); conn:close()
end)
sim:run()
assert(got == "late")
dw.expect(sim):never { flags = "RST" }
