-- Four habits of Linux's sender as switches: a tail probe does not count as sent again (tail_probe_counts), duplicates tell how far the network reorders (reorder_by_duplicates), an ACK has no number beyond a window that shrank (ack_seq_in_window), and what is dropped draws an answer alone (drop_answers_alone).
local dw = require "drywire"

-- A server that has accepted; nothing it sends arrives, and what its peer says is injected from ISN
-- 99 on.  act is the server's program, at 100 ms; the server's packets come back, and its connection.
local function play(tcp, act, injected)
  local sim, client, server, link = dw.pair { delay = "10ms", isn = { 99, 299 }, tcp = tcp }
  client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
  local conn
  server:spawn(function()
    conn = server:listen(80):accept()
    link:drop { from = server }
    server:sleep "60ms"
    act(conn, server)
  end)
  for _, segment in ipairs(injected) do
    local at, ack, window = table.unpack(segment)
    link:inject { at = at, from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 100, ack = ack, window = window }
  end
  return sim, function() return conn:info() end, server
end

-- One segment is lost, and the probe that repeats it.
local function probe(counts)
  local sim, info = play({ sack = true, recovery = "rack", tail_loss_probe = true, rto_min = "1s", tail_probe_counts = counts },
    function(conn) conn:send(("x"):rep(1460)) end, {})
  sim:run "600ms"
  assert(info().resent_total == 1, info().resent_total)
  return info().resent_out
end
assert(probe(true) == 1 and probe(false) == 0)

-- A duplicate while one segment is out, and again with two out.
local function reordering(told)
  local sim, info = play({ sack = false, recovery = "rack", nagle = false, reorder_by_duplicates = told, rto_min = "5s", rto_initial = "5s" },
    function(conn, host) conn:send(("x"):rep(1460)); host:sleep "100ms"; conn:send(("x"):rep(1460)) end,
    { { "150ms", 300, 65535 }, { "250ms", 300, 65535 } })
  sim:run "300ms"
  return info().reordering, info().resent_total
end
local degree, again = reordering(true)
assert(degree == 1 and again == 1, degree .. " " .. again)
degree, again = reordering(false)
assert(degree == 3 and again == 0, degree .. " " .. again)

-- Two segments are out when the window is taken back to 500; what is not acceptable is answered.
local function number(inside)
  local sim, _, server = play({ initial_window = 4, ack_seq_in_window = inside, rto_min = "5s", rto_initial = "5s" },
    function(conn) conn:send(("x"):rep(2920)) end,
    { { "150ms", 300, 500 }, { "200ms", 99999, 500 } })
  sim:run "300ms"
  local answers = sim.trace:packets { from = server, flags = "ACK", len = 0 }
  return answers[#answers].seq
end
assert(number(true) == 300 + 500, number(true))
assert(number(false) == 300 + 2920, number(false))

-- Data waits for the rest of its segment when an ACK of what was never sent comes.
local function along(alone)
  local sim, info = play({ drop_answers_alone = alone, send_whole_buffers = true, sack = true, recovery = "rack", rto_min = "5s", rto_initial = "5s" },
    function(conn) conn:send(("x"):rep(300), { push = false }) end, { { "150ms", 99999, 65535 } })
  sim:run "200ms"
  return info().unsent
end
assert(along(true) == 300, along(true))
assert(along(false) == 0, along(false))
