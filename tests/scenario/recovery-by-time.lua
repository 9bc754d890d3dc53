-- RACK (recovery = "rack", RFC 8985): what is late by less than a quarter of the round trip is waited for once reordering has been seen; DSACKs widen that; a retransmission that is lost is sent again without the timer.
local dw = require "drywire"
local function run(tcp, faults, octets)
  tcp.sack, tcp.dsack, tcp.recovery, tcp.initial_window = true, true, tcp.recovery or "rack", 10
  local sim, client, server, link = dw.pair { delay = "50ms", seed = 3, tcp = tcp, rate = "20Mbps" }
  faults(link, client)
  local got, info
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(octets))
    conn:drain()
    info = conn:info()
    conn:close()
  end)
  sim:run()
  assert(#got == octets)
  local again, sent = {}, {}
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
    if sent[p.seq] then again[#again + 1] = p end
    sent[p.seq] = true
  end
  return again, info, client
end
local function late(...)
  local which = { ... }
  return function(link, client)
    for i, nth in ipairs(which) do link:delay { from = client, has_data = true, nth = nth, by = "5ms" } end
  end
end
-- Nothing was ever reordered: three SACKed segments above a hole are enough evidence.
local again, info = run({}, late(15), 1460 * 40)
assert(#again == 1 and again[1].cause == "fast-retransmit" and info.duplicates == 1)
-- With timestamps of their own the first copies prove the retransmission needless: reordering is learned.
again, info = run({ undo = true, timestamps = true }, late(15, 60), 1460 * 90)
assert(#again == 1 and info.reordering > 3 and info.reordering_seen >= 1, #again)

-- The first retransmission is lost too.
local function twice(link, client)
  link:drop { from = client, has_data = true, nth = 15 }
  link:drop { from = client, count = 1, when = function(p) return p.cause == "fast-retransmit" end }
end
local host
again, info, host = run({}, twice, 1460 * 60)
assert(#again == 2 and again[2].time - again[1].time < 0.25)
dw.expect(host):cause("retransmission-timeout", 0)
again, info, host = run({ recovery = "sack" }, twice, 1460 * 60)
dw.expect(host):cause("retransmission-timeout")
