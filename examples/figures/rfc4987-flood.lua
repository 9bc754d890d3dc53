-- RFC 4987 section 2: a SYN flood fills the backlog
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { syn_full = "drop" } }
for i = 1, 6 do        -- a flood from addresses that will never answer
  link:inject { at = ("%dms"):format(i), from = client, src = "192.0.2." .. i, port = 6000, to = server, to_port = 80, flags = "SYN", seq = i }
end
local listener = server:serve(80, function(conn) conn:recv_all(); conn:close() end, { backlog = 4 })
local answer
client:spawn(function()
  client:sleep "100ms"
  local conn = client:connect(server, 80, { timeout = "800ms" })
  answer = conn and "connected" or "shut out"
  if conn then conn:close() end
end)
sim:run "2s"
print(("  half open: %d of %d; the honest client: %s\n"):format(listener:info().half_open, listener:info().backlog, answer))
assert(answer == "shut out")
dw.expect(server):cause("backlog-full")
