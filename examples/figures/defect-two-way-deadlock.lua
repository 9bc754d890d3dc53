-- Why three ways: with two a lost reply leaves both ends stuck
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  link:drop { from = server, flags = "SYN,ACK", nth = 1 }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  local ok
  client:spawn(function()
    local conn = client:connect(server, 80, { timeout = "1min" })
    ok = conn ~= nil
    if conn then conn:close() end
  end)
  sim:run "2min"
  return ok
end
assert(run("", "As it should be"))
assert(not run("two-way-handshake", "With the defect two-way-handshake"))                       -- every SYN that is repeated meets a connection that is open
