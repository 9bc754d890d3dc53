-- What stands behind the end of the option list means nothing, and we pad with zeros (MUST-4, MUST-69).
local dw = require "drywire"
dw.covers("MUST-4", "MUST-69")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { user_timeout_option = true, user_timeout = "5min" } }
server:serve(80, function(conn) conn:recv() end)
link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 99, options = "\0\2\4\1" }
client:spawn(function() client:sleep "1s"; assert(client:connect(server, 80)) end)
sim:run "2s"
dw.expect(server):never { flags = "RST" }
for _, p in ipairs(sim.trace:packets { flags = "SYN", when = function(p) return p.cause ~= "fault-inject" end }) do
  local at, bytes = 1, p.options
  while at <= #bytes do        -- nothing but zeros may follow an end of list
    local kind, len = bytes:byte(at, at + 1)
    if kind == 0 then assert(not bytes:sub(at):find "[^%z]"); break end
    at = at + (kind == 1 and 1 or len)
  end
end
