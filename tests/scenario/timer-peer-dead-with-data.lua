-- X5: the peer dies with data outstanding: R1 is reported, R2 aborts, and the user is told (RFC 9293 3.8.3).
local dw = require "drywire"
dw.covers("MUST-20", "MUST-47", "SHLD-9", "SHLD-10", "SHLD-11")
local sim, client, server, link = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv() end)
local reports, why, at = {}, nil, nil
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:on_report(function(what) reports[#reports + 1] = what end)
  link:down()
  conn:send "hello"
  why = select(2, conn:recv()); at = sim:now()
end)
sim:run "10min"
assert(why == "timeout" and at >= 100 and #reports == 1 and reports[1] == "retransmissions")
assert(sim.trace:count { from = client, has_data = true } >= 4)   -- R1: three retransmissions at least
