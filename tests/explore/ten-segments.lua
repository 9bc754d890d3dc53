-- Ten segments of 536 octets.
local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { defect = dw.param("defect") }, delay = "10ms", mss = 536 }
local got
local data = ("0123456789abcdef"):rep(335)
server:serve(80, function(conn) got = conn:recv_all() conn:close() end)
client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send(data) conn:close() end)
sim:run()
assert(got == data, got and #got)
