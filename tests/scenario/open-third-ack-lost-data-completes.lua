-- O5: The handshake's last ACK is lost: the first data carries the ACK that completes it.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { from = client, flags = "=ACK", nth = 1 }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "hello"
  conn:close()
end)
sim:run()
assert(got == "hello")
dw.expect(server):reaches("ESTABLISHED", { by = "60ms" })
