-- RFC 7413 figure 2: data with the SYN, delivered before the handshake is complete
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { { 99, 999 }, { 299, 1299 } }, tcp = { fast_open = true } }
local at
server:serve(80, function(conn)
  local question = conn:recv()
  if question then at = sim:now(); conn:send "answer" end
  conn:recv_all(); conn:close()
end)
client:spawn(function()
  assert(client:connect(server, 80, { fast_open = true })):close()    -- for the cookie
  client:sleep "960ms"
  local conn = assert(client:connect(server, 80, { data = "question" }))
  assert(conn:recv() == "answer"); conn:close()
end)
sim:run "2s"
assert(at < 1.025)                                                      -- one trip after the SYN left
dw.expect(sim):packets({ from = client, flags = "=SYN", has_data = true, seq = 999 }, 1)
dw.expect(sim):packets({ from = server, flags = "SYN,ACK", after = "1s" }, 1)
