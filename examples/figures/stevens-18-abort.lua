-- Stevens section 18.7: aborting a connection with RST (SO_LINGER 0)
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local why
server:serve(80, function(conn) conn:recv(); why = select(2, conn:recv()) end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hello, world"; client:sleep "1s"
  conn:close { linger = "0s" }
end)
sim:run()
assert(why == "reset")
dw.expect(client):never "TIME-WAIT"
