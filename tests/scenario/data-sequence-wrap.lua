-- D1: Sequence numbers wrap in the handshake, in the data and at the FIN.
local dw = require "drywire"
for _, isn in ipairs { 4294967295, 4294967294, 4294966296, 4294967295 - 3000, 2147483647 } do
  local sim, client, server = dw.pair { delay = "5ms", isn = { isn, isn } }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:send "done"; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect("server", 80))
    conn:send(("x"):rep(3000))
    conn:shutdown()
    assert(conn:recv_all() == "done")
    conn:close()
  end)
  sim:run()
  assert(#got == 3000)
  dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
  sim:close()
end
