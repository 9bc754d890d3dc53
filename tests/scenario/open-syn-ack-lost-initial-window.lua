-- Where the SYN,ACK had to be sent again, the initial window is one segment (RFC 5681 3.1); Linux is patient once.
local dw = require "drywire"

-- How many segments the server's first flight has when so many of its SYN,ACKs are lost, and how often the SYN,ACK went
-- again: in answer to the client's SYN or, where the client's repeats are lost too, by the server's own timer alone.
local function first_flight(profile, lost, by_timer, tcp)
  local sim, client, server, link = dw.pair { delay = "50ms", profile = profile, tcp = tcp }
  local nth = {}
  for i = 1, lost do nth[i] = i end
  if lost > 0 then link:drop { from = server, flags = "=SYN,ACK", nth = nth } end
  if by_timer then link:drop { from = client, flags = "=SYN", nth = { 2, 3, 4, 5, 6 } } end
  server:serve(80, function(conn) conn:send(("y"):rep(60000)); conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:shutdown()
    conn:recv_all()
    conn:close()
  end)
  sim:run()
  local data = sim.trace:packets { from = server, has_data = true }
  local n = 0
  while data[n + 1] and data[n + 1].time == data[1].time do n = n + 1 end
  return n, sim.trace:count { from = server, flags = "SYN,ACK" } - 1
end

local window, patience = { rfc9293 = 3, linux = 10, freebsd = 10 }, { rfc9293 = 1, linux = 2, freebsd = 1 }
for _, profile in ipairs { "rfc9293", "linux", "freebsd" } do
  for lost = 0, 2 do
    for _, by_timer in ipairs { false, true } do
      local n, again = first_flight(profile, lost, by_timer)
      assert(again >= lost)
      local expected = again < patience[profile] and window[profile] or 1
      assert(n == expected, ("%s, SYN,ACK sent again %d times: %d segments"):format(profile, again, n))
    end
  end
end

-- The patience is a switch of its own.
assert(first_flight("linux", 1, false, { initial_window_lost = 1 }) == 1)
assert(first_flight("rfc9293", 1, false, { initial_window_lost = 0 }) == 3)
