-- R4: a SYN in a synchronised state draws a challenge ACK, or resets by the rules of RFC 793 (RFC 5961 4.2).
local dw = require "drywire"
for _, rules in ipairs { "rfc5961", "rfc793" } do
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { syn_check = rules } }
  server:serve(80, function(conn) conn:recv() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 105 }
  sim:run "2s"
  assert(server:conn():state() == (rules == "rfc5961" and "ESTABLISHED" or "CLOSED"))
end
