-- K7: the network dies under a hundred connections in every state: timers end them all, and none is left.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", seed = 3, tcp = { finwait2_timeout = "60s", keepalive = true, keepalive_idle = "5min" } }
server:serve(80, function(conn) conn:recv(); conn:send "x"; conn:close() end, { backlog = 200 })
for i = 1, 100 do
  client:spawn(function()
    client:sleep(i * 0.003)
    local conn = client:connect(server, 80)
    if not conn then return end
    if i % 3 == 0 then conn:send "hello" end
    if i % 2 == 0 then conn:close() else conn:recv() end
  end)
end
sim:at("180ms", function() link:down() end)
sim:run "59min"
for _, host in ipairs { client, server } do
  for i = 1, 100 do
    local conn = host:conn(i)
    if conn then assert(conn:state() == "CLOSED" or conn:state() == "LISTEN", conn:state()) end
  end
end
