-- RFC 8985: RACK: a retransmission that is lost too, found by time, not by the timer
local dw = require "drywire"
local function run(recovery)
  local sim, client, server, link = dw.pair { name = recovery, delay = "50ms", rate = "20Mbps", isn = { 0, 0 }, mss = 1000,
    tcp = { sack = true, recovery = recovery, prr = true, initial_window = 10, delayed_ack = "0s", timestamps = false, send_buffer = "1MiB" } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(60000)); conn:close()
  end)
  link:drop { from = client, seq = { 2001, 2001 }, has_data = true, nth = { 1, 2 } }   -- and again
  sim:run()
  local copies = sim.trace:packets { from = client, seq = { 2001, 2001 }, has_data = true }
  print(("  %-4s   segment 2 sent at"):format(recovery))
  for _, p in ipairs(copies) do print(("         %.4f s   %s"):format(p.time, p.cause)) end
  print ""
  return copies, sim, client
end
local by_sacks = run "sack"
local by_time, sim, client = run "rack"
assert(#by_sacks == 3 and by_sacks[3].cause == "retransmission-timeout")
assert(#by_time == 3)
-- A round trip and the reordering window after the second copy, whatever was SACKed meanwhile.
assert(by_time[3].time - by_time[2].time < 0.14, by_time[3].time - by_time[2].time)
dw.expect(client):cause("retransmission-timeout", 0)
