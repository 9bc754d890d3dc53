-- RFC 5682: F-RTO: a timeout that came too early, with and without finding out
local dw = require "drywire"
-- All segments are late by a second, as behind a radio link that was away; nothing is lost.
local function run(frto)
  local sim, client, server, link = dw.pair { name = frto and "with F-RTO" or "without", delay = "50ms", rate = "20Mbps", isn = { 0, 0 }, mss = 1000,
    tcp = { sack = true, dsack = false, recovery = "sack", frto = frto, undo = frto, initial_window = 10, delayed_ack = "0s", timestamps = false, rto_min = "300ms", send_buffer = "1MiB", receive_buffer = "1MiB" } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(200000)); conn:close()
  end)
  sim:at("0.25s", function() link:set { to_server = { delay = "700ms" } } end)
  sim:at("3s", function() link:set { to_server = { delay = "50ms" } } end)
  sim:run()
  local again = #sim.trace:packets { from = client, has_data = true, when = function(p) return p.cause ~= "data" end }
  print(dw.plot({ cwnd = sim.trace:series(client, "cwnd"), ssthresh = sim.trace:series(client, "ssthresh") },
    { title = (frto and "With F-RTO" or "Without F-RTO") .. (": sent again for nothing: %d"):format(again), divide = 1000, y = "segments", from = 0, to = 2, top = 90, height = 10 }))
  print ""
  return again, client
end
local without, before = run(false)
local with, client = run(true)
dw.expect(before):cause("retransmission-timeout")
dw.expect(client):cause("undo-frto", 1)
assert(with == 1 and without > 5, with .. " " .. without)
