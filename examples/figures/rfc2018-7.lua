-- RFC 2018 section 7: what a receiver reports when the last, the first, or every other segment is lost
local dw = require "drywire"
-- Segments of 500 octets, 5000 the first: which of them arrive, in which order; and what the receiver must say to each.
local cases = {
  { name = "Case 1: the last four are lost", arrive = { 5000, 5500, 6000, 6500 },
    say = { "5500", "6000", "6500", "7000" } },
  { name = "Case 2: the first is lost", arrive = { 5500, 6000, 6500, 7000, 7500, 8000, 8500 },
    say = { "5000 5500-6000", "5000 5500-6500", "5000 5500-7000", "5000 5500-7500", "5000 5500-8000", "5000 5500-8500", "5000 5500-9000" } },
  { name = "Case 3: the second, fourth, sixth and eighth are lost; then the fourth comes, and the second", arrive = { 5000, 6000, 7000, 8000, 6500, 5500 },
    say = { "5500", "5500 6000-6500", "5500 7000-7500 6000-6500", "5500 8000-8500 7000-7500 6000-6500", "5500 6000-7500 8000-8500", "7500 8000-8500" } },
}
local function receive(name, arrive)
  local sim, sender, receiver, link = dw.pair { name = name, delay = "10ms", isn = { 4999, 0 }, tcp = { sack = true, timestamps = false, delayed_ack = "0s" } }
  receiver:serve(80, function(conn) conn:recv_all(); conn:close() end)
  link:drop { from = sender, flags = "RST", count = math.maxinteger }
  local function send(at, flags, seq, ack, options, data)
    link:inject { at = at .. "ms", from = sender, port = 5000, to = receiver, to_port = 80, flags = flags, seq = seq, ack = ack, options = options, data = data }
  end
  send(0, "SYN", 4999, 0, dw.tcp_option { mss = 500, sack_permitted = true })
  send(50, "ACK", 5000, 1)
  for i, seq in ipairs(arrive) do send(100 * i, "ACK", seq, 1, nil, ("x"):rep(500)) end
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
  print("  " .. case.name .. "\n\n  segment    ACK   SACK blocks: left and right edge, the latest first")
  for k, seq in ipairs(case.arrive) do
    local ack, blocks = said[k]:match "^(%d+) ?(.*)$"
    print((("  %7d   %4s   %s"):format(seq, ack, (blocks:gsub(" ", "   "))):gsub("%s+$", "")))
    assert(said[k] == case.say[k], ("%s, %d: %s"):format(case.name, seq, said[k]))
  end
  print ""
end
