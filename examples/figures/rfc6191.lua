-- RFC 6191: a newer timestamp opens the next connection out of TIME-WAIT
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { { 9000, 99 }, { 299, 9000 } }, tcp = { timestamps = true } }
server:serve(80, function(conn) conn:close() end)               -- the server closes first, and waits
client:spawn(function()
  for _ = 1, 2 do
    local conn = assert(client:connect(server, 80, { local_port = 5000 }))
    conn:recv_all(); conn:close()
    client:sleep "1s"
  end
end)
sim:run "3s"
-- The second SYN's sequence number is below the first's; its timestamp is not.
dw.expect(server):cause("time-wait-reopened")
dw.expect(sim):packets({ from = client, flags = "=SYN" }, 2)
