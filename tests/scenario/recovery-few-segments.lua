-- Losses where few segments are outstanding: limited transmit (RFC 3042), early retransmit (RFC 5827), RTO restart (RFC 7765), and what RFC 6675 sends again when nothing else is left (NextSeg, rules 3 and 4).
local dw = require "drywire"

-- One transfer of so many segments of 1000 octets; what each run did is looked at through its trace.
local function transfer(options)
  local tcp = { initial_window = 10, mss = 1000, delayed_ack = "0s", send_buffer = "1MiB" }
  for name, value in pairs(options.tcp or {}) do tcp[name] = value end
  local sim, client, server, link = dw.pair { delay = "50ms", isn = { 0, 0 }, tcp = tcp }
  for _, nth in ipairs(options.lost or {}) do link:drop { from = client, has_data = true, seq = { 1 + (nth - 1) * 1000, nth * 1000 }, nth = 1 } end
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    if options.script then
      options.script(client, conn)
    else
      conn:send(("x"):rep(1000 * options.segments)); conn:drain()
    end
    conn:close()
  end)
  sim:run()
  assert(#got == 1000 * options.segments)
  return sim, client
end

local function sent(sim, client, seq, nth)
  return sim.trace:packets { from = client, has_data = true, seq = { seq, seq } }[nth or 1]
end

-- RFC 3042: with a window of three segments and more data, the first of three lost, two duplicate ACKs let two new segments
-- go, whose ACKs make the third: no timeout.
local function window_of_three(limited)
  return transfer { segments = 5, lost = { 1 }, tcp = { initial_window = 3, limited_transmit = limited } }
end
local sim, client = window_of_three(true)
dw.expect(client):cause("fast-retransmit", 1)
dw.expect(client):cause("retransmission-timeout", 0)
local fourth, fifth = sent(sim, client, 3001), sent(sim, client, 4001)
assert(fourth and fifth and sent(sim, client, 1, 2).time > fifth.time, "the new segments go first")
sim, client = window_of_three(false)
dw.expect(client):cause("fast-retransmit", 0)
dw.expect(client):cause("retransmission-timeout", 1)
-- What limited transmit sent is not counted when ssthresh is set: 3 segments in flight, so 2 SMSS.
sim, client = window_of_three(true)
local low = 1e9
for _, point in ipairs(sim.trace:series(client, "ssthresh")) do low = math.min(low, point[2]) end
assert(low == 2000, low)

-- RFC 5827: three segments and no more data, the first lost: two duplicate ACKs are all there will be.
for _, recovery in ipairs { "newreno", "sack" } do
  local function three(early, lost, segments)
    return transfer { segments = segments or 3, lost = lost or { 1 }, tcp = { early_retransmit = early, recovery = recovery, sack = recovery == "sack", sack_rescue = false } }
  end
  sim, client = three(false)
  dw.expect(client):cause("fast-retransmit", 0)
  dw.expect(client):cause("retransmission-timeout", 1)
  sim, client = three(true)
  dw.expect(client):cause("fast-retransmit", 1)
  dw.expect(client):cause("retransmission-timeout", 0)
  sim, client = three(true, { 1 }, 2)                      -- two segments: one duplicate ACK
  dw.expect(client):cause("fast-retransmit", 1)
  sim, client = three(true, { 2 }, 2)                      -- the last one lost: nobody tells
  dw.expect(client):cause("fast-retransmit", 0)
  sim, client = three(true, { 1 }, 4)                      -- four draw three duplicate ACKs anyway
  dw.expect(client):cause("fast-retransmit", 1)
  -- A segment that is only late, by one place, costs a retransmission (RFC 5827 section 4 says so).
end

-- RFC 7765: two segments 150 ms apart, the second lost.  The ACK of the first comes 100 ms after it, when the second is
-- on its way; with the restart the timer runs from when that was sent.
local function last_lost(restart, recovery)
  return transfer { segments = 2, tcp = { rto_restart = restart, recovery = recovery, sack = recovery ~= "newreno", tail_loss_probe = false, rto_min = "1s" }, lost = { 2 },
    script = function(host, conn)
      conn:send(("x"):rep(1000))
      host:sleep "90ms"
      conn:send(("x"):rep(1000)); conn:drain()
    end }
end
for _, recovery in ipairs { "newreno", "sack", "rack" } do
  local function waited(restart)
    local s, host = last_lost(restart, recovery)
    dw.expect(host):cause("retransmission-timeout", 1)
    return sent(s, host, 1001, 2).time - sent(s, host, 1001).time
  end
  local usual, sooner = waited(false), waited(true)
  assert(math.abs(sooner - 1) < 1e-6, sooner)             -- exactly the RTO since it was sent
  assert(math.abs(usual - 1.01) < 1e-6, usual)            -- 10 ms more, until the ACK of the first
end

-- RFC 6675, NextSeg.  Ten segments, all the data there is.
local function rescue(lost, wanted, segments)
  return transfer { segments = segments or 10, lost = lost, tcp = { recovery = "sack", sack = true, sack_rescue = wanted } }
end
-- Rule 4: 1, 9 and 10 are lost.  SACKs of 2 to 8 show the loss of 1, but nothing above 9: the last segment goes again, and
-- its SACK shows that 9 is lost, too.
sim, client = rescue({ 1, 9, 10 }, true)
dw.expect(client):cause("retransmission-timeout", 0)
assert(sent(sim, client, 9001, 2) and sent(sim, client, 8001, 2))
sim, client = rescue({ 1, 9, 10 }, false)
dw.expect(client):cause("retransmission-timeout", 1)
-- Rule 3: 1 and 8 are lost; above 8 are 9 and 10 SACKed, not enough for IsLost.
sim, client = rescue({ 1, 8 }, true)
dw.expect(client):cause("retransmission-timeout", 0)
assert(sent(sim, client, 7001, 2).time < 0.45)
assert(not sent(sim, client, 1, 3) and not sent(sim, client, 9001, 2), "only what may be lost")
sim, client = rescue({ 1, 8 }, false)
assert(sent(sim, client, 7001, 2).time > 0.45)
-- New data comes first (rule 2): with more to send, 8 waits for a third SACK above it.
sim, client = rescue({ 1, 8 }, true, 14)
dw.expect(client):cause("retransmission-timeout", 0)
