-- RFC 2525 2.11: keepalive probes every few seconds
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80, { keepalive = true })) end)
  sim:run "1min"
  return sim.trace:count { from = client, after = "1s" }
end
assert(run("", "As it should be") == 0)
assert(run("2525.11", "With the defect 2525.11") >= 10)
