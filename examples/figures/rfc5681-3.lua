-- RFC 5681 section 3: slow start, congestion avoidance, fast retransmit and fast recovery
local dw = require "drywire"
local mss, rtt = 1000, 0.1
local sim, client, server, link = dw.pair { delay = "50ms", rate = "100Mbps", isn = { 0, 0 }, mss = mss,
  tcp = { recovery = "newreno", initial_window = 1, delayed_ack = "0s", send_buffer = "1MiB", receive_buffer = "1MiB" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(700 * mss)); conn:close()
end)
for _, n in ipairs { 50, 300 } do link:drop { from = client, seq = { 1 + n * mss, 1 + n * mss }, has_data = true, nth = 1 } end
sim:run()
local cwnd, ssthresh = sim.trace:series(client, "cwnd"), sim.trace:series(client, "ssthresh")
local last = sim.trace:packets { from = client, flags = "FIN" }[1].time
print(dw.plot({ cwnd = cwnd, ssthresh = ssthresh }, { title = "Reno: two losses", divide = mss, y = "segments", from = 0, to = last }))
print ""
local function at(time)
  local value
  for _, point in ipairs(cwnd) do if point[1] <= time then value = point[2] else break end end
  return value / mss
end
-- Slow start: the window doubles in each round trip (equation 2).
for round = 1, 6 do assert(at(0.1 * round + 0.095) == 2 ^ (round - 1), round) end
-- A loss: ssthresh is half of what was outstanding (equation 4), and fast recovery ends there, or at what is outstanding and one more (step 6 of RFC 6582).
local list = sim.trace:packets { from = client, when = function(p) return p.cause == "fast-retransmit" end }
assert(#list == 2 and #ssthresh == 2)
for i, lost in ipairs(list) do
  local flight = 0
  for _, point in ipairs(sim.trace:series(client, "flight")) do if point[1] < lost.time then flight = point[2] end end
  local before = at(lost.time - 1e-6) * mss
  assert(math.abs(ssthresh[i][2] - math.min(flight, before) / 2) <= mss, ssthresh[i][2])
  local low = math.huge
  for _, point in ipairs(cwnd) do if point[1] > lost.time + 0.5 * rtt and point[1] < lost.time + 2 * rtt then low = math.min(low, point[2]) end end
  assert(low <= ssthresh[i][2] and low > ssthresh[i][2] - 2 * mss, low .. " " .. ssthresh[i][2])
end
-- Congestion avoidance: about a segment in each round trip (equation 3).
local begin = list[1].time + 2 * rtt
for rounds = 1, 4 do
  local grown = at(begin + rounds * rtt) - at(begin)
  assert(math.abs(grown - rounds) <= 1, grown)
end
