-- RFC 2525 2.14: fast retransmit sends several segments
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", rate = "10Mbps", tcp = { defect = defect, initial_window = 20 } }
  link:drop { from = client, has_data = true, nth = 3 }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(29200)); conn:close()
  end)
  sim:run "5s"
  return sim.trace:count { from = client, when = function(p) return p.cause == "fast-retransmit" end }
end
assert(run("", "As it should be") == 1)
assert(run("2525.14", "With the defect 2525.14") > 1)
