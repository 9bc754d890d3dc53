-- Each host of dw.pair has options of its own, a listener those of the connections that it accepts.
local dw = require "drywire"
local sim, alice, bob = dw.pair {
  delay = "20ms", mss = 1000, buffer = 9000,
  client = { name = "alice", isn = 99, profile = "linux", mss = 1200 },
  server = { name = "bob", isn = 299, buffer = 2000, tcp = { delayed_ack = "0s" } },
}
bob:serve(80, function(conn)
  assert(conn:info().receive_buffer == 3000 and conn:info().keepalive_idle_s == 60)
  assert(conn:info().peer_mss == 1200)
  conn:recv_all()
  conn:close()
end, { receive_buffer = 3000, keepalive = true, keepalive_idle = "60s" })
alice:spawn(function()
  local conn = assert(alice:connect("bob", 80))
  assert(conn:info().peer_mss == 1000 and conn:info().receive_buffer == 9000)
  conn:close()
end)
sim:run()

local syn, syn_ack = table.unpack(sim.trace:packets { flags = "SYN" })
assert(syn.seq == 99 and syn.src == "alice" and syn_ack.seq == 299 and syn_ack.src == "bob")
assert(dw.tcp_options(syn.options).tsval and dw.tcp_options(syn.options).mss == 1200)        -- Linux sends time stamps
assert(not dw.tcp_options(syn_ack.options).tsval and dw.tcp_options(syn_ack.options).mss == 1000)
assert(syn_ack.window == 3000)
dw.expect(alice):stays("TIME-WAIT", { lasting = "60s" })

-- A listener that is made in the middle of an event is opened after it, with its options all the same.
local again, client, server = dw.pair { delay = "20ms" }
again:after("1s", function() server:listen(80, { mss = 500 }) end)
client:spawn(function() client:sleep "2s"; client:connect("server", 80) end)
again:run()
assert(dw.tcp_options(again.trace:packets { flags = "SYN,ACK" }[1].options).mss == 500)
