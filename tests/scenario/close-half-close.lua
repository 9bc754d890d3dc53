-- C16, C17: after a half-close the closed side still receives, and the other may send until it closes (RFC 9293 3.6.1).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local got
server:serve(80, function(conn)
  assert(conn:recv_all() == "question")
  for i = 1, 5 do server:sleep "1s"; assert(conn:send("part" .. i)) end
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "question"; conn:shutdown()
  got = conn:recv_all(); conn:close()
end)
sim:run()
assert(got == "part1part2part3part4part5")
dw.expect(client):stays("FIN-WAIT-2", { lasting = "4s" })
dw.expect(server):stays("CLOSE-WAIT", { lasting = "4s" })
