-- D10: options with a length of 0, 1 or past the end do no harm: the segment is dropped and counted (MUST-7, MUST-68).
local dw = require "drywire"
dw.covers("MUST-7", "MUST-68")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
for i, bytes in ipairs { "\2\0\5\180", "\2\1\5\180", "\254\200\0\0", "\1\1\1\2", "\3" } do
  link:inject { at = i .. "s", from = client, port = 6000 + i, to = server, to_port = 80, flags = "SYN", seq = 1,
                options = bytes == "\3" and "\1\1\1\3" or bytes }
end
client:spawn(function() client:sleep "9s"; assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(server):cause("tcp-bad-option", 5)
