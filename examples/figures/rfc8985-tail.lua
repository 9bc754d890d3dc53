-- RFC 8985 section 7: the tail loss probe: the last segments are lost, and nothing comes after them
local dw = require "drywire"
local function run(probe)
  local sim, client, server, link = dw.pair { name = probe and "with a probe" or "without", delay = "50ms", rate = "20Mbps", isn = { 0, 0 }, mss = 1000,
    tcp = { sack = true, recovery = "rack", tail_loss_probe = probe, initial_window = 10, delayed_ack = "0s", timestamps = false } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(10000)); conn:drain(); conn:close()
  end)
  for n = 7, 9 do link:drop { from = client, seq = { n * 1000 + 1, n * 1000 + 1 }, has_data = true, nth = 1 } end
  sim:run()
  return sim.trace:packets { from = client, flags = "FIN" }[1].time, client, sim
end
local slow, before = run(false)
local fast, client, sim = run(true)
dw.expect(before):cause("retransmission-timeout", 1)
dw.expect(client):cause("retransmission-timeout", 0)
dw.expect(client):cause("tail-loss-probe", 1)
-- Two round trips after the last ACK the last segment goes again; its SACK shows the others to be lost.
local probe = sim.trace:packets { from = client, when = function(p) return p.cause == "tail-loss-probe" end }[1]
assert(probe.seq == 9001 and math.abs(probe.time - 0.203 - 0.2) < 0.01, probe.time)
assert(slow - fast > 0.6, slow - fast)
print(("  all acknowledged after %.2f s without the probe, %.2f s with it\n"):format(slow, fast))
