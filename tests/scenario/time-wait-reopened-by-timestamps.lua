-- T2: with timestamps a lower sequence number will do, if the timestamp is newer (RFC 6191, SHLD-4).
local dw = require "drywire"
dw.covers "SHLD-4"
local sim, client, server = dw.pair { delay = "20ms", isn = { { 9000, 99 }, { 299, 9000 } }, tcp = { timestamps = true } }
local served = 0
server:serve(80, function(conn) conn:close(); served = served + 1 end)
local function once()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:recv_all(); conn:close()
end
client:spawn(function() once(); client:sleep "5s"; once() end)
sim:run "20s"
assert(served == 2)
dw.expect(server):cause "time-wait-reopened"
