-- Stevens figures 21.7 to 21.11: 32,768 octets over a slow line, sequence numbers against time, and the window
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "400ms", rate = "64kbps", isn = { 0, 0 }, mss = 256, tcp = { recovery = "newreno", limited_transmit = false, initial_window = 1, delayed_ack = "0s", send_buffer = "1MiB", receive_buffer = "4096B", rto_min = "3s" } }  -- a coarse timer, as BSD had
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(32768)); conn:close()
end)
for _, seq in ipairs { 6657, 14337, 22017 } do link:drop { from = client, seq = { seq, seq }, has_data = true, nth = 1 } end
sim:run()
local first, again, acks = {}, {}, {}
for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
  local list = p.cause == "data" and first or again
  list[#list + 1] = { p.time, p.seq + p.len - 1 }
end
for _, p in ipairs(sim.trace:packets { from = server, flags = "=ACK" }) do acks[#acks + 1] = { p.arrived, p.ack - 1 } end
local last = acks[#acks][1]
print(dw.plot({ { label = "sent", points = first, style = "points" }, { label = "acknowledged", points = acks, style = "steps" }, { label = "sent again", points = again, style = "points" } },
  { title = "Sequence numbers", y = "octets", from = 0, to = last, height = 18 }))
print ""
print(dw.plot({ cwnd = sim.trace:series(client, "cwnd"), ssthresh = sim.trace:series(client, "ssthresh") }, { title = "The window", y = "octets", from = 0, to = last, height = 12 }))
print ""
assert(#again == 3 and #first == 128)                       -- each lost segment once, by fast retransmit
dw.expect(client):cause("fast-retransmit", 3)
dw.expect(client):cause("retransmission-timeout", 0)
-- A horizontal stretch of ACKs at each loss: duplicates, until the missing segment has come.
local repeated = 0
for i = 2, #acks do if acks[i][2] == acks[i - 1][2] then repeated = repeated + 1 end end
assert(repeated >= 9, repeated)
