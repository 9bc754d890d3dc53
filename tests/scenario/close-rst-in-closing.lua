-- C31: a RST in CLOSING that is in the window but not exact draws a challenge ACK, and the exact one closes.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) server:sleep "940ms"; conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  client:sleep "960ms"; conn:close()
end)
link:drop { from = server, flags = "=ACK" }       -- CLOSING lasts
client:on_state("CLOSING", function()
  for i, seq in ipairs { 305, 301 } do
    sim:after(i * 0.01, function()
      link:inject { from = server, port = 80, to = client, to_port = 5000, flags = "RST", seq = seq }
    end)
  end
end)
sim:run "1.9s"
dw.expect(client):cause("rst-not-exact", 1)
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING CLOSED"
