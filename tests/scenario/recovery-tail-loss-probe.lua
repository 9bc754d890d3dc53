-- The last segment is lost and nothing comes after it: a probe finds out in two round trips and the time that an ACK may be delayed (tail_loss_probe, probe_ack_delay; RFC 8985 section 7), else only the timer does.
local dw = require "drywire"
local function again(tcp, nth)
  tcp.sack, tcp.recovery, tcp.initial_window = true, "rack", 10
  local sim, client, server, link = dw.pair { delay = "50ms", seed = 3, tcp = tcp }
  link:drop { from = client, has_data = true, nth = nth or 10 }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(1460 * 10)); conn:drain(); conn:close()
  end)
  sim:run()
  local times = {}
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
    times[p.seq] = times[p.seq] or {}
    table.insert(times[p.seq], p)
  end
  for _, t in pairs(times) do if #t == 2 then return t[2].time - t[1].time, t[2].cause end end
end
local time, cause = again { tail_loss_probe = true }
assert(cause == "tail-loss-probe" and time > 0.4 and time < 0.6, time)
time, cause = again { tail_loss_probe = true, probe_ack_delay = "20ms" }
assert(cause == "tail-loss-probe" and time < 0.35, time)
time, cause = again { tail_loss_probe = false }
assert(cause == "retransmission-timeout" and time >= 1, time)
-- Two are lost: the probe is the second, and its SACK shows that the first was lost.
time, cause = again({ tail_loss_probe = true }, { 9, 10 })
assert(time < 0.7, time)
