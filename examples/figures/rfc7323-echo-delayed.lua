-- RFC 7323 section 4.3: with a delayed ACK the earliest timestamp is echoed
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { timestamps = true, nagle = false } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "960ms"
  for name in ("ABC"):gmatch "." do conn:send(name); client:sleep "10ms" end
  client:sleep "500ms"; conn:close()
end)
sim:run()
print "  segment    TSval   TSecr"
for _, p in ipairs(sim.trace:packets { after = "1s", before = "1.4s" }) do
  local ts = dw.tcp_options(p.options)
  print(("  %-9s  %5d   %5d"):format(p.len > 0 and p.data .. " -->" or "<-- ACK", ts.tsval, ts.tsecr))
end
print ""
local a = sim.trace:packets { from = client, has_data = true }[1]
local ack = sim.trace:packets { from = server, flags = "=ACK", after = "1s" }[1]
assert(dw.tcp_options(ack.options).tsecr == dw.tcp_options(a.options).tsval)
