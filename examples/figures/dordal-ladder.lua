-- Dordal, An Introduction to Computer Networks: a whole connection on a ladder, with the states
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 0, 0 }, tcp = { delayed_ack = "0s" } }
server:serve(80, function(conn)
  assert(conn:recv() == "abc"); assert(conn:recv() == "defg"); assert(conn:recv() == "foobar")
  conn:send "hello"
  conn:recv_all()                          -- up to the client's FIN
  server:sleep "50ms"
  conn:send "goodbye"
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  for _, text in ipairs { "abc", "defg", "foobar" } do conn:send(text); client:sleep "60ms" end
  assert(conn:recv() == "hello")
  conn:shutdown()
  assert(conn:recv_all() == "goodbye")
  conn:close()
end)
sim:run()
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
dw.expect(sim):packets({ has_data = true }, 5)
