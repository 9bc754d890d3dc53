-- How many connections wait to be accepted: the backlog (accept_queue = "backlog"), one more (Linux), one more than half as many again (BSD); at most backlog_most.
local dw = require "drywire"
local function waiting(backlog, tcp)
  local sim, client, server = dw.pair { delay = "50us", tcp = tcp }
  local listener = server:listen(80, { backlog = backlog })
  for i = 1, 10 do
    client:spawn(function()
      client:sleep(i * 0.01)
      client:connect(server, 80)
      client:sleep "1min"
    end)
  end
  sim:run "5s"
  return listener:info().waiting
end
assert(waiting(4, {}) == 4)
assert(waiting(4, { accept_queue = "linux" }) == 5)
assert(waiting(4, { accept_queue = "bsd" }) == 7)
assert(waiting(4, { accept_queue = "linux", backlog_most = 2 }) == 3)

-- Without cookies, no SYN is taken when less than a quarter of syn_backlog_unproven is left.
local function half_open(tcp)
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = tcp }
  local listener = server:listen(80, { backlog = 100 })
  for i = 1, 20 do
    link:inject { at = ("%dms"):format(i), from = client, src = "192.0.2." .. i, port = 6000, to = server, to_port = 80, flags = "SYN", seq = i }
  end
  sim:run "500ms"
  return listener:info().half_open
end
assert(half_open { accept_queue = "linux", syn_full = "drop", syn_backlog_unproven = 8 } == 7)
assert(half_open { accept_queue = "linux", syn_full = "drop", syn_backlog_unproven = 0 } == 20)

-- overflow_resets: who completes the handshake when there is no room is told so.
local function third(resets)
  local sim, client, server = dw.pair { delay = "20ms", tcp = { accept_queue = "linux", syn_backlog = 10, overflow_resets = resets } }
  server:listen(80, { backlog = 1 })
  for _ = 1, 3 do client:spawn(function() client:connect(server, 80); client:sleep "1s" end) end
  sim:run "500ms"
  return sim.trace:count { from = server, flags = "RST" }
end
assert(third(false) == 0 and third(true) == 1)
