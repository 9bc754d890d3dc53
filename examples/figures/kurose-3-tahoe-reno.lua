-- Kurose and Ross: the congestion window of Tahoe and of Reno, by transmission round
local dw = require "drywire"
dw.congestion_control {                      -- Reno, with slow start up to eight segments
  name = "up-to-eight", base = "reno",
  init = function(cc) cc.cwnd, cc.ssthresh = cc.mss, 8 * cc.mss end,
}
-- Windows in segments at the end of each round; three duplicate ACKs come in the one with twelve outstanding.
local function rounds(recovery)
  local sim, client, server, link = dw.pair { delay = "50ms", rate = "50Mbps", isn = { 0, 0 }, mss = 1000,
    tcp = { recovery = recovery, congestion_control = "up-to-eight", initial_window = 1, delayed_ack = "0s", limited_transmit = false, send_buffer = "1MiB" } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(130 * 1000)); conn:close()
  end)
  local sent = 1 + 2 + 4 + 8 + 9 + 10 + 11   -- in seven rounds; then the first of the twelve is lost
  link:drop { from = client, seq = { 1 + sent * 1000, 1 + sent * 1000 }, has_data = true, nth = 1 }
  sim:run()
  local points, cwnd = {}, sim.trace:series(client, "cwnd")
  for round = 1, 15 do
    local value = 1000
    for _, point in ipairs(cwnd) do if point[1] < 0.1 * round + 0.099 then value = point[2] end end
    points[round] = { round, value / 1000 }
  end
  return points, sim.trace:series(client, "ssthresh")
end
local tahoe, ssthresh = rounds "tahoe"
local reno = rounds "reno"
print(dw.plot({ { label = "Tahoe", points = tahoe, style = "line" }, { label = "Reno", points = reno, style = "line" } },
  { title = "Three duplicate ACKs after round 8", x = "round", y = "segments", from = 1, top = 14 }))
print ""
for i, value in ipairs { 1, 2, 4, 8, 9, 10, 11, 12 } do assert(tahoe[i][2] // 1 == value and reno[i][2] // 1 == value, i) end
assert(ssthresh[#ssthresh][2] == 6000)                               -- half of twelve
local low = 12
for i = 9, 11 do low = math.min(low, tahoe[i][2]) end
assert(low == 1)                                                     -- Tahoe begins again
for i = 9, 15 do assert(reno[i][2] >= 6, i) end                      -- Reno goes on from there
