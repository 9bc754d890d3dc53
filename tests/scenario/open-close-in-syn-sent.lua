-- O21: A connect that is given up: the TCB is deleted and nothing is sent (RFC 9293 3.10.4).
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", to_server = { down = true } }
local conn, why
client:spawn(function() conn, why = client:connect("server", 80, { timeout = "500ms" }) end)
sim:run()
assert(conn == nil and why == "timeout")
dw.expect(sim):packets({ from = client }, 1)
