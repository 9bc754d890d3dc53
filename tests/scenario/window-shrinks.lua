-- W9: the peer shrinks its window: no new data, what is outstanding is sent again, nothing breaks (MUST-34).
local dw = require "drywire"
dw.covers("MUST-34", "SHLD-15", "SHLD-16", "SHLD-17")
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { initial_window = 10 } }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
-- The first ACK of data says 1000 octets, though far more was offered and is under way.
link:drop { from = client, has_data = true, nth = { 2, 3, 4, 5, 6, 7, 8, 9, 10 } }
link:rewrite { from = server, flags = "=ACK", after = "60ms", before = "150s", set = { window = 1000 } }
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(30000)); conn:close()
end)
sim:run()
assert(#got == 30000)
local highest = 0
for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
  if p.time > 0.2 and p.time < 1 then error "new data went into a window that had shrunk" end
  highest = math.max(highest, p.time)
end
dw.expect(client):reaches "TIME-WAIT"
