-- Half-close: the client has finished sending; the server answers 100 kB all the same.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", rate = "10Mbps" }

server:serve(80, function(conn)
  local request = conn:recv_all()              -- everything up to the client's FIN
  conn:send(request:rep(20000))
  conn:close()
end)

local answer
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "abcde"
  conn:shutdown()                              -- FIN now, but keep receiving
  answer = conn:recv_all()
  conn:close()
end)
sim:run()

assert(#answer == 100000)
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
dw.expect(server):stays("CLOSE-WAIT", { lasting = "80ms" })
print(sim.trace:ladder { to = 16 })
print("trace " .. sim.trace:hash())
