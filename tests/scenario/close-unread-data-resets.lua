-- C19: Closing with unread data sends RST, so that the peer learns of the loss (SHLD-3).
local dw = require "drywire"
dw.covers("SHLD-3", "MAY-1")
local sim, client, server = dw.pair { delay = "20ms" }
local why
server:serve(80, function(conn) server:sleep "500ms"; conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "nobody reads this"
  local _
  _, why = conn:recv()
end)
sim:run()
assert(why == "reset")
dw.expect(sim):packets({ from = server, flags = "RST" }, 1)
