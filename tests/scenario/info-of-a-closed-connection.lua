-- conn:info() tells all of a connection as long as the TCP has it: after the script's close(), in TIME-WAIT, and before it is accepted.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 1000, 5000 } }
local listener = server:listen(80)
local conn, peer
client:spawn(function()
  conn = assert(client:connect(server, 80))
  conn:send "hello"
  client:sleep "1s"
  conn:close()
end)
server:spawn(function()
  server:sleep "500ms"
  peer = server:conn()                        -- a handle: nobody has accepted it yet
  assert(peer:info().rcv_nxt == 1006, "the data that waits is not counted")
  local accepted = assert(listener:accept())
  accepted:recv_all()
  server:sleep "1s"
  accepted:close()
end)
local states = { { "1.05s", "FIN-WAIT-1", 1007 }, { "1.5s", "FIN-WAIT-2", 1007 }, { "10s", "TIME-WAIT", 1007 } }
for _, expected in ipairs(states) do
  sim:at(expected[1], function()
    local info = conn:info()
    assert(info.state == expected[2], expected[1] .. ": " .. info.state)
    assert(info.snd_nxt == expected[3], expected[1] .. ": snd_nxt is " .. tostring(info.snd_nxt))
    -- TIME-WAIT is a small record: it tells what it has kept, and makes up nothing.
    assert(info.cwnd > 0 and info.srtt_ns > 0 and info.snd_mss == 1460 and info.rcv_mss == 1460 and info.snd_wnd > 0)
    assert((info.receive_buffer == nil) == (info.state == "TIME-WAIT"))
  end)
end
sim:run()
assert(conn:info().state == "CLOSED" and conn:info().snd_nxt == nil)
