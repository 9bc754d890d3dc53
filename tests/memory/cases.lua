-- Cases, one of which fails: what a worker of `drywire test` tells its parent.
local dw = require "drywire"
dw.covers "MUST-1"
local function exchange()
  local sim, client, server = dw.pair { delay = "10ms" }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() local conn = assert(client:connect(server, 80)); conn:close() end)
  sim:run()
  return sim
end
dw.test("holds", function() dw.expect(exchange()):never { flags = "RST" } end)
dw.test("does not", function() dw.expect(exchange()):packets({ flags = "SYN" }, 9) end)
