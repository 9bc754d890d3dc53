-- A reader who is late, and a buffer of 1000 octets.
local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { defect = dw.param("defect") }, delay = "10ms", server = { buffer = 1000 }, mss = 500, checks = "fail" }
local got
local data = ("0123456789"):rep(300)
server:serve(80, function(conn) server:sleep "2s" got = conn:recv_all() conn:close() end)
client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send(data) conn:close() end)
sim:run()
assert(got == data, got and #got)
