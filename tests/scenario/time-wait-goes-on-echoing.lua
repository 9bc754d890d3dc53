-- What TIME-WAIT answers goes on telling of a congestion mark until the peer has said CWR (RFC 3168 6.1.3); Linux and FreeBSD forget it.
local dw = require "drywire"
local function answers(tcp, held)
  tcp.ecn = "ask"
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = tcp }
  link:rewrite { from = server, has_data = true, set = { tos = 3 } }         -- a router's mark on the last data
  client:on_state("TIME-WAIT", function() link:drop { from = client, count = 1 } end)
  server:serve(80, function(conn) conn:recv_all(); server:sleep "1s"; conn:send "data"; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:shutdown(); conn:recv_all()
    if held then client:sleep "100s" end
    conn:close()
  end)
  sim:run "50s"
  local last = sim.trace:packets { from = client, flags = "ACK", after = "1.1s" }
  assert(#last >= 1 and server:conn():state() == "CLOSED")
  return last[#last]:has "ECE"
end
for _, held in ipairs { false, true } do
  assert(answers({}, held), "the mark is forgotten")
  assert(not answers({ time_wait_echo = false }, held))
end
for _, profile in ipairs { "linux", "freebsd" } do assert(not answers { profile = profile }) end
