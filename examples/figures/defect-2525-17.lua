-- RFC 2525 2.17: closing with unread data says FIN
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  local why, data
  server:serve(80, function(conn) conn:send "please read this"; data, why = conn:recv() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    client:sleep "1s"; conn:close()
  end)
  sim:run "2s"
  return why
end
assert(run("", "As it should be") == "reset")
assert(run("2525.17", "With the defect 2525.17") == "closed")               -- as if all had been read
