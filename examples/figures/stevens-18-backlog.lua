-- Stevens figure 18.23: the backlog, and a SYN that is ignored
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local listener = server:listen(80, { backlog = 1 })
for i = 1, 2 do
  client:spawn(function()
    client:sleep(i * 0.1)
    assert(client:connect(server, 80)):close()
  end)
end
server:spawn(function() server:sleep "2s"; for _ = 1, 2 do listener:accept():close() end end)
sim:run()
dw.expect(server):cause "backlog-full"
dw.expect(sim):never { flags = "RST" }
