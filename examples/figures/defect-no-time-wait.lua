-- Why TIME-WAIT: without it the peer's repeated FIN meets nobody
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  link:drop { from = client, flags = "=ACK", nth = 2 }       -- the final ACK
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  sim:run "10s"
  return sim.trace:count { from = client, flags = "RST" }
end
assert(run("", "As it should be") == 0)
assert(run("no-time-wait", "With the defect no-time-wait") == 1)
