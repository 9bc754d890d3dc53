-- The window that a SYN,ACK offers is what the end then counts with, also where the buffer was rounded up to whole segments (round_buffer): it is neither taken back nor refused.
local dw = require "drywire"
local sim, client, server, link = dw.pair {
  delay = "20ms", profile = "freebsd", tcp = { window_step = "segment", accept_to_buffer = false }, buffer = 664,
}
local offered = 0
local scale = 6                            -- as receive_buffer_most asks for
server:serve(80, function(conn) server:sleep "1s"; conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  client:sleep "100ms"
  conn:send(("x"):rep(1400))
  conn:close()
end)
sim:run()
for _, p in ipairs(sim.trace:packets { from = server, before = "1s" }) do
  local edge = p.ack + (p:has "SYN" and p.window or p.window << scale)
  assert(edge >= offered, ("packet %d takes back %d"):format(p.n, offered - edge))
  offered = edge
end
assert(not sim.trace:drops(server)["outside-window"])
