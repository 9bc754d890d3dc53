-- RFC 8985 section 6.2: a segment that is only late: counting takes it for lost, time does not
local dw = require "drywire"
local function run(recovery)
  local sim, client, server, link = dw.pair { name = recovery, delay = "50ms", rate = "20Mbps", isn = { 0, 0 }, mss = 1000,
    tcp = { sack = true, recovery = recovery, initial_window = 10, delayed_ack = "0s", timestamps = false, send_buffer = "1MiB" } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    for _ = 1, 6 do conn:send(("x"):rep(10000)); conn:drain() end
    conn:close()
  end)
  -- In each batch of ten the third comes 10 ms late, after five others.
  for batch = 0, 5 do link:delay { from = client, seq = { batch * 10000 + 2001, batch * 10000 + 2001 }, has_data = true, nth = 1, by = "10ms" } end
  sim:run()
  local again = #sim.trace:packets { from = client, has_data = true, when = function(p) return p.cause ~= "data" end }
  print(("  %-4s   sent again for nothing: %d of 60"):format(recovery, again))
  return again
end
local by_count, by_time = run "sack", run "rack"
print ""
assert(by_count >= 5, by_count)
assert(by_time <= 1, by_time)                  -- the first may cost one: nobody knew yet that the path reorders
