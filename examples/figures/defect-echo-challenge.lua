-- Why a challenge ACK has our own numbers: built from the received ones it never ends
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 50, ack = 70300 }
  sim:run(defect == "" and "10s" or "5.5s")
  return sim
end
assert(run("", "As it should be").trace:count { after = "1s" } == 2)
local storm = run("echo-challenge", "With the defect echo-challenge")
dw.expect(storm):cause "ack-storm"
