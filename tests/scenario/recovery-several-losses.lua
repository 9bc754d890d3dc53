-- Three of one window's segments are lost: the scoreboard sends all three again in one round trip (recovery = "sack", RFC 6675, or "rack", RFC 8985), NewReno one in each (RFC 6582).
local dw = require "drywire"
local function run(recovery, more)
  local tcp = { sack = true, recovery = recovery, initial_window = 10 }
  for k, v in pairs(more or {}) do tcp[k] = v end
  local sim, client, server, link = dw.pair { delay = "50ms", seed = 3, tcp = tcp }
  link:drop { from = client, has_data = true, nth = { 12, 15, 18 } }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(1460 * 60)); conn:close()
  end)
  sim:run()
  assert(#got == 1460 * 60)
  dw.expect(client):cause("retransmission-timeout", 0)
  local sent, again = {}, {}
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
    if sent[p.seq] then again[#again + 1] = p.time end
    sent[p.seq] = true
  end
  assert(#again == 3, #again)
  return again
end
for _, recovery in ipairs { "sack", "rack" } do
  for _, segments in ipairs { false, true } do
    local again = run(recovery, { cwnd_in_segments = segments })
    assert(again[3] - again[1] < 0.001)
  end
end
local again = run "newreno"
assert(again[2] - again[1] > 0.09 and again[3] - again[2] > 0.09)
