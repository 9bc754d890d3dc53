-- RFC 3522, RFC 4015: Eifel: the echoed timestamp says that the first copy came, and the response restores the window
local dw = require "drywire"
-- One segment is 60 ms late, the ten behind it are not: three duplicate ACKs, and it is sent again for nothing.
local function run(undo)
  local sim, client, server, link = dw.pair { name = undo and "with Eifel" or "without", delay = "50ms", rate = "20Mbps", isn = { 0, 0 }, mss = 1000,
    tcp = { recovery = "sack", sack = true, dsack = false, timestamps = true, undo = undo, initial_window = 12, delayed_ack = "0s", send_buffer = "1MiB", receive_buffer = "1MiB" } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(200000)); conn:close()
  end)
  link:delay { from = client, has_data = true, nth = 3, by = "60ms" }
  sim:run()
  print(dw.plot({ cwnd = sim.trace:series(client, "cwnd"), ssthresh = sim.trace:series(client, "ssthresh") },
    { title = undo and "With Eifel: undone" or "Without", divide = 1000, y = "segments", from = 0, to = 1, top = 60, height = 10 }))
  print ""
  return sim, client, server, sim.trace:packets { from = client, flags = "FIN" }[1].time
end
local _, before, _, slow = run(false)
local sim, client, server, fast = run(true)
dw.expect(before):cause("undo-timestamp", 0)
dw.expect(client):cause("undo-timestamp", 1)
-- The proof: the ACK of the segment echoes a timestamp from before the second copy.
local late = sim.trace:packets { from = client, has_data = true }[3]
local copies = sim.trace:packets { from = client, has_data = true, seq = { late.seq, late.seq } }
assert(#copies == 2)
local echo
for _, ack in ipairs(sim.trace:packets { from = server, flags = "=ACK" }) do
  if ack.ack > late.seq and not echo then echo = dw.tcp_options(ack.options).tsecr end
end
assert(echo < dw.tcp_options(copies[2].options).tsval)
assert(fast < slow)
