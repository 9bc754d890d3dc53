-- RFC 7323 section 2: window scaling, from the first ACK on
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 1000000 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(1000)); conn:close()
end)
sim:run()
print "  segment       window field   shift   the peer's window"
for i, p in ipairs(sim.trace:packets {}) do
  local shift = p:has "SYN" and 0 or 4
  if i <= 4 then print(("  %-12s  %12d   %5d   %d"):format(p.flags, p.window, shift, p.window << shift)) end
  if not p:has "SYN" then assert(p.window << 4 <= 1000000 and p.window << 4 > 65535) end
end
print ""
