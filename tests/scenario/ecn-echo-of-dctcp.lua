-- DCTCP's receiver with classic ECN (RFC 8257 3.2): what its echoes acknowledge is exactly what the network marked; others echo until the sender has heard (RFC 3168 6.1.3).
local dw = require "drywire"

local function run(control, marked)
  local sim, client, server, link = dw.pair { delay = "20ms", rate = "20Mbps", isn = { 0, 0 }, tcp = { ecn = "ask", sack = true, recovery = "rack", initial_window = 10, congestion_control = control } }
  if #marked > 0 then link:rewrite { from = client, has_data = true, nth = marked, set = { tos = 3 } } end
  local got, info
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(1460 * 60)); conn:drain()
    info = conn:info()
    conn:close()
  end)
  sim:run()
  assert(#got == 1460 * 60)
  local last, echoed = 1, {}
  for _, p in ipairs(sim.trace:packets { from = server, flags = "ACK" }) do
    for octet = last, p.ack - 1, 1460 do if p.flags:find "ECE" and p.ack > 1 then echoed[#echoed + 1] = octet // 1460 + 1 end end
    last = math.max(last, p.ack)
  end
  return echoed, info, sim, server
end

for _, marked in ipairs { { 5 }, { 5, 6 }, { 4, 6, 8 }, { 20, 33, 34, 35, 47 }, {} } do
  local echoed, info, sim, server = run("dctcp", marked)
  assert(table.concat(echoed, " ") == table.concat(marked, " "), table.concat(echoed, " "))
  if #marked > 0 then dw.expect(server):cause "ack-of-mark" end
  assert((info.ssthresh < 1460 * 60) == (#marked > 0))
end
assert(#(run("reno", { 5, 6 })) > 4)                        -- a round trip of them
