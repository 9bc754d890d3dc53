-- K1, K2: the peer vanishes on an idle connection: probes, then abort, and the reader wakes with an error (RFC 9293 3.8.4).
local dw = require "drywire"
dw.covers("MUST-24", "MUST-26", "MUST-27", "MUST-29", "SHLD-12", "MAY-5")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all() end)
local why, at
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:set { keepalive = true, keepalive_idle = "10min", keepalive_interval = "1min", keepalive_probes = 5 }
  conn:send "hello"
  why = select(2, conn:recv()); at = sim:now()
end)
sim:at("1s", function() link:down() end)
sim:run "30min"
local probes = sim.trace:packets { from = client, after = "1s", flags = "=ACK" }
assert(#probes == 5)
for i = 1, 5 do assert(probes[i].seq == 104 and probes[i].len == 0) end
assert(why == "timeout" and at > 600 + 5 * 60 and at < 601 + 5 * 60)
