-- lua/api/drywire.d.lua as the Lua language server reads it: every annotation follows its grammar, every type is
-- known, no table of options is without its fields, and these are those that the module takes.
--     LUA_CPATH=... lua5.4 annotations.lua lua/api/drywire.d.lua
local dw = require "drywire"
local path = ...
local problems = {}
local function problem(...) problems[#problems + 1] = string.format(...) end

-- Types: unions of names, literals, functions, tables, lists; https://luals.github.io/wiki/annotations.
local builtin = { any = true, ["nil"] = true, boolean = true, string = true, number = true, integer = true, table = true,
                  ["function"] = true, thread = true, userdata = true, lightuserdata = true, unknown = true, self = true }
local text, at, used

local function blank() at = text:match("^%s*()", at) end
local function take(pattern)
  blank()
  local found, after = text:match("^(" .. pattern .. ")()", at)
  if found then at = after end
  return found
end
local function need(pattern, what)
  local found = take(pattern)
  if not found then error(("expected %s at \"%s\""):format(what or pattern, text:sub(at, at + 30)), 0) end
  return found
end

local union
local function fields_of_table()
  local fields = {}
  while not take "}" do
    if take "%[" then
      union()
      need("%]", "]")
    else
      local name = need("[%a_][%w_]*", "a field")
      fields[name] = true
      take "%?"
    end
    need(":", ":")
    union()
    if not take "[,;]" then
      need("}", "}")
      break
    end
  end
  return fields
end

local function parameters()
  need("%(", "(")
  while not take "%)" do
    if not take "%.%.%." then need("[%a_][%w_]*", "a parameter") end
    take "%?"
    if take ":" then union() end
    if not take "," then
      need("%)", ")")
      break
    end
  end
end

local function one()
  local fields
  if take "%(" then
    union()
    need("%)", ")")
  elseif take "{" then
    fields = fields_of_table()
  elseif take "fun%f[%W]" then
    parameters()
    if take ":" then
      repeat
        union()
        blank()
      until not text:match("^,%s*[%a\"(]", at) or not take ","
    end
  elseif not (take '"[^"]*"' or take "'[^']*'" or take "%-?%d+") then
    local name = need("[%a_][%w_%.]*", "a type")
    if name ~= "table" or text:sub(at, at) ~= "<" then used[name] = true end
    if take "<" then
      repeat union() until not take ","
      need(">", ">")
    end
  end
  while take "%[%]" or take "%?" do end
  return fields
end

function union()
  local fields = one()
  while take "|" do one() end
  return fields
end

-- Read the type at the begin of a line's rest: the rest behind it, the names that it uses, the fields of a table.
local function read_type(rest, where)
  text, at, used = rest, 1, {}
  local ok, fields = pcall(union)
  if not ok then
    problem("%s: %s", where, fields)
    return "", {}
  end
  return text:sub(at), used, fields
end

-- The file.
local classes, aliases, uses, opts = {}, {}, {}, {}
local class, params, number = nil, {}, 0
local function use(names, where, bare)
  for name in pairs(names) do uses[#uses + 1] = { name, where } end
  if names.table and bare then problem("%s: a table without its fields", where) end
end
for line in io.lines(path) do
  number = number + 1
  local where = ("%s:%d"):format(path:match "[^/]*$", number)
  local tag, rest = line:match "^%-%-%-@(%S+)%s*(.*)$"
  if tag == "class" then
    local name, parents = rest:gsub("^%(exact%)%s*", ""):match "^([%w_.]+)%s*:?%s*(.*)$"
    if not name or classes[name] then problem("%s: %s", where, line) end
    class = { parents = {}, fields = {} }
    classes[name or ""] = class
    for parent in parents:gmatch "[%w_.]+" do
      class.parents[#class.parents + 1] = parent
      uses[#uses + 1] = { parent, where }
    end
  elseif tag == "field" then
    local name, after = rest:match "^(%[[^%]]*%])%s+(.*)$"
    if not name then name, after = rest:match "^([%a_][%w_]*)%??%s+(.*)$" end
    if not name or not class or class.fields[name] then problem("%s: %s", where, line) end
    if class and name then class.fields[name] = true end
    local _, names = read_type(after or "", where)
    use(names, where, true)
  elseif tag == "alias" then
    local name, after = rest:match "^([%w_.]+)%s+(.*)$"
    aliases[name or ""] = true
    local _, names = read_type(after or "", where)
    use(names, where)
  elseif tag == "param" then
    local name, after = rest:match "^(%.*[%w_]*)%??%s+(.*)$"
    local _, names, fields = read_type(after or "", where)
    params[#params + 1] = { name = name, names = names, fields = fields, where = where }
  elseif tag == "return" then
    repeat
      local names
      rest, names = read_type(rest, where)
      use(names, where, true)
      rest = rest:match "^%s*,%s*(.*)$"
    until not rest
  elseif tag == "overload" then
    local _, names = read_type(rest, where)
    use(names, where, true)
  elseif tag and tag ~= "meta" then
    problem("%s: what is @%s?", where, tag)
  end
  local owner, name, list = line:match "^function ([%w_]+)[.:]([%w_]+)%((.-)%) end$"
  if owner then
    local i = 0
    for word in list:gmatch "[%w_.]+" do
      i = i + 1
      if not params[i] or params[i].name ~= word then problem("%s: parameter %s is not annotated", where, word) end
      local any_table = name == "rawpairs" or name == "is_empty"
      if params[i] then use(params[i].names, params[i].where, not any_table and word ~= "series") end
      if word == "opts" or word == "match" or word == "packet" then opts[owner .. "." .. name] = params[i] end
    end
    if #params > i then problem("%s: more parameters than there are", where) end
    params = {}
  end
end
for _, u in ipairs(uses) do
  if not (builtin[u[1]] or classes[u[1]] or aliases[u[1]]) then problem("%s: there is no type %s", u[2], u[1]) end
end

local function all_fields(name, into)
  into = into or {}
  local c = classes[name]
  if not c then
    problem("there is no class %s", name)
    return into
  end
  for field in pairs(c.fields) do into[field] = true end
  for _, parent in ipairs(c.parents) do all_fields(parent, into) end
  return into
end

-- What a call takes: the fields of its table, written out or those of a class.
local function fields_of(call)
  local param = opts[call]
  if not param then
    problem("%s: has no options", call)
    return {}
  end
  if param.fields then return param.fields end
  for name in pairs(param.names) do
    if classes[name] then return all_fields(name) end
  end
  problem("%s: options of no class", call)
  return {}
end

-- What the module says it takes, when it is given what it does not know.
local impossible = "zzzzzzzzzzzzzzzz"
local function asked(fn, ...)
  local ok, why = pcall(fn, ...)
  local list = not ok and tostring(why):match "expected one of: ([^\n]*)"
  if not list then
    problem("asked for its options it says: %s", why)
    return {}
  end
  local names = {}
  for name in list:gmatch "[^, ]+" do names[name:gsub("^to_%*$", "[string]")] = true end
  return names
end

local function compare(what, documented, real, besides)
  for name in pairs(real) do
    if not documented[name] and not (besides and besides[name]) then problem("%s: %s is not in the file", what, name) end
  end
  for name in pairs(documented) do
    if not real[name] and name ~= "[1]" then problem("%s: there is no %s", what, name) end
  end
end
local function names_of(list)
  local names = {}
  for _, o in ipairs(list) do names[o.name] = true end
  return names
end

local wrong = { [impossible] = 1 }
local sim, client, server, link = dw.pair { delay = "10ms" }
compare("dw.sim", fields_of "dw.sim", asked(dw.sim, wrong))
compare("sim:host", fields_of "Sim.host", asked(sim.host, sim, "x", wrong))
compare("sim:link", fields_of "Sim.link", asked(sim.link, sim, client, server, wrong))
compare("link:set", fields_of "Link.set", asked(link.set, link, wrong))
compare("loss model", all_fields "drywire.LossModel", asked(link.set, link, { loss = wrong }))
compare("link:inject", fields_of "Link.inject", asked(link.inject, link, wrong))
local matched = fields_of "Trace.packets"
compare("trace:packets", matched, asked(sim.trace.packets, sim.trace, wrong))
for _, name in ipairs { "drop", "delay", "duplicate", "reorder", "corrupt", "hold" } do
  local given = name == "delay" and { by = "1ms", [impossible] = 1 } or wrong -- it asks for by first
  compare("link:" .. name, fields_of("Link." .. name), asked(link[name], link, given))
  compare("host:" .. name, fields_of("Host." .. name), asked(client[name], client, given))
end
local rewritten = all_fields "drywire.Rewrite"
compare("link:rewrite", fields_of "Link.rewrite", asked(link.rewrite, link, { set = {}, [impossible] = 1 }), rewritten)
compare("set of link:rewrite", rewritten, asked(link.rewrite, link, { set = wrong }))
for _, name in ipairs { "ladder", "svg", "html", "explain" } do
  compare("trace:" .. name, fields_of("Trace." .. name), asked(sim.trace[name], sim.trace, wrong))
end
compare("trace:pcap", fields_of "Trace.pcap", asked(sim.trace.pcap, sim.trace, "x.pcapng", wrong))
compare("dw.plot", fields_of "dw.plot", asked(dw.plot, { { 0, 1 } }, wrong))
compare("dw.drill", fields_of "dw.drill", asked(dw.drill, "x.pkt", wrong))
compare("dw.congestion_control", fields_of "dw.congestion_control", asked(dw.congestion_control, wrong))
compare("reaches", fields_of "Expectation.reaches", asked(function() dw.expect(client):reaches("CLOSED", wrong) end))
compare("host:listen", fields_of "Host.listen", asked(client.listen, client, 80, wrong))
compare("host:serve", fields_of "Host.serve", asked(client.serve, client, 81, print, wrong))
local tcp = names_of(dw.options "tcp")
tcp.profile, tcp.defect = true, true
compare("TCP", all_fields "drywire.TcpOptions", tcp)
compare("UDP", all_fields "drywire.UdpOptions", names_of(dw.options "udp"))
compare("tcp.connection", all_fields "drywire.ConnectionOptions", names_of(dw.options "tcp.connection"))
for name in pairs(fields_of "dw.pair") do
  if name == "[string]" then name = "to_server" end
  local ok, why = pcall(dw.pair, { [name] = print })
  if not ok and tostring(why):find "unknown option" then problem("dw.pair: %s", why) end
end

-- Inside of programs, and what calls return.
local told = {}
local function keep(conn)
  for name in pairs(conn:info()) do told[name] = true end
end
for _, tcp in ipairs { { sack = true, ecn = "accurate" }, { sack = true, ecn = "ask" }, { profile = "linux", ecn = "accurate" } } do
  local run, a, b, wire = dw.pair { delay = "10ms", tcp = tcp }
  local listener = b:listen(80)
  compare("listener:info", all_fields "drywire.ListenerInfo", listener:info())
  b:spawn(function()
    local conn = listener:accept()
    keep(conn)
    conn:recv_all()
    conn:close()
  end)
  a:spawn(function()
    compare("host:connect", fields_of "Host.connect", asked(a.connect, a, b, 80, wrong))
    local conn = assert(a:connect(b, 80))
    conn:send "hello"
    keep(conn)
    for _, name in ipairs { "recv", "peek" } do
      compare("conn:" .. name, fields_of("Connection." .. name), asked(conn[name], conn, 1, wrong))
    end
    compare("conn:send", fields_of "Connection.send", asked(conn.send, conn, "x", wrong))
    compare("conn:close", fields_of "Connection.close", asked(conn.close, conn, wrong))
    compare("conn:set", fields_of "Connection.set", asked(conn.set, conn, wrong))
    conn:close()
  end)
  run:run()
  for _, direction in pairs(wire:stats()) do compare("link:stats", all_fields "drywire.DirectionStats", direction) end
end
compare("conn:info", all_fields "drywire.ConnectionInfo", told)
for _, o in ipairs(dw.options "tcp") do
  for name in pairs(o) do
    if not all_fields "drywire.Option"[name] then problem("dw.options: %s is not in the file", name) end
  end
end
compare("dw.defects", all_fields "drywire.Defect", dw.defects "tcp"[1])
table.sort(problems)
for i, p in ipairs(problems) do
  if p ~= problems[i - 1] then io.stderr:write(p, "\n") end
end
os.exit(#problems == 0 and 0 or 1)
