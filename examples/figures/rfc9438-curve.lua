-- RFC 9438 section 4: CUBIC's curve after a loss, concave up to W_max, then convex; and its Reno-friendly region
local dw = require "drywire"
local mss, C, beta = 1448, 0.4, 0.7
-- A long path and a single loss when the window has grown to so many segments.
local function curve(w_max, rtt, seconds)
  local sim, client, server, link = dw.pair { delay = ("%dms"):format(rtt * 500 // 1), rate = "1Gbps", profile = "linux",
    tcp = { hystart = "off", send_buffer = "4MiB", receive_buffer = "4MiB", cwnd_validation = false } }
  local conn, lost, top = nil, nil, 0
  link:drop { from = client, has_data = true, count = 1, when = function()
    if (conn and conn:info().cwnd or 0) < w_max * mss then return false end
    lost = sim:now()
    return true
  end }
  server:serve(80, function(c) for _ in c:chunks() do end; c:close() end)
  client:spawn(function()
    conn = assert(client:connect(server, 80))
    local text = ("x"):rep(mss * 10)
    while not lost or sim:now() < lost + seconds do conn:send(text) end
    conn:close()
  end)
  sim:run()
  local function at(time)
    local value
    for _, point in ipairs(sim.trace:series(client, "cwnd")) do if point[1] <= time then value = point[2] else break end end
    return value / mss
  end
  for _, point in ipairs(sim.trace:series(client, "cwnd")) do
    if point[1] < lost + 2 * rtt then top = math.max(top, point[2] / mss) end
  end
  return sim.trace:series(client, "cwnd"), lost, at, top  -- the loss is known a round trip later, at the top
end

local cwnd, lost, at, top = curve(60, 0.1, 8.5)
local K = (top * (1 - beta) / C) ^ (1 / 3)
local start = lost + 0.25                    -- loss and recovery take a round trip each, then the curve begins
local W = {}
for i = 0, 80 do W[#W + 1] = { start + i / 10, (C * (i / 10 - K) ^ 3 + top) * mss } end
print(dw.plot({ { label = "cwnd", points = cwnd }, { label = "W_cubic(t) = C (t-K)^3 + W_max", points = W, style = "line" } },
  { title = ("CUBIC: W_max = %.0f segments, K = %.1f s"):format(top, K), divide = mss, y = "segments", from = 0, to = lost + 8, top = 140 }))
print ""
assert(math.abs(at(start) / top - beta) < 0.02, at(start) / top)
for t = 0.5, 7.5, 0.5 do
  local formula = C * (t - K) ^ 3 + top
  assert(math.abs(at(start + t) - formula) < 0.03 * formula, ("at %.1f s: %.1f, not %.1f"):format(t, at(start + t), formula))
end
local function bend(t) return at(start + t + 1) - 2 * at(start + t) + at(start + t - 1) end
assert(bend(2) < -1 and math.abs(bend(K)) < 2.5 and bend(K + 3) > 1)  -- concave, flat, convex

-- A short path: the cube grows so slowly that Reno would be faster, so CUBIC does as Reno does (section 4.3), with 3 (1 - beta) /
-- (1 + beta) segments for each round trip.
cwnd, lost, at, top = curve(30, 0.01, 0.5)
local alpha = 3 * (1 - beta) / (1 + beta)
local friendly = {}
start = lost + 0.025
for i = 0, 20 do friendly[#friendly + 1] = { start + i / 100, (at(start) + alpha * i) * mss } end
K = (top * (1 - beta) / C) ^ (1 / 3)
W = {}
for i = 0, 28 do W[#W + 1] = { start + i / 100, (C * (i / 100 - K) ^ 3 + top) * mss } end
print(dw.plot({ { label = "cwnd", points = cwnd }, { label = "W_est", points = friendly, style = "line" }, { label = "W_cubic(t)", points = W, style = "line" } },
  { title = "Reno-friendly: a round trip of 10 ms", divide = mss, y = "segments", from = 0, to = lost + 0.3, top = 60, height = 12 }))
print ""
for i = 4, 20, 4 do
  local expected = at(start) + alpha * i
  assert(math.abs(at(start + i / 100) - expected) < 2.5, ("%d round trips: %.1f, not %.1f"):format(i, at(start + i / 100), expected))
end
