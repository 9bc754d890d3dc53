-- In a simultaneous open the SYN,ACK repeats the number of the SYN: which of the two was acknowledged is not known, and it is no sample of the round trip (Karn, MUST-18).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "300ms" }
local srtt
local function open(host, peer)
  return function()
    local conn = assert(host:connect(peer, 7000, { local_port = 7000 }))
    srtt = conn:info().srtt_ns
    conn:close()
  end
end
client:spawn(open(client, "server"))
server:spawn(function() server:sleep "250ms"; open(server, "client")() end)
sim:run()
assert(srtt < 0, ("a round trip of %d ms, which is 600 ms long"):format(srtt // 1000000))
