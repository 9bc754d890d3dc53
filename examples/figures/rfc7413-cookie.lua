-- RFC 7413 figure 1: asking for a Fast Open cookie
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { fast_open = true } }
server:serve(80, function(conn) assert(conn:recv_all() == "hello"); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { fast_open = true }))
  conn:send "hello"; conn:close()
end)
sim:run "1s"
local packets = sim.trace:packets {}
local function cookie(p) return dw.tcp_options(p.options).cookie end
assert(cookie(packets[1]) == "" and #cookie(packets[2]) == 8)
print(("  SYN      asks for a cookie\n  SYN,ACK  gives one: %s\n"):format(cookie(packets[2]):gsub(".", function(c) return ("%02x"):format(c:byte()) end)))
