-- A D-SACK tells of the segment that came last: where data without room for it answers that, it is left out, or waits for the next segment (RFC 2883 4).
local dw = require "drywire"
local function blocks(waits)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 1000, 5000 }, checks = "note", tcp = { sack = true, dsack_waits = waits } }
  server:serve(80, function(conn)
    conn:recv()
    conn:send(("x"):rep(1460 * 12 + 100))
    conn:recv_all(); conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80, { local_port = 5000 }))
    conn:send "twice"
  end)
  -- The data again, more behind it, and an ACK that lets full segments go: they are the answer.
  link:inject { at = "45ms", from = client, to = server, port = 5000, to_port = 80, flags = "PSH,ACK", seq = 1001, ack = 9381, data = "twice, and more" }
  sim:run "500ms"
  local found = {}
  for _, p in ipairs(sim.trace:packets { from = server, flags = "ACK" }) do
    local sack = dw.tcp_options(p.options).sack
    if sack then
      found[#found + 1] = p
      assert(sack[1][1] == 1001 and sack[1][2] == 1006)
    end
  end
  local answers = sim.trace:packets { from = server, after = "64ms", before = "66ms" }
  assert(#answers >= 2 and answers[1].len == 1460, "the answer was to be full")
  return found
end
assert(#blocks(false) == 0)
local late = blocks(true)
assert(#late == 1 and late[1].len < 1460 and late[1].time > 0.066)
