-- hold keeps packets until release, in order; reorder lets others pass; rewrite changes a field.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
local held = link:hold { from = server, flags = "=SYN,ACK" }
sim:at("500ms", function() assert(held.held == 1); held:release(); held:cancel() end)
local shrunk = link:rewrite { from = client, has_data = true, nth = 1, set = { window = 7 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "x"
  conn:close()
end)
sim:run()
assert(shrunk.hits == 1)
dw.expect(client):reaches("ESTABLISHED", { by = "520ms" })
