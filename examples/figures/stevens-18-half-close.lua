-- Stevens figure 18.5: half-close
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn)
  assert(conn:recv_all() == "sort this")
  server:sleep "100ms"; conn:send "sort this, sorted"; conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "sort this"; conn:shutdown()
  assert(conn:recv_all() == "sort this, sorted"); conn:close()
end)
sim:run()
dw.expect(client):reaches "FIN-WAIT-2"
dw.expect(sim):packets({ from = server, has_data = true, after = "100ms" }, 1)
