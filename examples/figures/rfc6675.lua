-- RFC 6675: recovery with SACK: pipe and the window, ACK by ACK
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "50ms", rate = "20Mbps", isn = { 0, 0 }, mss = 1000,
  tcp = { sack = true, recovery = "sack", initial_window = 20, delayed_ack = "0s", timestamps = false, send_buffer = "1MiB" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(60000)); conn:close()
end)
local lost = { 5, 9, 13 }
for _, n in ipairs(lost) do link:drop { from = client, seq = { 1 + n * 1000, 1 + n * 1000 }, has_data = true, nth = 1 } end
sim:run()
-- What the client's ACKs said, and what it did then; from the first SACK to the end of recovery.
local function value(name, time)
  local found = 0
  for _, point in ipairs(sim.trace:series(client, name)) do if point[1] <= time then found = point[2] else break end end
  return found // 1000
end
print "    time     ACK   SACK: segments         pipe   cwnd   sent"
local sent = sim.trace:packets { from = client, has_data = true }
local last
for _, ack in ipairs(sim.trace:packets { from = server, flags = "=ACK" }) do
  local blocks = {}
  for _, b in ipairs(dw.tcp_options(ack.options).sack or {}) do blocks[#blocks + 1] = ("%d-%d"):format(b[1] // 1000, b[2] // 1000) end
  if #blocks > 0 or last then
    local out = {}
    for _, p in ipairs(sent) do if p.time == ack.arrived then out[#out + 1] = ("%d%s"):format(p.seq // 1000, p.cause == "data" and "" or " again") end end
    local pipe, cwnd = value("pipe", ack.arrived), value("cwnd", ack.arrived)
    print(("  %.4f   %5d   %-20s   %4d   %4d   %s"):format(ack.arrived, ack.ack, table.concat(blocks, " "), pipe, cwnd, table.concat(out, ", ")):gsub("%s+$", "") .. "")
    assert(pipe <= cwnd + 1 or value("pipe", ack.arrived - 1e-6) >= pipe, ack.arrived)  -- nothing is sent beyond the window
    last = #blocks > 0
    if not last then break end
  end
end
print ""
dw.expect(client):cause("retransmission-timeout", 0)
-- Each hole once, all within a round trip of finding the first.
local again = sim.trace:packets { from = client, has_data = true, when = function(p) return p.cause ~= "data" end }
assert(#again == #lost)
for i, n in ipairs(lost) do assert(again[i].seq == 1 + n * 1000 and again[i].time - again[1].time < 0.1, i) end
