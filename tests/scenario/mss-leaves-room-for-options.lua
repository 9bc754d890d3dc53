-- P10: options that go with every segment are subtracted from the MSS (RFC 6691, RFC 2525 2.18).
local dw = require "drywire"
dw.covers("MUST-16", "SHLD-28")
local function longest(defect)
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = { timestamps = true, defect = defect } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(5000)); conn:close()
  end)
  sim:run "1s"
  return sim.trace:packets { from = client, has_data = true }[1]
end
assert(longest("").len == 1448)
local bad = longest "2525.18"
assert(bad.len == 1460 and bad.lost)     -- 1512 octets do not fit the link
