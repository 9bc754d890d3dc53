-- R13: an old ACK in SYN-RECEIVED draws a RST, which by the rules of RFC 793 kills the new connection (RFC 1337 H3).
local dw = require "drywire"
for _, rules in ipairs { "rfc793", "rfc5961" } do
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 100, 300 }, tcp = { rst_check = rules } }
  server:listen(80)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  link:inject { at = "30ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 101, ack = 777 }
  sim:run "1s"
  dw.expect(sim):packets({ from = server, flags = "=RST", seq = 777 }, 1)
  assert(client:conn():state() == (rules == "rfc793" and "CLOSED" or "ESTABLISHED"))
end
