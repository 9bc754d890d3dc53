-- Why a repeated FIN restarts 2 MSL: otherwise the last one meets nobody
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", msl = "5s", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  link:drop { from = client, flags = "=ACK", nth = { 2, 3, 4, 5 } }
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  sim:run "2min"
  return sim.trace:count { from = client, flags = "RST" }
end
assert(run("", "As it should be") == 0)
assert(run("time-wait-not-restarted", "With the defect time-wait-not-restarted") == 1)
