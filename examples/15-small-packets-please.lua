-- A narrow link in the middle: the router says so (RFC 1191), and the sender makes smaller segments.
local dw = require "drywire"
local sim = dw.sim {}
local client, server = sim:host("client", { isn = 99 }), sim:host("server", { isn = 299 })
local near, far = sim:host "near", sim:host "far"
sim:link(client, near, { delay = "5ms" })
sim:link(near, far, { delay = "10ms", mtu = 1000 })
sim:link(far, server, { delay = "5ms" })

local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(5000))
  conn:close()
end)
sim:run()

print(sim.trace:ladder { left = client, right = server })
for _, p in ipairs(sim.trace:packets { flags = "fragmentation-needed" }) do
  print(("%.3f s: %s says that segment %d was too big"):format(p.time, p.src, p.seq))
end
assert(#got == 5000)
dw.expect(client):cause("icmp-too-big", 1)
for _, p in ipairs(sim.trace:packets { from = client, has_data = true, after = "80ms" }) do assert(p.len <= 960) end
print("trace " .. sim.trace:hash())
