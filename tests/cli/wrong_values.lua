-- Every option of every call with values of the wrong kind: the error is at the script's line, names the option, and
-- holds no address.  Every method of every object called with a dot: the error says colon.  Words that no option
-- knows: the error lists those that it does.
local dw = require "drywire"
local wrong = { {}, { 1, 2 }, { a = {} }, function() end, coroutine.create(function() end), dw.sim(), true, false, -1, 1.5, 1 << 62, 0 / 0,
  math.huge, "", "bogus", "\0", "5 apples", io.stdout }
local tried, found = 0, {}
local words = { flags = "flag", labels = "letter" } -- what errors call them

local function complain(where, why) found[#found + 1] = where .. ": " .. why:gsub("\n.*", "") end

local function try(call, options, what, name)
  local ok, why = pcall(call, options)
  tried = tried + 1
  if ok then return end
  why = tostring(why)
  local first = why:gsub("\n.*", "")
  if why:find "0x%x%x%x%x" then complain(what .. "." .. name, why)
  elseif not first:find "^wrong_values.lua:%d+: " then complain(what .. "." .. name .. " has no line", why)
  elseif first:find "bad argument" then complain(what .. "." .. name .. " as a bad argument", why)
  elseif first:find "expected 0 packets" or first:find "cannot write" then return -- it was understood
  elseif name ~= "" and not first:find(name, 1, true) and not first:find(words[name] or name, 1, true) then complain(what .. "." .. name .. " is not named", why) end
end

local function sweep(what, call)
  try(call, nil, what, "")
  for _, value in ipairs(wrong) do if type(value) ~= "table" and type(value) ~= "string" then try(call, value, what, "") end end
  local ok, why = pcall(call, { zqxzq = 1 })
  local list = not ok and tostring(why):match "expected one of: ([^\n]*)"
  if not list then complain(what .. " does not list its options", tostring(why)) return end
  for name in list:gmatch "[%w_*]+" do
    name = name:gsub("%*$", "server")
    for _, value in ipairs(wrong) do try(call, { [name] = value }, what, name) end
  end
end

local function fresh() return dw.pair { delay = "20ms", checks = "off" } end
local number = 0
local function host() number = number + 1 return "h" .. number end
sweep("sim", dw.sim)
sweep("pair", dw.pair)
do
  local sim, client, server, link = fresh()
  sweep("sim:host", function(o) return sim:host(host(), o) end)
  sweep("sim:link", function(o) return sim:link(sim:host(host()), sim:host(host()), o) end)
  sweep("link:set", function(o) return link:set(o) end)
  for _, rule in ipairs { "drop", "delay", "duplicate", "reorder", "corrupt", "rewrite", "hold", "inject" } do
    local there, from, to, fault = fresh()
    local needs = { delay = { by = "1ms" }, rewrite = { set = { window = 0 } }, inject = { from = from, to = to, port = 1, to_port = 2, seq = 0, ack = 0 } }
    sweep("link:" .. rule, function(o)
      for name, value in pairs(type(o) == "table" and needs[rule] or {}) do
        if o[name] == nil then o[name] = value end
      end
      return fault[rule](fault, o)
    end)
    there:close()
  end
  sweep("count", function(o) return sim.trace:count(o) end)
  sweep("packets", function(o) return sim.trace:packets(o) end)
  for _, view in ipairs { "ladder", "svg", "html", "pcap" } do
    if pcall(function() return sim.trace[view] end) and view ~= "pcap" then sweep("trace:" .. view, function(o) return sim.trace[view](sim.trace, o) end) end
  end
  sweep("listen", function(o) number = number + 1 return server:listen(number, o) end)
  sweep("serve", function(o) number = number + 1 return server:serve(number, print, o) end)
  sim:close()
end
-- Calls that wait.
local function inside(what, call)
  local sim, client, server = fresh()
  server:serve(80, function(conn) while conn:recv() do end end)
  client:spawn(function()
    sweep(what, function(o)
      if type(o) == "table" and what == "recv" then o.timeout = o.timeout == nil and "1ms" or o.timeout end
      return call(client, server, o)
    end)
  end)
  sim:run "10min"
  sim:close()
end
inside("connect", function(client, server, o) local c = client:connect(server, 80, o) if c then c:reset() end end)
for _, what in ipairs { "send", "set", "close" } do
  inside(what, function(client, server, o)
    local c = assert(client:connect(server, 80))
    local ok, why = pcall(function() if what == "send" then return c:send("x", o) end return c[what](c, o) end)
    pcall(c.reset, c)
    if not ok then error(why, 0) end
  end)
end
do
  local sim, client, server = fresh()
  server:serve(80, function(conn) conn:recv_all() conn:close() end)
  client:spawn(function() client:connect(server, 80):close() end)
  sim:run()
  local e = dw.expect(client)
  sweep("reaches", function(o) return e:reaches("CLOSED", o) end)
  sweep("stays", function(o) return e:stays("TIME-WAIT", o) end)
  sweep("packets", function(o) return dw.expect(sim):packets(o, 0) end)
  sweep("never", function(o) return dw.expect(sim):never(o) end)
end
for _, protocol in ipairs { "tcp" } do
  for _, option in ipairs(dw.options(protocol)) do
    for _, value in ipairs(wrong) do
      try(function(o) local s = dw.sim() s:host("a", { tcp = o }) s:close() end, { [option.name] = value }, protocol, option.name)
    end
  end
end

-- A dot for the colon.
local api = require "api"
do
  local sim, client, server, link = fresh()
  local conn
  local listener = server:listen(80)
  client:spawn(function() conn = client:connect(server, 80) end)
  sim:run "1s"
  local objects = { ["drywire.Sim"] = sim, ["drywire.Host"] = client, ["drywire.Link"] = link, ["drywire.Connection"] = conn,
    ["drywire.Listener"] = listener, ["drywire.Trace"] = sim.trace, ["drywire.Random"] = sim:random "x", ["drywire.Rule"] = link:drop {},
    ["drywire.Expectation"] = dw.expect(sim) }
  local methods = 0
  for _, type in ipairs(api.types) do
    local object = objects[type.name]
    for _, method in ipairs(object and type.methods or {}) do
      local name = method[1]
      for _, given in ipairs { 80, "server", {}, print, link ~= object and link or sim } do
        local ok, why = pcall(function() return object[name](given, print) end)
        methods = methods + 1
        local first = tostring(why):gsub("\n.*", "")
        if ok or not first:find "call methods with a colon" or not first:find "^wrong_values.lua:" then
          complain(type.name .. "." .. name, tostring(why))
        end
      end
    end
  end
  assert(methods > 300, methods)
end

-- Unknown words.
local function lists(what, call)
  local ok, why = pcall(call)
  local first = tostring(why):gsub("\n.*", "")
  if ok or not (first:find "expected" or first:find "there are" or first:find " or ") then complain(what .. " does not list what it knows", tostring(why)) end
end
for _, option in ipairs(dw.options "tcp") do
  local ok, why = pcall(function() dw.sim():host("a", { tcp = { [option.name] = "bogus" } }) end)
  if not ok and tostring(why):find "unknown value" then lists("tcp." .. option.name, function() error(why, 0) end) end
end
local sim, client, server, link = fresh()
lists("ladder.numbers", function() sim.trace:ladder { numbers = "uvw" } end)
lists("ladder.style", function() sim.trace:ladder { style = "uvw" } end)
lists("svg.numbers", function() sim.trace:svg { numbers = "uvw" } end)
lists("series", function() sim.trace:series(1, "uvw") end)
lists("flags", function() link:drop { flags = "uvw" } end)
lists("strip", function() link:rewrite { set = { strip = "uvw" } } end)
lists("checksum", function() link:rewrite { set = { window = 1 }, checksum = "uvw" } end)
lists("sim.trace", function() dw.sim { trace = "uvw" } end)
lists("sim.checks", function() dw.sim { checks = "uvw" } end)
lists("sim.profile", function() dw.sim { profile = "uvw" } end)
lists("options", function() dw.options "uvw" end)
lists("options, profile", function() dw.options("tcp", "uvw") end)
lists("base", function() dw.congestion_control { name = "x", base = "uvw" } end)
lists("drill.profile", function() dw.drill("x.pkt", { profile = "uvw" }) end)
lists("drill.ip_version", function() dw.drill("x.pkt", { ip_version = "uvw" }) end)
lists("state", function() client:on_state("uvw", print) end)
lists("intercept", function()
  link:intercept(function() return "uvw" end)
  client:spawn(function() client:connect(server, 1) end)
  sim:run()
end)

table.sort(found)
for _, text in ipairs(found) do print(text) end
print(tried .. " tried, " .. #found .. " found")
