-- RFC 6937, RFC 9937: proportional rate reduction: one loss, and what is sent for each ACK
local dw = require "drywire"
-- Twenty segments are outstanding, the first is lost; the window is to be halved.
local function run(prr)
  local sim, client, server, link = dw.pair { name = prr and "prr" or "rfc6675", delay = "50ms", rate = "20Mbps", isn = { 0, 0 }, mss = 1000,
    tcp = { sack = true, recovery = "sack", prr = prr, initial_window = 20, delayed_ack = "0s", timestamps = false, send_buffer = "1MiB" } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(60000)); conn:close()
  end)
  link:drop { from = client, seq = { 1, 1 }, has_data = true, nth = 1 }
  sim:run()
  local sent, row = sim.trace:packets { from = client, has_data = true }, {}
  local function value(name, time)
    local found = 0
    for _, point in ipairs(sim.trace:series(client, name)) do if point[1] <= time then found = point[2] else break end end
    return found // 1000
  end
  for _, ack in ipairs(sim.trace:packets { from = server, flags = "=ACK", to = client }) do
    if #row == 19 then break end
    if dw.tcp_options(ack.options).sack then
      local out = ""
      for _, p in ipairs(sent) do if p.time == ack.arrived then out = out .. (p.cause == "data" and "N" or "R") end end
      row[#row + 1] = { sent = out, cwnd = value("cwnd", ack.arrived), pipe = value("pipe", ack.arrived), time = ack.arrived }
    end
  end
  return row, sim, client
end
local before, _, _ = run(false)
local prr, sim, client = run(true)
print "  ACK            1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19"
for _, line in ipairs { { "RFC 6675", before }, { "PRR", prr } } do
  for _, field in ipairs { "cwnd", "pipe", "sent" } do
    local cells = {}
    for i, ack in ipairs(line[2]) do cells[i] = ("%3s"):format(ack[field]) end
    print((("  %-8s %4s"):format(field == "cwnd" and line[1] or "", field) .. table.concat(cells)):gsub("%s+$", "") .. "")
  end
end
print "\n  N: a new segment, R: one again\n"
-- RFC 6675 is silent until half of the window has drained; PRR sends for every second ACK, and both end at the same window.
local function longest_silence(row)
  local longest, now = 0, 0
  for i = 3, #row do
    now = row[i].sent == "" and now + 1 or 0
    longest = math.max(longest, now)
  end
  return longest
end
assert(longest_silence(before) >= 8, longest_silence(before))
assert(longest_silence(prr) <= 2, longest_silence(prr))
assert(before[3].sent:find "R" and prr[3].sent:find "R")       -- the third SACK shows the loss
assert(math.abs(before[19].pipe - prr[19].pipe) <= 1)
dw.expect(client):cause("retransmission-timeout", 0)
