-- RFC 4987: a SYN flood, and what a SYN cache and SYN cookies do about it
local dw = require "drywire"

local function flood(rule, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, tcp = { syn_full = rule } }
  for i = 1, 6 do        -- from addresses that will never answer
    link:inject { at = ("%dms"):format(i), from = client, src = "192.0.2." .. i, port = 6000, to = server, to_port = 80,
                  flags = "SYN", seq = i }
  end
  local listener = server:serve(80, function(conn) conn:recv_all(); conn:close() end, { backlog = 4 })
  local answer = "shut out"
  client:spawn(function()
    client:sleep "100ms"
    local conn = client:connect(server, 80, { timeout = "800ms" })
    if not conn then return end
    answer = "connected"
    conn:close()
  end)
  local gauge = {}
  for i = 0, 6 do
    sim:at(("%dms"):format(20 + i), function() gauge[#gauge + 1] = listener:info().half_open end)
  end
  sim:run "2s"
  print(("  %-30s half open, ms by ms: %s; the honest client: %s"):format(name, table.concat(gauge, " "), answer))
  return answer, server
end

local answer, server = flood("drop", "Section 2: no defence")
assert(answer == "shut out")
dw.expect(server):cause "backlog-full"
answer, server = flood("cache", "Section 3.4: a SYN cache")
assert(answer == "connected")
dw.expect(server):cause "syn-cache-evicted"
answer, server = flood("cookies", "Section 3.6: SYN cookies")
assert(answer == "connected")
dw.expect(server):cause("syn-cookie-valid", 1)
print ""
