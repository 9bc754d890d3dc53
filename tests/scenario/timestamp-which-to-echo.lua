-- P8: with a delayed ACK or a hole, the timestamp of the earliest unacknowledged segment is echoed (RFC 7323 4.3).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { timestamps = true, nagle = false } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
link:drop { from = client, has_data = true, nth = 4 }
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "1s"
  for _ = 1, 3 do conn:send(("x"):rep(100)); client:sleep "10ms" end     -- a delayed ACK covers all three
  client:sleep "1s"
  for _ = 1, 3 do conn:send(("x"):rep(100)); client:sleep "10ms" end     -- the first of these is lost
  client:sleep "3s"; conn:close()
end)
sim:run()
local data = sim.trace:packets { from = client, has_data = true }
local function ts(p) return dw.tcp_options(p.options) end
local acks = sim.trace:packets { from = server, flags = "=ACK", after = "1s" }
assert(ts(acks[1]).tsecr == ts(data[1]).tsval)           -- the earliest of the three
assert(ts(acks[2]).tsecr == ts(data[3]).tsval or ts(acks[2]).tsecr == ts(data[1]).tsval)
assert(ts(acks[2]).tsecr < ts(data[4]).tsval)            -- not one from beyond the hole
