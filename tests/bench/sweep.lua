-- A sweep of 2,700 runs, with so many processes.
local dw = require "drywire"
local jobs = tonumber((...))
dw.sweep({ loss = { "0%", "1%", "2%" }, delay = { "5ms", "20ms", "50ms" }, cc = { "reno", "cubic", "vegas" }, seed = dw.range(1, 100) }, function(p)
  local sim, client, server = dw.pair { rate = "10Mbps", delay = p.delay, loss = p.loss, trace = "off", tcp = { congestion_control = p.cc } }
  local last
  server:serve(80, function(conn) conn:recv_all(); last = sim:now(); conn:close() end)
  client:spawn(function() local conn = assert(client:connect(server, 80)); conn:send(("x"):rep(200000)); conn:close() end)
  sim:run()
  return 200000 * 8 / last
end, { jobs = jobs })
