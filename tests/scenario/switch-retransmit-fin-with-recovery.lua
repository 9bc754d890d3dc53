-- With retransmit_fin = false a lost FIN is not sent again, whichever way losses are found; what was lost before it is, and the run goes on.
local dw = require "drywire"
for _, recovery in ipairs { "newreno", "sack", "rack" } do
  local sim, client, server, link = dw.pair {
    delay = "20ms", tcp = { retransmit_fin = false, nagle = false, sack = true, recovery = recovery, tail_loss_probe = true },
  }
  local got
  server:serve(80, function(conn) got = conn:recv(5000); server:sleep "1h"; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect("server", 80))
    link:down()
    conn:send(("x"):rep(3000))
    client:sleep "10ms"                   -- so that the FIN goes alone
    conn:close()
  end)
  sim:after("5s", function() link:up() end)
  sim:run "10min"
  dw.expect(sim):packets({ from = client, flags = "FIN" }, 1)
  assert(got)
  sim:close()
end
