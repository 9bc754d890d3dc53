-- RFC 9293 figure 5: the state diagram, every arrow but SEND in LISTEN walked (drywire states draws it)
local dw = require "drywire"
local walked = {}

local function run(script)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
  script(sim, client, server, link)
  sim:run "5min"
  for _, host in ipairs { client, server } do
    for n = 1, 4 do
      local states = host:conn(n) and host:conn(n):states() or {}
      for i = 2, #states do walked[states[i - 1] .. " -> " .. states[i]] = true end
    end
  end
end
local function serve(host) host:serve(80, function(conn) conn:recv_all(); conn:close() end) end

run(function(_, client, server)                    -- open and close, one after the other
  serve(server)
  client:spawn(function() assert(client:connect(server, 80)):close() end)
end)
run(function(_, client, server)                    -- a connect that is given up
  client:spawn(function() client:connect(server, 80, { timeout = "10ms" }) end)
end)
run(function(_, client, server, link)              -- an old SYN, and the RST that undoes it
  serve(server)
  link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 7 }
end)
run(function(sim, client, server, link)            -- both open, one closes before it is open, both close
  link:delay { from = server, flags = "SYN,ACK", by = "300ms" }
  client:spawn(function() client:connect(server, 7, { local_port = 7, timeout = "1s" }) end)
  client:on_state("SYN-RECEIVED", function() sim:after("1ms", function() client:conn():shutdown() end) end)
  server:spawn(function() local conn = assert(server:connect(client, 7, { local_port = 7 })); conn:close() end)
end)
run(function(_, client, server)                    -- FINs that cross
  server:serve(80, function(conn) server:sleep "940ms"; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80)); client:sleep "960ms"; conn:close()
  end)
end)

local figure = {
  "CLOSED -> SYN-SENT", "SYN-SENT -> CLOSED", "LISTEN -> SYN-RECEIVED", "SYN-RECEIVED -> LISTEN",
  "SYN-SENT -> SYN-RECEIVED", "SYN-RECEIVED -> ESTABLISHED", "SYN-SENT -> ESTABLISHED", "SYN-RECEIVED -> FIN-WAIT-1",
  "ESTABLISHED -> FIN-WAIT-1", "ESTABLISHED -> CLOSE-WAIT", "FIN-WAIT-1 -> FIN-WAIT-2", "FIN-WAIT-1 -> CLOSING",
  "FIN-WAIT-2 -> TIME-WAIT", "CLOSING -> TIME-WAIT", "CLOSE-WAIT -> LAST-ACK", "LAST-ACK -> CLOSED", "TIME-WAIT -> CLOSED",
}
for _, arrow in ipairs(figure) do
  print(("  %s  %s"):format(walked[arrow] and "walked" or "      ", arrow))
  assert(walked[arrow], arrow)
end
print "\n  (CLOSED -> LISTEN and back are the calls that make and end a listener; no call sends on one,\n   which would be LISTEN -> SYN-SENT)\n"
