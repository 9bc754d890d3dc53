-- P3: only one end offers window scaling: neither scales (RFC 7323 2.2).
local dw = require "drywire"
local sim = dw.sim {}
local client = sim:host("client", { buffer = 1000000 })
local server = sim:host("server", { buffer = 1000000, tcp = { window_scale = false } })
sim:link(client, server, { delay = "20ms" })
server:serve(80, function(conn) assert(#conn:recv_all() == 300000); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  assert(conn:info().rcv_wscale == 0 and conn:info().snd_wscale == 0)
  conn:send(("x"):rep(300000)); conn:close()
end)
sim:run()
