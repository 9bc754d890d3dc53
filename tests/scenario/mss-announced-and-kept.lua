-- The MSS is in every SYN and in no other segment, fits the link, and the smaller limit counts (RFC 9293 3.7.1).
local dw = require "drywire"
dw.covers("MUST-14", "MUST-16", "MUST-65", "MUST-67", "SHLD-5", "MAY-3")
local sim, client, server = dw.pair { delay = "20ms", mtu = 1000, mss = nil }
server:serve(80, function(conn) assert(#conn:recv_all() == 5000); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(5000)); conn:close()
end)
sim:run()
for _, p in ipairs(sim.trace:packets {}) do
  assert(dw.tcp_options(p.options).mss == (p:has "SYN" and 960 or nil))
  assert(p.len <= 960)
end
local small = dw.sim {}
local a, b = small:host("a", { mss = 700 }), small:host "b"
small:link(a, b, { delay = "20ms" })
a:serve(80, function(conn) conn:recv_all(); conn:close() end)
b:spawn(function() local conn = assert(b:connect(a, 80)); conn:send(("x"):rep(3000)); conn:close() end)
small:run()
assert(small.trace:packets { from = b, has_data = true }[1].len == 700)
