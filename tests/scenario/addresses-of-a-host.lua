-- OPEN may name the local address, else IP chooses one; later segments keep it (RFC 9293 3.9.1.1).
local dw = require "drywire"
dw.covers("MUST-43", "MUST-44", "MUST-45")
local sim = dw.sim {}
local client = sim:host("client", { more_addrs = { "192.0.2.1" } })
local server = sim:host("server", { more_addrs = { "192.0.2.2" } })
sim:link(client, server, { delay = "20ms" })
local peers = 0
server:listen(81, { addr = "192.0.2.2" })
server:serve(80, function(conn) conn:recv_all(); peers = peers + 1; conn:close() end)
local refused
client:spawn(function()
  local conn = assert(client:connect(server, 80))                                      -- IP chooses
  conn:send "hello"; conn:close()
  conn = assert(client:connect("192.0.2.2", 80, { local_addr = "192.0.2.1" }))         -- the user does
  conn:send "hello"; conn:close()
  refused = select(2, client:connect(server, 81))                                      -- listens elsewhere
  assert(client:connect("192.0.2.2", 81)):reset()
  local _, why = client:connect(server, 80, { local_addr = "198.51.100.7" })           -- nobody's
  assert(why == "address not available")
end)
sim:run()
assert(peers == 2 and refused == "refused")
for i = 1, 2 do assert(client:conn(i):states()[3] == "ESTABLISHED") end
dw.expect(sim):packets({ conn = client:conn(2) }, #sim.trace:packets { conn = client:conn(2), from = client })
