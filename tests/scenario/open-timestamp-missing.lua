-- O26, K4: a segment without the timestamp that was agreed on is dropped or accepted, by switch (RFC 7323 3.2).
local dw = require "drywire"
local function run(rule)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { timestamps = true, missing_timestamp = rule } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "PSH,ACK", seq = 100, ack = 300, data = "hello" }
  sim:run "2s"
  return sim, server
end
local sim, server = run "drop"
dw.expect(server):cause("timestamp-missing", 1)
assert(server:conn():info().unread == 0 and server:conn():info().rcv_nxt == 100)

sim = dw.pair and nil
local ok, message = pcall(run, "accept")
assert(not ok and message:find "stream%-integrity")   -- accepted: and the check of the simulation sees a forgery
