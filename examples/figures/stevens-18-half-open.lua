-- Stevens section 18.7: a half-open connection is found by sending
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all() end)
local why
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hi there"; client:sleep "2s"
  conn:send "another line"
  why = select(2, conn:recv())
end)
sim:at("1s", function() server:crash() end)     -- power failure and reboot
sim:run()
assert(why == "reset")
dw.expect(sim):packets({ from = server, flags = "=RST" }, 1)
