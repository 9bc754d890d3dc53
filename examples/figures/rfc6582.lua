-- RFC 6582: partial acknowledgments: three losses in one window, with Reno and with NewReno
local dw = require "drywire"
local function run(recovery)
  local sim, client, server, link = dw.pair { name = recovery, delay = "50ms", rate = "20Mbps", isn = { 0, 0 }, mss = 1000,
    tcp = { recovery = recovery, initial_window = 20, delayed_ack = "0s", limited_transmit = false, send_buffer = "1MiB" } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(60000)); conn:close()
  end)
  for _, n in ipairs { 5, 9, 13 } do link:drop { from = client, seq = { 1 + n * 1000, 1 + n * 1000 }, has_data = true, nth = 1 } end
  sim:run()
  return sim, client, sim.trace:packets { from = client, flags = "FIN" }[1].time
end
local times = {}
for _, recovery in ipairs { "reno", "newreno" } do
  local sim, client, done = run(recovery)
  times[recovery] = done
  print(dw.plot({ cwnd = sim.trace:series(client, "cwnd"), ssthresh = sim.trace:series(client, "ssthresh") },
    { title = recovery == "reno" and "Reno" or "NewReno", divide = 1000, y = "segments", from = 0, to = 3, top = 36, height = 10 }))
  print ""
  local resent = {}
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true, when = function(p) return p.cause ~= "data" end }) do
    resent[#resent + 1] = p
    print(("  %.3f s   segment %2d again: %s"):format(p.time, p.seq // 1000, p.cause))
  end
  print ""
  if recovery == "newreno" then
    -- One hole in each round trip, found by the partial ACK of the one before; no timeout, one reduction.
    dw.expect(client):cause("retransmission-timeout", 0)
    dw.expect(client):cause("fast-retransmit", 1)
    dw.expect(client):cause("partial-ack", 2)
    for i = 2, 3 do assert(math.abs(resent[i].time - resent[i - 1].time - 0.1) < 0.005) end
    assert(#sim.trace:series(client, "ssthresh") == 1)
  else
    dw.expect(client):cause("partial-ack", 0)          -- the first ACK of new data ended recovery: the rest takes the timer
    assert(#sim.trace:packets { from = client, when = function(p) return p.cause == "retransmission-timeout" end } >= 1)
  end
end
assert(times.reno > times.newreno + 0.5)
