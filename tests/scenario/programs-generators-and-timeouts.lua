-- Blocking calls work inside a program's own coroutines; timeouts are values, not errors.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn)
  for i = 1, 3 do conn:send(tostring(i)); server:sleep "1s" end
  conn:close()
end)
local got = {}
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  local data, why = conn:recv(nil, { timeout = "1ms" })
  assert(data == nil and why == "timeout")
  local parts = coroutine.wrap(function()
    for data in conn:chunks() do coroutine.yield(data) end
  end)
  for part in parts do got[#got + 1] = part end
  conn:close()
end)
sim:run()
assert(table.concat(got) == "123")
