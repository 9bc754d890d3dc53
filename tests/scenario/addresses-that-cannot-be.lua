-- OPEN refuses broadcast and multicast addresses, and SYNs from or for such are ignored (MUST-46, MUST-57, MUST-63).
local dw = require "drywire"
dw.covers("MUST-46", "MUST-57", "MUST-63")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:listen(80)
client:spawn(function()
  for _, addr in ipairs { "255.255.255.255", "224.0.0.1", "0.0.0.0" } do assert(not client:connect(addr, 80)) end
end)
for i, src in ipairs { "224.0.0.9", "255.255.255.255", "0.0.0.0" } do
  link:inject { at = i .. "s", from = client, src = src, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 1 }
end
link:inject { at = "4s", from = client, port = 5000, to = server, dst = "224.0.0.1", to_port = 80, flags = "SYN", seq = 1 }
sim:run()
dw.expect(sim):packets({ from = server }, 0)
dw.expect(server):cause("tcp-bad-address", 3)
