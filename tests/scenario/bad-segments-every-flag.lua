-- Every combination of flags, right and wrong in number, meets a listener and a connection: each has a reason, nothing breaks.
local dw = require "drywire"
local names = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" }
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off", tcp = { challenge_limit = 0 } }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  client:sleep "20s"
  conn:send "still here"; conn:close()
end)
for bits = 0, 255 do
  local flags = {}
  for i, name in ipairs(names) do if bits & 1 << i - 1 ~= 0 then flags[#flags + 1] = name end end
  local text = #flags > 0 and table.concat(flags, ",") or "="
  for _, port in ipairs { 5000, 6000 } do                          -- the connection, and strangers
    for i, seq in ipairs { 7, 90 } do                              -- far away, and just before the window
      link:inject { at = ("%dms"):format(1000 + 40 * bits + i), from = client, port = port, to = server, to_port = 80,
                    flags = text, seq = seq, ack = 1, urgent = 3, data = bits % 3 == 0 and "data" or nil }
    end
  end
end
sim:run "60s"
assert(got == "still here")
local drops = sim.trace:drops(server)
assert(drops["rst-outside-window"] and drops["outside-window"] and drops["no-syn"] and drops["reset-ack-in-listen"])
