-- R3: a challenge ACK carries our own SND.NXT and RCV.NXT; built from the received numbers it never ends.
local dw = require "drywire"
local function run(defect)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "note", limit = "1min",
                                              tcp = { defect = defect, challenge_limit = 0 } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 50, ack = 70300 }
  sim:run "20s"
  return sim
end
local good, bad = run "", run "echo-challenge"
dw.expect(good):packets({ after = "1s" }, 2)      -- the forgery and one answer
dw.expect(bad):cause "ack-storm"
