-- O25: a SYN flood shuts out the honest client, unless a SYN cache or SYN cookies make room (RFC 4987).
local dw = require "drywire"
local function flood(rule)
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = { syn_full = rule } }
  for i = 1, 20 do -- from addresses that will never answer
    link:inject { at = ("%dms"):format(i), from = client, src = "192.0.2." .. i, port = 6000, to = server, to_port = 80, flags = "SYN", seq = i }
  end
  local listener = server:serve(80, function(conn) conn:recv_all(); conn:close() end, { backlog = 8 })
  local ok
  client:spawn(function()
    client:sleep "100ms"
    local conn = client:connect(server, 80, { timeout = "900ms" })
    ok = conn ~= nil
    if conn then conn:close() end
  end)
  sim:run "2s"
  return ok, sim, server
end
local ok, _, server = flood "drop"
assert(not ok)
dw.expect(server):cause "backlog-full"
ok, _, server = flood "cache"
assert(ok)
dw.expect(server):cause "syn-cache-evicted"
ok, _, server = flood "cookies"
assert(ok)
dw.expect(server):cause("syn-cookie-valid", 1)
