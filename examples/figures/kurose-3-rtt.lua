-- Kurose and Ross: samples of the round trip, the estimate, and the timeout that follows from it
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "50ms", rate = "10Mbps", seed = 5, isn = { 0, 0 }, jitter = "80ms", tcp = { rto_min = "1ms", delayed_ack = "0s", nagle = false } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  for i = 1, 100 do client:sleep(0.5 + 0.25 * i - sim:now()); conn:send "x" end
  conn:close()
end)
sim:run()
-- A sample is from a segment to its ACK.
local samples, acks = {}, sim.trace:packets { from = server, flags = "=ACK" }
local srtt = sim.trace:series(client, "srtt")
for i = 2, #srtt do
  local before, now = srtt[i - 1][2], srtt[i][2]
  samples[i - 1] = { srtt[i][1], before + 8 * (now - before) }      -- what (2.3) of RFC 6298 was given
end
print(dw.plot({ { label = "sample", points = samples, style = "points" }, { label = "estimate", points = srtt, style = "line" },
  { label = "timeout", points = sim.trace:series(client, "rto") } }, { title = "Round-trip times", y = "seconds", from = 0, to = 25, height = 16 }))
print ""
local low, high, smooth_low, smooth_high = 1, 0, 1, 0
for i = 20, #samples do
  low, high = math.min(low, samples[i][2]), math.max(high, samples[i][2])
  smooth_low, smooth_high = math.min(smooth_low, srtt[i][2]), math.max(smooth_high, srtt[i][2])
end
assert(#samples > 80 and #acks > 80)
assert(smooth_high - smooth_low < 0.6 * (high - low))                 -- the estimate is smoother
local rto = sim.trace:series(client, "rto")
for i = 20, #samples do
  local value = 0
  for _, point in ipairs(rto) do if point[1] < samples[i][1] then value = point[2] end end
  assert(value > srtt[i][2])                                          -- and the timeout above it
end
