-- What boxes on the way do: a NAT, an MSS clamp, and one that takes an option away, a line each.
local dw = require "drywire"
local sim = dw.sim { tcp = { timestamps = true, sack = true } }
local client, server = sim:host("client", { isn = 99 }), sim:host("server", { addr = "198.51.100.9", isn = 299 })
local router = sim:host("router", { more_addrs = { "203.0.113.1" } })
sim:link(client, router, { delay = "5ms" })
local outside = sim:link(router, server, { delay = "10ms" })

outside:rewrite { from = client, set = { src = "203.0.113.1", src_port = 40000 }, back = true }
outside:rewrite { flags = "SYN", set = { mss_at_most = 1200 } }
outside:rewrite { flags = "SYN", set = { strip = "timestamps" } }

server:serve(80, function(conn) conn:send(conn:recv_all()); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(3000)); conn:shutdown()
  assert(#conn:recv_all() == 3000)
  conn:close()
end)
sim:run()

print(sim.trace:ladder())
for _, p in ipairs(sim.trace:packets { has_data = true }) do
  assert(p.len <= 1200 and not dw.tcp_options(p.options).tsval)
end
dw.expect(server):reaches "CLOSED"
print("trace " .. sim.trace:hash())
