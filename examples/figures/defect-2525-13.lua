-- RFC 2525 2.13: stretch ACKs
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", rate = "10Mbps", tcp = { defect = defect } }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(43800)); conn:close()
  end)
  sim:run "5s"
  return sim.trace:count { from = server, flags = "=ACK" }
end
local every_second = run("", "As it should be")
local every_eighth = run("2525.13", "With the defect 2525.13")
assert(every_second > 2 * every_eighth)
