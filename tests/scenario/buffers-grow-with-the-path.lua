-- Window auto-tuning: on a fast, long path the linux profile's buffers grow until the path is full; a slow reader's, a size that the user has set, and the rfc9293 profile's stay.
local dw = require "drywire"

-- 50 Mbit/s and 100 ms hold 625,000 octets.
local function transfer(options)
  local sim, client, server, link = dw.pair { delay = "50ms", rate = "50Mbps", seed = 3, profile = options.profile or "linux", tcp = options.tcp }
  if options.lost then link:set { to_server = { loss = options.lost } } end
  local size, got, done, receiver, sender = options.size or 6000000, 0, nil, nil, nil
  server:serve(80, function(conn)
    if options.receive then conn:set { receive_buffer = options.receive } end
    local data = conn:recv(options.slow)
    while data and #data > 0 do
      got = got + #data
      if options.slow then server:sleep "100ms" end
      data = conn:recv(options.slow)
    end
    done, receiver = sim:now(), conn:info()
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80, options.send and { send_buffer = options.send }))
    conn:send(("x"):rep(size)); conn:drain()
    sender = conn:info()
    conn:close()
  end)
  sim:run()
  assert(got == size, got)
  return { rate = size * 8 / done / 1e6, receive = receiver.receive_buffer, send = sender.send_buffer, sim = sim, server = server }
end

local r = transfer {}
assert(r.receive > 1250000 and r.receive <= 16777216, r.receive)   -- twice of what a round trip brings
assert(r.send > 262144 and r.send <= 4194304, r.send)
r = transfer { tcp = { send_buffer_most = "400kB", receive_buffer_most = "500kB" } }   -- as far as allowed
assert(r.send == 400000 and r.receive == 500000, r.send)
r = transfer {}
assert(r.rate > 25, r.rate)                                        -- with slow start in it
local grown = transfer {}.rate
assert(#r.sim.trace:series(r.server, "receive_buffer") > 3)

r = transfer { tcp = { timestamps = false } }                      -- the round trip found by windows
assert(r.receive > 1250000 and r.rate > 25, r.receive)
r = transfer { profile = "freebsd" }
assert(r.receive > 1000000 and r.rate > 20, r.receive)
r = transfer { lost = "0.01%" }
assert(r.receive > 500000, r.receive)

-- Off, or at a size of the user's own: 64 KB in each round trip and no more.
for _, options in ipairs { { tcp = { receive_autotune = false } }, { receive = "65535B" }, { profile = "rfc9293" } } do
  options.size = 1000000
  r = transfer(options)
  assert((r.receive == 65535 or r.receive == 65536) and r.rate < grown / 3, r.rate)
end
-- Linux asks for room when it begins a buffer of the queue, and that may be as large again.
r = transfer { size = 1000000, send = "50000B" }
assert(r.send == 50000 and r.rate < 10, r.rate)
r = transfer { size = 1000000, tcp = { send_autotune = false, send_buffer = "50000B" } }
assert(r.send == 50000 and r.rate < 10, r.rate)

-- Who reads slowly, 5,000 octets in a round trip, gets no larger buffer than it needs, whatever the sender would like.
r = transfer { size = 300000, slow = 5000 }
assert(r.receive == 65536, r.receive)
-- Without window scaling the window cannot grow, though Linux's buffer does (tcp_rcvbuf_grow knows no scale).
r = transfer { size = 1000000, tcp = { window_scale = false } }
assert(r.receive > 65536 and r.rate < 65535 * 8 / 0.1 / 1e6, r.rate)
r = transfer { size = 1000000, profile = "freebsd", tcp = { window_scale = false } }
assert(r.receive == 65700, r.receive)   -- whole segments
