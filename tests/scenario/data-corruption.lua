-- D9: A flipped bit is found by the checksum, dropped, and repaired by a retransmission.
local dw = require "drywire"
dw.covers("MUST-2", "MUST-3")
local sim, client, server, link = dw.pair { delay = "20ms" }
link:corrupt { from = client, has_data = true, nth = 1, byte = 3 }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "precious"
  conn:close()
end)
sim:run()
assert(got == "precious")
assert(sim.trace:text():find "tcp%-bad%-checksum")
