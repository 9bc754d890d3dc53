-- RFC 2525 2.15: the FIN waits although nothing is in its way
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "hello"; conn:close()
  end)
  sim:run "5s"
  return sim.trace:packets { from = client, flags = "FIN" }[1].time
end
assert(run("", "As it should be") < 0.1)
assert(run("2525.15", "With the defect 2525.15") > 0.3)
