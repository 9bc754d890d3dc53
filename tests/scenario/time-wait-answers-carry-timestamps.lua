-- Once timestamps are agreed on, every answer of TIME-WAIT carries them (RFC 7323 3.2), and the lost final ACK is repaired.
local dw = require "drywire"

-- What comes in TIME-WAIT, made from the client's last numbers: a FIN again, old data, data outside the window.
local probes = {
  { name = "old data", flags = "PSH,ACK", seq = -3, data = "old" },
  { name = "the FIN again", flags = "FIN,ACK", seq = -1 },
  { name = "a segment outside the window", flags = "ACK", seq = 9000000, data = "far" },
}

for _, profile in ipairs { "rfc9293", "linux", "freebsd" } do
  local sim, client, server, link = dw.pair { delay = "20ms", profile = profile, tcp = { timestamps = true } }
  link:drop { from = client, flags = "=ACK", after = "1.09s", nth = 1 } -- the final ACK
  link:drop { from = server, flags = "RST" } -- what a closed server says to the answers would end TIME-WAIT (RFC 1337)
  server:serve(80, function(conn) conn:send "data"; conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80, { local_port = 5000 }))
    conn:recv()
    client:sleep "1s"
    conn:close()
  end)
  sim:run "30s"
  dw.expect(client):reaches "TIME-WAIT"
  dw.expect(server):states "LISTEN -> SYN-RECEIVED -> ESTABLISHED -> CLOSE-WAIT -> LAST-ACK -> CLOSED"
  local last = sim.trace:packets { from = client }
  last = last[#last]
  for i, probe in ipairs(probes) do
    sim:at(sim:now() + i, function()
      link:inject { from = server, to = client, port = 80, to_port = 5000, flags = probe.flags,
        seq = (last.ack + probe.seq) % 2 ^ 32 // 1 | 0, ack = (last.seq + #(last.data or "")) % 2 ^ 32 // 1 | 0,
        data = probe.data, options = dw.tcp_option { tsval = 40000 + i, tsecr = 0 } }
    end)
    sim:run(i + 1)
    for _, p in ipairs(sim.trace:packets { from = client, after = "2s" }) do
      assert(dw.tcp_options(p.options).tsval, ("%s: the answer to %s has no timestamp"):format(profile, probe.name))
    end
  end
  assert(sim.trace:count { from = client, after = "10s" } > 0, profile .. ": TIME-WAIT answered nothing")
end
