-- R9: a RST may carry data (SHLD-2).
local dw = require "drywire"
dw.covers "SHLD-2"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local why
server:serve(80, function(conn) why = select(2, conn:recv()) end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "RST", seq = 100, data = "why I do this" }
sim:run()
assert(why == "reset")
