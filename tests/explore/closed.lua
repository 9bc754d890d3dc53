-- A handshake, five octets and a close, as small as it can be made without leaving anything out: one retransmission, one
-- timeout, hosts that give up.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "10ms", isn = { { 100, 200 }, { 300, 500 } }, tcp = {
  rto_initial = "1s", rto_min = "1s", rto_max = "1s", msl = dw.param("msl", "15ms"), syn_retries = 1, synack_retries = 1,
  data_retries = dw.param("retries", 1), finwait2_timeout = "1s", defect = dw.param("defect") } }
server:serve(80, function(conn)
  while conn:recv(nil, { timeout = "2s" }) do end
  conn:close()
end)
client:spawn(function()
  local conn = client:connect(server, 80)
  if not conn then return end
  conn:send "hello"
  conn:close()
end)
sim:run()
