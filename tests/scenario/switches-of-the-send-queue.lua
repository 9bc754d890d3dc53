-- What the switches of the send queue do: send_buffer_cost counts each buffer of send_whole_buffers besides its octets, retransmit_collapse sends small segments again as one, undo_forgets leaves to the timer what an undone recovery took for lost.
local dw = require "drywire"

-- With buffers of ten segments, 14,600 octets: a cost of 6,000 each leaves no room for the second one.
for cost, octets in pairs { ["0B"] = 23 * 1460, ["6000B"] = 13 * 1460 } do
  local sim, client, server = dw.pair { delay = "20ms",
    tcp = { send_whole_buffers = true, send_buffer = 20000, receive_buffer = 30000, send_buffer_cost = cost } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() client:connect(server, 80):send(("x"):rep(100000)) end)
  sim:run "50ms"
  local unacknowledged = client:conn():info().unacknowledged
  assert(unacknowledged == octets, cost .. ": " .. unacknowledged)
end

-- Three small segments are lost.
for _, collapse in ipairs { true, false } do
  local sim, client, server, link = dw.pair { delay = "20ms",
    tcp = { send_whole_buffers = true, retransmit_collapse = collapse, nagle = false } }
  local got
  server:serve(80, function(conn) got = conn:recv_all() end)
  link:drop { from = client, has_data = true, count = 3 }
  client:spawn(function()
    local conn = client:connect(server, 80)
    for i = 1, 3 do conn:send(("x"):rep(100)) end
    conn:close()
  end)
  sim:run()
  assert(#got == 300)
  local again = 0
  for _, packet in ipairs(sim.trace:packets { from = client, has_data = true, after = "500ms" }) do again = math.max(again, packet.len) end
  assert(again == (collapse and 300 or 100), again)
end

-- The path reorders: a recovery begins, and its first partial ACK shows that it was not needed.
local again = {}
for _, forgets in ipairs { true, false } do
  local sim, client, server = dw.pair { delay = "20ms", rate = "10Mbps", reorder = "20%", seed = 3, profile = "linux",
    tcp = { undo_forgets = forgets } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(25000))
    conn:close()
  end)
  sim:run()
  again[forgets] = sim.trace:count { from = client, has_data = true, before = "300ms" }
end
assert(again[true] < again[false], again[true])
