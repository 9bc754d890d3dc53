-- A shutdown of the reading side alone ends the reading, and says nothing to the peer; peeking leaves what it has seen.
local dw = require "drywire"

local function world(tcp, script)
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = tcp }
  server:serve(80, function(conn) script(server, conn, sim) end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "early"
    client:sleep "1s"
    conn:send "late"
    client:sleep "1s"
    conn:shutdown(); conn:recv_all(); conn:close()
  end)
  sim:run()
  dw.expect(sim):never { flags = "RST" }
  return sim, client, server
end
local closed = "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED" -- no FIN by the shutdown

-- Linux, and ours: what was received stays readable, and so does what comes later.
local sim, client, server = world({}, function(server, conn)
  server:sleep "500ms"
  assert(conn:shutdown "rd" and conn:shutdown "rd")
  assert(conn:recv(3) == "ear" and conn:recv(100) == "ly")
  local data, why = conn:recv()
  assert(not data and why == "closed")
  server:sleep "1s"
  assert(conn:recv() == "late")
  assert(conn:send "still sending")
  server:sleep "1s"
  conn:close()
end)
dw.expect(server):states(closed)

-- FreeBSD: both are acknowledged and discarded, so that closing finds nothing unread.
for _, tcp in ipairs { { read_shutdown = "discard" }, { profile = "freebsd" } } do
  local sim, client, server = world(tcp, function(server, conn)
    server:sleep "500ms"
    assert(conn:info().unread == 5)
    assert(conn:shutdown "rd")
    assert(conn:info().unread == 0)
    server:sleep "1s"
    local data, why = conn:recv()
    assert(not data and why == "closed" and conn:info().unread == 0)
    server:sleep "1s"
    conn:close()
  end)
  dw.expect(sim):packets({ from = client, has_data = true }, 2)
  dw.expect(server):states(closed)
end

-- Who waits is told at once.  Both directions at once: a FIN goes out.  What is peeked at is still there.
local sim, client, server = world({}, function(server, conn, sim)
  assert(conn:peek(2) == "ea" and conn:peek() == "early" and conn:recv(3, { peek = true }) == "ear")
  assert(conn:info().unread == 5 and conn:recv() == "early")
  server:spawn(function() server:sleep "100ms"; conn:shutdown "rdwr" end)
  local before = sim:now()
  local data, why = conn:recv()
  assert(not data and why == "closed" and sim:now() - before < 0.2)
  data, why = conn:peek(1, { timeout = "10ms" })
  assert(not data and why == "closed")
  server:sleep "3s"
  assert(conn:peek(9) == "late" and conn:recv() == "late")
  conn:close()
end)
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"

-- A timeout of peeking is one of reading; what there is no such direction of is refused.
world({}, function(server, conn)
  conn:recv()
  local data, why = conn:peek(1, { timeout = "10ms" })
  assert(not data and why == "timeout")
  for how, message in pairs { wrr = 'did you mean "wr"', read = '"rd", "wr" or "rdwr"', [1] = "got number" } do
    local ok, text = pcall(conn.shutdown, conn, how)
    assert(not ok and text:find(message, 1, true), text)
  end
  conn:recv_all()
  conn:close()
end)
