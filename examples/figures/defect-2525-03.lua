-- RFC 2525 2.3: cwnd is not initialised when the SYN has no MSS option
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:send(("x"):rep(20000)); conn:recv() end)
  link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 99 }      -- without options
  link:inject { at = "30ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 100, ack = 300 }
  link:drop { from = client, flags = "RST" }
  sim:run "60ms"
  return sim.trace:count { from = server, has_data = true }
end
assert(run("", "As it should be") == 4)
assert(run("2525.3", "With the defect 2525.3") > 30)
