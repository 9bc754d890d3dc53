-- RFC 2525 2.10: the timeout is not backed off
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
assert(run("2525.10", "With the defect 2525.10") == 20)
