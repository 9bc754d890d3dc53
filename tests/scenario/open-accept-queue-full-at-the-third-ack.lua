-- O23: with room for half-open connections but none in the accept queue, the handshake waits and completes later.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", tcp = { syn_backlog = 8 } }
local listener = server:listen(80, { backlog = 1 })
local echoed = 0
for _ = 1, 3 do
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "hello"
    assert(conn:recv() == "hello")
    echoed = echoed + 1
    conn:close()
  end)
end
server:spawn(function()
  server:sleep "2s"
  for _ = 1, 3 do
    local conn = assert(listener:accept())
    conn:send(assert(conn:recv())); conn:close()
  end
end)
sim:run()
assert(echoed == 3)
dw.expect(server):cause "accept-queue-full"
dw.expect(sim):never { flags = "RST" }
