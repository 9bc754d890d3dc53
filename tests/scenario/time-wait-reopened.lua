-- T2: a SYN above all that came before opens the next connection straight from TIME-WAIT (MAY-2).
local dw = require "drywire"
dw.covers "MAY-2"
local sim, client, server = dw.pair { delay = "20ms", isn = { { 99, 5000 }, { 299, 9000 } } }
local served = 0
server:serve(80, function(conn) conn:close(); served = served + 1 end)     -- the server closes first: it waits
local function once()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:recv_all(); conn:close()
end
client:spawn(function() once(); client:sleep "5s"; once() end)
sim:run "20s"
assert(served == 2)
dw.expect(server):cause "time-wait-reopened"
