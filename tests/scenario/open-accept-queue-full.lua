-- O23: the accept queue is full when the third ACK comes: it is dropped and the SYN,ACK repeated; no RST.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local listener = server:listen(80, { backlog = 2 })
local echoed = 0
for i = 1, 3 do
  client:spawn(function()
    client:sleep(i * 0.001)
    local conn = assert(client:connect(server, 80))
    conn:send "hello"
    if conn:recv() == "hello" then echoed = echoed + 1 end
    conn:close()
  end)
end
-- The third SYN comes while two are half open, is dropped, and comes again when two wait for accept.
server:spawn(function()
  server:sleep "4s"
  for _ = 1, 3 do
    local conn = assert(listener:accept())
    conn:send(conn:recv()); conn:close()
  end
end)
sim:run()
assert(echoed == 3)
dw.expect(sim):never { flags = "RST" }
