-- RFC 2525 2.6: an extra constant in congestion avoidance
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", rate = "10Mbps", tcp = { defect = defect } }
  link:drop { from = client, has_data = true, nth = 5 }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(400000)); conn:close()
  end)
  sim:run "3s"
  local most = 0
  for _, point in ipairs(sim.trace:series(client, "cwnd")) do if point[1] > 0.6 then most = math.max(most, point[2]) end end
  return most
end
local right = run("", "As it should be")
local wrong = run("2525.6", "With the defect 2525.6")
assert(wrong > right)
