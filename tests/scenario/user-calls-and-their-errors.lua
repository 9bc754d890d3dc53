-- The calls of RFC 9293 3.10 and what each says where it cannot be: closing, closed, not connected, in use.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all(); conn:send "bye"; conn:close() end)
client:spawn(function()
  -- OPEN: the connection already exists; nobody listens; no way there.
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  local again, why = client:connect(server, 80, { local_port = 5000 })
  assert(not again and why == "already connected", why)
  again, why = client:connect(server, 81)
  assert(not again and why == "refused")
  again, why = client:connect("198.51.100.1", 80)
  assert(not again and why == "unreachable")

  -- SEND and a second CLOSE after the first: connection closing.
  conn:send "hello"
  assert(conn:shutdown())
  local sent, reason = conn:send "more"
  assert(not sent and reason == "closing", reason)
  local ok, second = conn:shutdown()
  assert(not ok and second == "closing")

  -- RECEIVE: what came first, then the end of the stream.
  assert(conn:recv_all() == "bye")
  local data, eof = conn:recv()
  assert(not data and eof == "closed")
  conn:close()
  assert(not pcall(conn.send, conn, "x"))        -- the script has given it up

  -- ABORT wakes whoever waits.
  local other = assert(client:connect(server, 80))
  client:spawn(function() client:sleep "1s"; other:reset() end)
  local nothing, what = other:recv()
  assert(not nothing and what == "not connected", what)
end)
sim:run()
-- A passive OPEN on a port that is taken says so.
assert(select(2, pcall(server.listen, server, 80)):find "in use")
