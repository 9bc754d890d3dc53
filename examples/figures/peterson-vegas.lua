-- Peterson and Davie: Vegas keeps a few packets in the queue; Reno fills it until it overflows
local dw = require "drywire"
local function flow(control)
  local sim, client, server = dw.pair { name = control, delay = "25ms", rate = "8Mbps", queue = 30, isn = { 0, 0 }, mss = 1000,
    tcp = { sack = true, recovery = "sack", congestion_control = control, initial_window = 2, send_buffer = "1MiB", receive_buffer = "1MiB" } }
  server:serve(80, function(conn) for _ in conn:chunks() do end; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    local text = ("x"):rep(10000)
    while sim:now() < 15 do conn:send(text) end
    conn:close()
  end)
  sim:run()
  local lost = #sim.trace:packets { from = client, when = function(p) return p.lost end }
  return sim.trace:series(client, "cwnd"), sim.trace:series(client, "srtt"), lost
end
local results = {}
for _, control in ipairs { "reno", "vegas" } do
  local cwnd, srtt, lost = flow(control)
  results[control] = { cwnd = cwnd, srtt = srtt, lost = lost }
end
print(dw.plot({ { label = "Reno", points = results.reno.cwnd }, { label = "Vegas", points = results.vegas.cwnd } }, { title = "The window", divide = 1000, y = "segments", from = 0, to = 15 }))
print ""
print(dw.plot({ { label = "Reno", points = results.reno.srtt }, { label = "Vegas", points = results.vegas.srtt } }, { title = "The round trip (50 ms without a queue)", divide = 0.001, y = "ms", from = 0, to = 15 }))
print ""
local function last(series) return series[#series][2] end
assert(results.vegas.lost == 0 or results.vegas.lost < results.reno.lost / 2, results.vegas.lost)
-- Vegas: a few packets beyond what the path holds, 8 Mbit/s times 50 ms; a millisecond for each that waits.
local window = last(results.vegas.cwnd) / 1000
assert(window > 50 and window < 56, window)
local high = 0
for _, point in ipairs(results.vegas.srtt) do if point[1] > 3 then high = math.max(high, point[2]) end end
assert(high < 0.058, high)
high = 0
for _, point in ipairs(results.reno.srtt) do if point[1] > 3 then high = math.max(high, point[2]) end end
assert(high > 0.07, high)
