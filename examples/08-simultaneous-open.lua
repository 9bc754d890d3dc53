-- Both ends connect at the same instant: figure 7 of RFC 9293.
local dw = require "drywire"
local sim = dw.sim()
local a, b = sim:host("A", { isn = 100 }), sim:host("B", { isn = 300 })
sim:link(a, b, { delay = "20ms" })

local function connect(me, peer, my_port, peer_port)
  me:spawn(function()
    local conn = assert(me:connect(peer, peer_port, { local_port = my_port }))
    conn:shutdown()
    conn:recv_all()
    conn:close()
  end)
end
connect(a, b, 1000, 2000)
connect(b, a, 2000, 1000)
sim:run()

for _, host in ipairs { a, b } do
  dw.expect(host):states "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
end
dw.expect(sim):packets({ flags = "=SYN" }, 2)
dw.expect(sim):packets({ flags = "=SYN,ACK" }, 2)
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
