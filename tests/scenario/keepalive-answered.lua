-- K3: a probe (SEQ = RCV.NXT - 1, no data, or one garbage octet) is answered, and the connection lives on.
local dw = require "drywire"
dw.covers("MAY-6", "MUST-26")
for _, octet in ipairs { false, true } do
  local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 }, limit = "10h", tcp = { keepalive_octet = octet } }
  server:serve(80, function(conn) assert(conn:recv_all() == "still here"); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80, { keepalive = true, keepalive_idle = "1min" }))
    client:sleep "1h"
    conn:send "still here"; conn:close()
  end)
  sim:run()
  local probes = sim.trace:packets { from = client, after = "1s", before = "59min" }
  assert(#probes > 50)
  for _, p in ipairs(probes) do assert(p.seq == 99 and p.len == (octet and 1 or 0)) end
  assert(sim.trace:count { from = server, flags = "=ACK", after = "1s", before = "59min" } == #probes)
end
