-- O14: a host reboots and opens the same connection: challenge, RST, and the SYN again (figure 9, RFC 5961 4).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
local function open() assert(client:connect(server, 80, { local_port = 5000 })) end
client:spawn(open)
sim:at("1s", function() client:crash() end)
sim:at("2s", function() client:spawn(function() open(); client:sleep "1s" end) end)
sim:run "20s"
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSED"
dw.expect(sim):packets({ from = client, flags = "=RST" }, 1)
assert(client:conn(2):state() == "ESTABLISHED")
