-- W9: the peer shrinks its window: no new data, what is outstanding is sent again, nothing breaks (MUST-34).
local dw = require "drywire"
dw.covers("MUST-34", "SHLD-15", "SHLD-16", "SHLD-17")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { initial_window = 10 } }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
-- Ten segments are under way; one arrives, and its ACK says 1000 octets, though far more was offered.
link:drop { from = client, has_data = true, nth = { 2, 3, 4, 5, 6, 7, 8, 9, 10 } }
link:rewrite { from = server, flags = "=ACK", after = "60ms", before = "150s", set = { window = 1000 } }
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(30000)); conn:close()
end)
sim:run()
assert(#got == 30000)
local sent = sim.trace:packets { from = client, has_data = true }
local edge = sent[10].seq + sent[10].len
for i = 11, 19 do
  assert(sent[i].seq < edge)                    -- nothing new until all that was lost has come
  assert(sent[i].time > 1)                      -- and that by the timer
end
dw.expect(client):reaches "TIME-WAIT"           -- data beyond the window did not end the connection
