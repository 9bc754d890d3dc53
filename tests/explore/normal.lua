-- A handshake, five octets and a close.
local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { defect = dw.param("defect") }, delay = "10ms" }
local got
server:serve(80, function(conn) got = conn:recv_all() conn:close() end)
client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send "hello" conn:close() end)
sim:run()
assert(got == "hello", got)
