-- O26, K4: a segment without the timestamp that was agreed on is dropped or accepted, by switch (RFC 7323 3.2).
local dw = require "drywire"
for _, rule in ipairs { "drop", "accept" } do
  local sim, client, server, link = dw.pair {
    delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { timestamps = true, missing_timestamp = rule },
  }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "PSH,ACK", seq = 100, ack = 300,
                data = "hello" }
  sim:run "1100ms"
  assert(server:conn():info().rcv_nxt == (rule == "accept" and 105 or 100))
  dw.expect(server):cause("timestamp-missing", rule == "drop" and 1 or 0)
  dw.expect(server):cause("stream-integrity", rule == "drop" and 0 or 1)   -- the simulation sees that it is forged
end
