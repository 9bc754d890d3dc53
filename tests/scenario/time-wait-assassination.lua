-- T1: a RST in TIME-WAIT ends it early, or is ignored by switch (RFC 1337 fix F1).
local dw = require "drywire"
for _, rule in ipairs { "close", "ignore" } do
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { time_wait_rst = rule } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })):close() end)
  -- An old duplicate from the server reaches TIME-WAIT; the ACK it draws meets a closed port, and so comes the RST.
  link:inject { at = "2s", from = server, port = 80, to = client, to_port = 5000, flags = "ACK", seq = 290, ack = 100, data = "old" }
  sim:run "10s"
  dw.expect(client):reaches "TIME-WAIT"
  assert((client:conn():state() == "TIME-WAIT") == (rule == "ignore"))
end
