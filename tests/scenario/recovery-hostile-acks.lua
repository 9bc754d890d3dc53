-- A receiver that lies (Savage, Cardwell, Wetherall, Anderson 1999): ACK division, duplicate ACKs out of nothing, ACKs of data that is still under way or was never sent, SACK blocks that cannot be, a window that shrinks in the middle of recovery.
local dw = require "drywire"

-- SACK blocks as an option: sack(1001, 2001, 3001, 4001).
local function sack(...)
  local option = string.char(1, 1, 5, 2 + 4 * select("#", ...))
  for _, number in ipairs { ... } do option = option .. string.pack(">I4", number & 0xffffffff) end
  return option
end

-- A client with data to send, and a peer that is only segments: acks = { { time, ack, options, window }, ... }, ms after the
-- handshake, which takes 100 ms.
local function hostile(tcp, size, acks)
  local options = { sack = true, mss = 1000, initial_window = 4, send_buffer = "10MiB", congestion_control = "reno", rto_min = "1s" }
  for name, value in pairs(tcp) do options[name] = value end
  local sim, client, server, link = dw.pair { delay = "50ms", isn = { 0, 0 }, tcp = options }
  link:drop { from = server, flags = "RST", count = math.maxinteger }
  local function send(at, flags, ack, o, window)
    link:inject { at = ("%dus"):format(math.floor(at * 1000 + 0.5)), from = server, port = 80, to = client, to_port = 5000, flags = flags, seq = flags == "SYN,ACK" and 0 or 1, ack = ack & 0xffffffff, window = window or 65535, options = o }
  end
  send(50, "SYN,ACK", 1, string.char(2, 4, 3, 232, 1, 1, 4, 2))
  for _, a in ipairs(acks) do send(50 + a[1], "ACK", a[2], a[3], a[4]) end
  local info, conn
  client:spawn(function()
    conn = assert(client:connect(server, 80, { local_port = 5000 }))
    conn:send(("x"):rep(size))
  end)
  sim:run(("%dms"):format(math.ceil(150 + acks[#acks][1])))
  info = conn:info()
  return info, sim, client
end

local function segments(sim, client)
  local n = 0
  for _ in ipairs(sim.trace:packets { from = client, has_data = true }) do n = n + 1 end
  return n
end

for _, way in ipairs {
  { recovery = "newreno" }, { recovery = "sack" }, { recovery = "rack", tail_loss_probe = true, prr = true, undo = true, frto = true },
  { recovery = "rack", cwnd_in_segments = true, prr = true, undo = true, congestion_control = "cubic" },
  { recovery = "rack", congestion_control = "bbr3" },
} do
  local name = way.recovery .. (way.congestion_control or "")

  -- ACK division: a thousand ACKs, one for each octet of a segment, open the window by one segment at most.
  local acks = {}
  for i = 1, 1000 do acks[i] = { 100 + i / 100, 1 + i } end
  local info = hostile(way, 20000, acks)
  assert(info.snd_una == 1001, name)
  assert(info.cwnd <= 5000 or way.congestion_control == "bbr3", ("%s: %d"):format(name, info.cwnd))

  -- Duplicate ACKs out of nothing: fast retransmit, but no more data than duplicates could have left the network.
  acks = {}
  for i = 1, 500 do acks[i] = { 100 + i / 100, 1 } end
  local sim, client
  info, sim, client = hostile(way, 1000000, acks)
  assert(info.snd_una == 1 and segments(sim, client) < 520, ("%s: %d"):format(name, segments(sim, client)))
  if way.recovery ~= "newreno" then
    assert(segments(sim, client) < 16, ("%s: %d"):format(name, segments(sim, client)))  -- with SACK they say nothing
  end

  -- Optimistic ACKs: of what was just sent, long before it can have come.  Nothing says that it is a lie; it is taken.
  info = hostile(way, 20000, { { 100, 1001 }, { 100.01, 2001 }, { 100.02, 3001 }, { 100.03, 4001 } })
  assert(info.snd_una == 4001, name)
  -- Of what was never sent: refused, and said so.
  info, sim, client = hostile(way, 20000, { { 100, 1001 }, { 101, 500000 }, { 102, -5000000 } })
  assert(info.snd_una == 1001, name)
  dw.expect(client):cause("ack-out-of-range", 2)

  -- SACK blocks that cannot be: reversed, empty, of what was never sent, of what was acknowledged, over everything, by one octet,
  -- overlapping, the same again and again, across the wrap.  Whatever they say, one hole is one hole.
  local lies = { sack(3001, 2001), sack(2001, 2001), sack(900001, 901001), sack(1, 1001), sack(1, 4001), sack(2001, 2002), sack(2001, 3001, 2501, 3501, 2001, 4001),
    sack(2001, 3001, 2001, 3001, 2001, 3001, 2001, 3001), sack(-1000, 5), sack(0x80000000, 0x90000000), sack(4001, 1), sack(1000, 2000), sack(0, 0xffffffff) }
  acks = {}
  for i = 1, 3000 do acks[i] = { 100 + i / 1000, i > 10 and 1001 or 1, lies[i % #lies + 1] } end
  acks[#acks + 1] = { 300, 4001 }
  info, sim, client = hostile(way, 4000, acks)
  assert(info.snd_una == 4001 and (info.pipe or 0) == 0 and (info.sacked_out or 0) == 0, name)
  assert(segments(sim, client) < 20, ("%s: %d"):format(name, segments(sim, client)))
  if way.recovery ~= "newreno" then dw.expect(client):cause "sack-ignored" end

  -- The window shrinks to nothing in the middle of recovery, and opens again: what was lost goes again then, and all arrives.
  info, sim, client = hostile(way, 4000, { { 100, 1, sack(1001, 2001) }, { 100.1, 1, sack(1001, 3001) }, { 100.2, 1, sack(1001, 4001), 0 }, { 101, 1, sack(1001, 4001), 0 }, { 200, 1, sack(1001, 4001), 5000 }, { 5000, 4001 } })
  assert(info.snd_una == 4001, name)
  assert(sim.trace:packets { from = client, has_data = true, seq = { 1, 1 } }[2], name .. ": not sent again")
end
