-- O20: The peer is not there: SYNs for three minutes (MUST-23), then the user is told.
local dw = require "drywire"
dw.covers("MUST-22", "MUST-23")
local sim, client, server, link = dw.pair { delay = "20ms", down = true }
local conn, why
client:spawn(function() conn, why = client:connect("server", 80) end)
sim:run()
assert(conn == nil and why == "timeout" and sim:now() >= 180)
dw.expect(client):states "CLOSED -> SYN-SENT -> CLOSED"
