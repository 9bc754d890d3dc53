-- What the switches of the first window do: window_whole_segments, window_scale_always, scale_buffer, scale_fits_fixed_buffer, receive_buffer_limit, time_wait_challenge, simultaneous_offers, shutdown_waits_for_syn, reset_has_window.
local dw = require "drywire"
local function syn(expected, tcp, settings)
  local sim, client, server = dw.pair { delay = "20ms", tcp = tcp }
  server:listen(80)
  client:spawn(function() client:connect(server, 80, settings) end)
  sim:run "1s"
  dw.expect(sim):packets("S 0:0(0) win " .. expected, 1)
end
syn("20000 <mss 1460>", { receive_buffer = 20000 })
syn("18980 <mss 1460>", { receive_buffer = 20000, window_whole_segments = true })              -- 13 of 1460
syn("20000 <mss 1460,nop,wscale 0>", { receive_buffer = 20000, window_scale_always = true })
syn("20000 <mss 1460,nop,wscale 4>", { receive_buffer = 20000, scale_buffer = 1000000 })
syn("20000 <mss 1460,nop,wscale 4>", { scale_buffer = 1000000 }, { receive_buffer = 20000 })
syn("20000 <mss 1460>", { scale_buffer = 1000000, scale_fits_fixed_buffer = true }, { receive_buffer = 20000 })
syn("10000 <mss 1460>", { receive_buffer_limit = 10000 }, { receive_buffer = 20000 })
syn("5000 <mss 1460>", {}, { window_clamp = 5000 })

-- A simultaneous open, in which only one end offers SACK: simultaneous_offers repeats it all the same.
local function both(tcp)
  tcp.sack = true
  local sim = dw.sim {}
  local a, b = sim:host("a", { tcp = tcp }), sim:host "b"
  sim:link(a, b, { delay = "20ms" })
  for _, pair in ipairs { { a, b }, { b, a } } do
    pair[1]:spawn(function()
      local conn = assert(pair[1]:connect(pair[2], 7000, { local_port = 7000 }))
      conn:recv_all(); conn:close()
    end)
  end
  local early
  a:on_state("SYN-RECEIVED", function()
    sim:after("1ms", function() a:conn(1):shutdown(); early = a:conn(1):state() end)
  end)
  sim:run()
  return sim, early
end
local sim, state = both {}
dw.expect(sim):packets("S. 0:0(0) ack 1 <mss 1460>", 2)
assert(state == "FIN-WAIT-1")
sim, state = both { simultaneous_offers = true, shutdown_waits_for_syn = true }
dw.expect(sim):packets("S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>", 1)
assert(state == "SYN-RECEIVED", state)

-- A RST in TIME-WAIT's window, not exact: a challenge ACK, or none.
local function reset_in_time_wait(tcp)
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = tcp }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() local conn = assert(client:connect(server, 80, { local_port = 5000 })); conn:shutdown(); conn:recv_all(); conn:close() end)
  sim:at("1s", function() link:inject { "80 > 5000 R 100:100(0)", from = server, to = client } end)
  sim:run "10s"
  local late = 0
  for _, p in ipairs(sim.trace:packets { from = client }) do late = late + (p.time > 1 and 1 or 0) end
  return late
end
assert(reset_in_time_wait {} == 1 and reset_in_time_wait { time_wait_challenge = false } == 0)

-- The RST of a connection of ours: with the window, or without.
for _, on in ipairs { true, false } do
  local s, client, server = dw.pair { delay = "20ms", tcp = { reset_acknowledges = true, reset_has_window = on } }
  server:listen(80)
  client:spawn(function() assert(client:connect(server, 80)):reset() end)
  s:run "1s"
  dw.expect(s):packets("R. 1:1(0) ack 1 win " .. (on and 65535 or 0), 1)
end
