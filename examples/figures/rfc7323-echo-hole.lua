-- RFC 7323 section 4.3: a segment beyond a hole does not change what is echoed
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { timestamps = true, nagle = false, delayed_ack = "0s" } }
link:drop { from = client, has_data = true, nth = 2 }         -- B is lost
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "960ms"
  for name in ("ABCD"):gmatch "." do conn:send(name); client:sleep "10ms" end
  client:sleep "3s"; conn:close()
end)
sim:run()
print "  segment         TSval   TSecr"
for _, p in ipairs(sim.trace:packets { after = "1s", before = "3.9s" }) do
  local ts = dw.tcp_options(p.options)
  print(("  %-14s  %5d   %5d"):format(p.len > 0 and p.data .. (p.lost and " --> X" or " -->") or "<-- ACK " .. p.ack, ts.tsval, ts.tsecr))
end
print ""
local a = sim.trace:packets { from = client, has_data = true }[1]
local again = sim.trace:packets { from = client, when = function(p) return p.cause == "retransmission-timeout" end }[1]
local acks = sim.trace:packets { from = server, flags = "=ACK", after = "1s" }
for i = 1, 3 do assert(dw.tcp_options(acks[i].options).tsecr == dw.tcp_options(a.options).tsval) end
assert(dw.tcp_options(acks[4].options).tsecr == dw.tcp_options(again.options).tsval)   -- the hole is filled
