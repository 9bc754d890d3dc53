-- Two stacks on one wire: what the same close looks like under RFC 9293 and under Linux's habits.
local dw = require "drywire"

local function close_under(profile)
  local sim, client, server = dw.pair { name = profile, profile = profile, delay = "20ms", isn = { 99, 299 } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    assert(client:connect(server, 80)):close()
  end)
  sim:run()
  print(profile .. "\n\n" .. sim.trace:ladder())
  return sim, client
end

local sim, client = close_under "rfc9293"
dw.expect(client):stays("TIME-WAIT", { lasting = "240s" })          -- 2 MSL, and MSL is two minutes
local with_ack = sim.trace:count { from = "server", flags = "=ACK" }

sim, client = close_under "linux"
dw.expect(client):stays("TIME-WAIT", { lasting = "60s" })
assert(sim.trace:count { from = "server", flags = "=ACK" } < with_ack)    -- the ACK of the FIN rides on the server's FIN
print("trace " .. sim.trace:hash())
