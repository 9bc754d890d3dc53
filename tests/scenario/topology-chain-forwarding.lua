-- Five hosts in a row: packets are forwarded, the TTL counts the hops.
local dw = require "drywire"
local sim, hosts = dw.sim(), {}
for i = 1, 5 do hosts[i] = sim:host("h" .. i) end
for i = 1, 4 do sim:link(hosts[i], hosts[i + 1], { delay = "5ms", rate = "10Mbps" }) end
local got
hosts[5]:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
hosts[1]:spawn(function()
  local conn = assert(hosts[1]:connect("h5", 80))
  conn:send "along the chain"
  conn:close()
end)
sim:run()
assert(got == "along the chain")
for _, p in ipairs(sim.trace:packets { from = hosts[1] }) do assert(p.arrived - p.time >= 0.02) end
