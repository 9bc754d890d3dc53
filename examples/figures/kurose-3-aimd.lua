-- Kurose and Ross: additive increase, multiplicative decrease, and the throughput that comes of it
local dw = require "drywire"
-- One packet is lost whenever the window has reached W, as the book has it: the saw runs between W/2 and W.
local W, mss, rtt = 24, 1000, 0.1
local sim, client, server, link = dw.pair { delay = "50ms", rate = "100Mbps", isn = { 0, 0 }, mss = mss,
  tcp = { sack = true, delayed_ack = "0s", send_buffer = "1MiB", receive_buffer = "1MiB", limited_transmit = false } }
local conn, lost = nil, 0
link:drop { from = client, has_data = true, count = math.maxinteger, when = function()
  local now = sim:now()
  if (conn and conn:info().cwnd or 0) < W * mss or now - lost < 3 * rtt then return false end
  lost = now
  return true
end }
local got, seconds = 0, 25
server:serve(80, function(conn) for data in conn:chunks() do if sim:now() > 5 and sim:now() < seconds then got = got + #data end end; conn:close() end)
client:spawn(function()
  conn = assert(client:connect(server, 80))
  local text = ("x"):rep(10000)
  while sim:now() < seconds do conn:send(text) end
  conn:close()
end)
sim:run()
local cwnd = sim.trace:series(client, "cwnd")
print(dw.plot({ cwnd = cwnd }, { title = "AIMD: a loss at 24 segments", divide = mss, y = "segments", to = seconds, top = 30, height = 11 }))
local average, book = got / (seconds - 5) / mss * rtt, 0.75 * W
print(("\n  average window %.1f segments; 0.75 W = %.1f\n"):format(average, book))
assert(math.abs(average / book - 1) < 0.12, average)
