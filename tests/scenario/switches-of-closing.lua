-- What the switches of closing do: simultaneous_close, close_unread, rst_one_below, finwait2_timeout, time_wait, time_wait_isn.
local dw = require "drywire"
-- The answer to a crossing FIN: a plain ACK, or our FIN again.
for _, rule in ipairs { "ack", "fin" } do
  local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { simultaneous_close = rule } }
  server:serve(80, function(conn) server:sleep "940ms"; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80)); client:sleep "960ms"; conn:close()
  end)
  sim:run()
  dw.expect(sim):packets({ flags = "FIN" }, rule == "ack" and 2 or 4)
  dw.expect(client):reaches "TIME-WAIT"
end

-- Closing with unread data.
for _, rule in ipairs { "rst", "fin" } do
  local sim, client, server = dw.pair { delay = "20ms", tcp = { close_unread = rule } }
  server:serve(80, function(conn) server:sleep "100ms"; conn:close() end)
  client:spawn(function() local conn = assert(client:connect(server, 80)); conn:send "unread"; conn:recv(); conn:close() end)
  sim:run "5s"
  assert((sim.trace:count { from = server, flags = "RST" } > 0) == (rule == "rst"))
end

-- A RST that does not count our FIN.
for _, rule in ipairs { true, false } do
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { rst_one_below = rule } }
  server:serve(80, function(conn) conn:recv_all(); server:sleep "1h"; conn:close() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })):shutdown() end)
  link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "RST", seq = 100 }
  sim:run "2s"
  assert(server:conn():state() == (rule and "CLOSED" or "CLOSE-WAIT"))
end

-- FIN-WAIT-2 of an orphan, and the length of TIME-WAIT.
local sim, client, server = dw.pair { delay = "20ms", tcp = { finwait2_timeout = "30s" } }
server:serve(80, function(conn) conn:recv_all(); server:sleep "10min" end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run "40s"
dw.expect(client):cause("finwait2-timeout", 1)
sim, client, server = dw.pair { delay = "20ms", tcp = { time_wait = "7s" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(client):reaches("CLOSED", { by = "7.1s" })

-- The ISN after TIME-WAIT is above the old numbers, even where the script says otherwise (MAY-2).
for _, rule in ipairs { "clock", "above" } do
  sim, client, server = dw.pair { delay = "20ms", isn = { { 99, 5000 }, { 1000, rule == "clock" and 500 or 900000 } }, tcp = { time_wait_isn = rule } }
  server:serve(80, function(conn) conn:close() end)
  client:spawn(function()
    for _ = 1, 2 do
      local conn = assert(client:connect(server, 80, { local_port = 5000 }))
      conn:recv_all(); conn:close(); client:sleep "1s"
    end
  end)
  sim:run "3s"
  assert(sim.trace:packets { from = server, flags = "SYN,ACK" }[2].seq == 1002 + 65537)
end
