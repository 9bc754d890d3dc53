-- Accurate ECN (ecn = "accurate", RFC 9768): the sender learns exactly how many segments the network marked, by ACE alone (ecn_option = 0) and by octets (1: on change, with ecn_option_beacon; 2: always), and which packets are marked as capable (ecn_on_control).
local dw = require "drywire"
local function run(tcp, marked)
  tcp.ecn, tcp.sack, tcp.recovery, tcp.initial_window = tcp.ecn or "accurate", true, tcp.recovery or "rack", 10
  local sim, client, server, link = dw.pair { delay = "20ms", seed = 3, rate = "20Mbps", tcp = tcp }
  link:rewrite { from = client, has_data = true, nth = marked, set = { tos = 3 } }
  local got, info, received
  server:serve(80, function(conn) got = conn:recv_all(); received = conn:info(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(1460 * 60)); conn:drain()
    info = conn:info()
    conn:close()
  end)
  sim:run()
  assert(#got == 1460 * 60)
  return info, received, sim, client, server
end
local marked = { 5, 6, 20, 33, 34, 35 }
for option = 0, 2 do
  local info, received, sim, client, server = run({ ecn_option = option }, marked)
  assert(info.delivered_ce == #marked and received.received_ce == #marked, ("%d: %d %d"):format(option, info.delivered_ce, received.received_ce))
  assert(received.received_ce_octets > 0)
  assert((info.delivered_ce_octets > 0) == (option > 0))
  assert(info.ssthresh < 1460 * 60)                        -- the window was reduced
  local with, acks = 0, sim.trace:packets { from = server, flags = "ACK" }
  for _, p in ipairs(acks) do if (p.options or ""):find "[\xac\xae][\x08\x0b]" then with = with + 1 end end
  assert(option == 0 and with == 0 or option == 1 and with > 0 and with < #acks or option == 2 and with >= #acks - 2, option .. " " .. with .. " of " .. #acks)
end
-- Without marks there is nothing to tell but the beacon.
for _, beacon in ipairs { 0, 3 } do
  local _, _, sim, _, server = run({ ecn_option = 1, ecn_option_beacon = beacon }, 10000)
  local with = 0
  for _, p in ipairs(sim.trace:packets { from = server, flags = "ACK", has_data = false }) do if (p.options or ""):find "[\xac\xae][\x08\x0b]" then with = with + 1 end end
  assert((with > 5) == (beacon == 3), with)
end
-- ACKs and what is sent again are marked as capable, too, if asked.
for _, control in ipairs { true, false } do
  local _, _, sim, client, server = run({ ecn_on_control = control }, 10000)
  local capable = 0
  for _, p in ipairs(sim.trace:packets { from = server, flags = "ACK", has_data = false }) do if p.tos % 4 == 2 then capable = capable + 1 end end
  assert((capable > 5) == control)
end
-- Classic ECN says only that something was marked, until it has been heard; either kind reduces the window.
for _, ecn in ipairs { "ask", "accurate" } do
  for _, recovery in ipairs { "newreno", "sack", "rack" } do
    local info = run({ ecn = ecn, recovery = recovery }, { 20 })
    assert(info.ssthresh < 1460 * 60, ecn .. " " .. recovery .. " " .. info.ssthresh)
    assert(info.cwnd < 1460 * 60)
  end
end
