-- Switch TIME-WAIT off and watch why it exists: the peer's repeated FIN meets nobody.
local dw = require "drywire"

local function run(defect)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { defect = defect } }
  link:drop { from = client, flags = "=ACK", nth = 2 }       -- the final ACK
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  sim:run "10s"
  print((defect == "" and "As it should be" or "With the defect " .. defect) .. "\n\n" .. sim.trace:ladder())
  return sim, client
end

local sim, client = run ""
dw.expect(client):cause "time-wait-restart"                  -- the FIN is acknowledged again
dw.expect(sim):never { flags = "RST" }

sim, client = run "no-time-wait"
dw.expect(sim):packets({ from = client, flags = "RST" }, 1)  -- an orderly close ends in a reset
print("trace " .. sim.trace:hash())
