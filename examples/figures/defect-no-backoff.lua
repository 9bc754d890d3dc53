-- Why retransmissions back off: a dead path is beaten at the same pace
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    link:down(); conn:send "hello"
  end)
  sim:run "20s"
  return sim.trace:count { from = client, has_data = true }
end
assert(run("", "As it should be") == 5)
assert(run("no-backoff", "With the defect no-backoff") == 20)
