-- C21: The FIN overtakes the data before it: it counts only when the gap is filled.
local dw = require "drywire"
dw.covers "SHLD-31"
local sim, client, server, link = dw.pair { delay = "20ms" }
link:delay { from = client, has_data = true, nth = 1, by = "100ms" }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "first things first"
  client:sleep "1ms"
  conn:close()
end)
sim:run()
assert(got == "first things first")
dw.expect(server):reaches("CLOSE-WAIT", { by = "160ms" })
