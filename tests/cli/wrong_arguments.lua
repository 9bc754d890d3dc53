-- Every call of the API with nothing, and with values of each kind in each place, on a simulation that is there and on one
-- that is closed: an error is at the script's line, names the call or whose it is, and holds no address and nothing of C or Lua.
local dw = require "drywire"
local api = require "api"
local values = { "nothing", -1, 0, 1.5, 1e300, 0 / 0, math.huge, math.mininteger, "zqxzq", "", "-1s", {}, { zqxzq = 1 }, { [3] = 1 },
  true, function() end, io.stdout }
-- What the arguments before the one that is wrong are.
local right = { time = "1s", fn = function() end, name = "n1", host = "client", a = "client", b = "server", port = 99, every = "1s",
  to = "2s", state = "ESTABLISHED", opts = {}, match = {}, data = "x", who = "client", path = "f.x", list = "CLOSED", what = {}, count = 1,
  packet = 1, max = 10, low = 1, p = 0.5, series = { { 1, 2 } }, x = 1, protocol = "tcp", match_or_fn = {}, figure = "x",
  space = { a = { 1 } }, from = 1, n = 2, file = "f.csv", old = "f.jsonl" }
-- What an error says instead of the call: whose options they are, or what no argument is to blame for.
local others = { 'unknown option "zqxzq" for ', "the options of ", "its simulation is closed", "expect: there is no state",
  "nothing left to simulate", "expected 0 packets" }
local tried, found = 0, {}

local function world()
  local sim, client, server = dw.pair { checks = "off" }
  server:serve(80, function(conn) conn:recv_all() conn:close() end)
  local w = { dw = dw, sim = sim, host = client, listener = server:listen(81), random = sim:random "r" }
  w.link = sim:link(client, sim:host "x")
  w.rule = w.link:drop { nth = 99 }
  client:spawn(function()
    w.conn = assert(client:connect(server, 80))
    w.conn:send "hello"
    client:sleep "1h"
  end)
  sim:run "1s"
  w.trace = sim.trace
  w.result = dw.sweep({ a = { 1 } }, function() return 1 end)
  w["dw.expect(x)"], w["dw.expect(value)"] = dw.expect(w.conn), dw.expect "x"
  return w
end

local function judge(call, name, ok, why)
  tried = tried + 1
  if ok then return end
  why = tostring(why):gsub("\n.*", "")
  local bare = why:find "bad argument" or why:find "attempt to" or why:find "0x%x%x%x%x"
  local said = why:find(name, 1, true)
  for _, words in ipairs(others) do said = said or why:find(words, 1, true) end
  if bare or not said or not why:find "^wrong_arguments.lua:%d+: " then found[#found + 1] = call .. ": " .. why end
end

-- call(object, ...) with each value in each place.
local function each(w, var, method)
  local name, places = method[1], {}
  for place in (method[2] or ""):gmatch "([%w_]+)%??: " do places[#places + 1] = place end
  local f, object = w[var][name], w[var]
  local call = var .. ":" .. name
  for i = 1, math.max(1, #places) do
    for _, value in ipairs(values) do
      local arguments, n = {}, i
      for k = 1, i - 1 do arguments[k] = right[places[k]] end
      if value == "nothing" then n = i - 1 else arguments[i] = value end
      if var == "dw" then judge(call, name, pcall(f, table.unpack(arguments, 1, n)))
      else judge(call, name, pcall(f, object, table.unpack(arguments, 1, n))) end
    end
  end
end

local skipped = { close = true, crash = true, test = true, rawpairs = true, param = true, load = true, golden = true }
for _, kind in ipairs(api.types) do
  for _, method in ipairs(kind.methods) do
    if not skipped[method[1]] and kind.var then
      local w = world()
      if method[4] == "P" then
        w.host:spawn(function() each(w, kind.var, method) end)
        pcall(w.sim.run, w.sim, "1s")
      else
        each(w, kind.var, method)
      end
      w.sim:close()
      if kind.var ~= "dw" and kind.var ~= "sim" then each(w, kind.var, method) end
    end
  end
end
for _, problem in ipairs(found) do print(problem) end
print(("%d tried, %d found"):format(tried, #found))
