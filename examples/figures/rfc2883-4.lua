-- RFC 2883 section 4: how a receiver reports what came twice
local dw = require "drywire"
-- What arrives, first octet and length, and what the receiver says: ACK, the duplicate, then SACK blocks.
local cases = {
  { name = "A whole segment twice: its ACK was lost, and the timer sent it again",
    arrive = { { 3000, 500 }, { 3500, 500 }, { 3000, 500 } }, say = { "3500", "4000", "4000 3000-3500" } },
  { name = "The same while a later segment waits behind a hole",
    arrive = { { 3000, 500 }, { 3500, 500 }, { 4500, 500 }, { 3000, 500 } }, say = { "3500", "4000", "4000 4500-5000", "4000 3000-3500 4500-5000" } },
  { name = "What came twice waits behind the hole itself: the second block tells of which stretch it is part",
    arrive = { { 3000, 500 }, { 3500, 500 }, { 4500, 500 }, { 5000, 500 }, { 5000, 500 } },
    say = { "3500", "4000", "4000 4500-5000", "4000 4500-5500", "4000 5000-5500 4500-5500" } },
  { name = "Part of a segment twice: one that was only late was sent again together with a lost one",
    arrive = { { 3000, 500 }, { 4000, 500 }, { 3000, 1000 }, { 3500, 500 } },
    say = { "3500", "3500 4000-4500", "4500 3000-3500", "4500 3500-4000" } },
  { name = "Two parts twice: only the first is told",
    arrive = { { 3000, 500 }, { 3500, 500 }, { 4500, 500 }, { 5500, 400 }, { 4500, 1400 } },
    say = { "3500", "4000", "4000 4500-5000", "4000 5500-5900 4500-5000", "4000 4500-5000 4500-5900" } },
  { name = "Below and above the ACK at once: what is below comes first",
    arrive = { { 3000, 500 }, { 4000, 500 }, { 3000, 500 } }, say = { "3500", "3500 4000-4500", "3500 3000-3500 4000-4500" } },
}
local function receive(name, arrive)
  local sim, sender, receiver, link = dw.pair { name = name, delay = "10ms", isn = { 2999, 0 }, tcp = { sack = true, timestamps = false, delayed_ack = "0s" } }
  receiver:serve(80, function(conn) conn:recv_all(); conn:close() end)
  link:drop { from = sender, flags = "RST", count = math.maxinteger }
  local function send(at, flags, seq, ack, options, data)
    link:inject { at = at .. "ms", from = sender, port = 5000, to = receiver, to_port = 80, flags = flags, seq = seq, ack = ack, options = options, data = data }
  end
  send(0, "SYN", 2999, 0, dw.tcp_option { mss = 1500, sack_permitted = true })
  send(50, "ACK", 3000, 1)
  for i, segment in ipairs(arrive) do send(100 * i, "ACK", segment[1], 1, nil, ("x"):rep(segment[2])) end
  sim:run "2s"
  local said = {}
  for i = 1, #arrive do
    local p = sim.trace:packets { from = receiver, flags = "=ACK", after = 100 * i .. "ms" }[1]
    local text = tostring(p.ack)
    for _, block in ipairs(dw.tcp_options(p.options).sack or {}) do text = text .. (" %d-%d"):format(block[1], block[2]) end
    said[i] = text
  end
  return said
end
for i, case in ipairs(cases) do
  local said = receive("case " .. i, case.arrive)
  print("  " .. case.name .. "\n\n  segment      ACK   blocks: the duplicate first")
  for k, segment in ipairs(case.arrive) do
    local ack, blocks = said[k]:match "^(%d+) ?(.*)$"
    print((("  %d-%d   %4s   %s"):format(segment[1], segment[1] + segment[2], ack, (blocks:gsub(" ", "   "))):gsub("%s+$", "")))
    assert(said[k] == case.say[k], ("%s, %d: %s"):format(case.name, segment[1], said[k]))
  end
  print ""
end
