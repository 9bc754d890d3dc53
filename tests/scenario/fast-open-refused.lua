-- A forged cookie opens nothing early, and a lost SYN goes again without data (RFC 7413 4.2).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { { 99, 999 }, { 299, 1299, 2299 } }, tcp = { fast_open = true } }
local got = {}
server:serve(80, function(conn) got[#got + 1] = conn:recv(); conn:close() end)
link:inject { from = client, port = 6000, to = server, to_port = 80, flags = "SYN", seq = 1, data = "evil", options = "\34\10abcdefgh" }
client:spawn(function()
  client:sleep "1s"
  local conn = assert(client:connect(server, 80, { data = "first" }))
  conn:recv_all(); conn:close(); client:sleep "1s"
  link:drop { from = client, flags = "=SYN", nth = 1 }
  conn = assert(client:connect(server, 80, { data = "second" }))
  conn:recv_all(); conn:close()
end)
sim:run "10s"
assert(got[1] == "first" and got[2] == "second" and not got[3])
local syns = sim.trace:packets { from = client, flags = "=SYN", after = "1.5s" }
assert(syns[1].len == 6 and syns[2].len == 0)
