-- Generates docs/LUA_API.md and lua/api/drywire.d.lua from lua/api/api.lua:
--   LUA_PATH='lua/api/?.lua' LUA_CPATH='build/release/lua/?.so' lua5.4 lua/api/generate_api.lua docs/LUA_API.md lua/api/drywire.d.lua
-- (A stock interpreter, because drywire lets no script write anywhere else than beside itself.)
local dw = require "drywire"
local api = require "api"
local markdown_path, meta_path = ...

-- Split "a: string, b?: { x?: integer, y: string }" at commas that are outside of brackets.
local function split(signature)
  local parts, depth, start = {}, 0, 1
  signature = signature or ""
  for i = 1, #signature do
    local c = signature:sub(i, i)
    if c:find "[{%(<]" then depth = depth + 1 end
    if c:find "[}%)>]" then depth = depth - 1 end
    if c == "," and depth == 0 then
      parts[#parts + 1] = signature:sub(start, i - 1):match "^%s*(.-)%s*$"
      start = i + 1
    end
  end
  if start <= #signature then parts[#parts + 1] = signature:sub(start):match "^%s*(.-)%s*$" end
  return parts
end

local function call(type, method)
  local names = {}
  for i, part in ipairs(split(method[2])) do names[i] = part:match "^([%w_%.]+%??):" or part end
  local colon = type.name == "drywire" and "." or ":"
  return ("%s%s%s(%s)"):format(type.var, colon, method[1], table.concat(names, ", "))
end

local out = {}
local function add(...) out[#out + 1] = string.format(...) end

local function escape(s) return (s:gsub("|", "\\|")) end

-- The manual.
add "# The Lua API\n"
add "Generated from `lua/api/api.lua`; `lua/api/drywire.d.lua` holds the same for editors (LuaLS).\n"
add("Contexts: **A** in the script and its programs, **P** only inside a program (the call waits for simulated time),\n" ..
    "**C** also in [callbacks](GUIDE.md#callbacks). What the network did is `nil, reason`; what the script did wrong is an error at its line.\n" ..
    "An unknown option or name is an error that says which one is nearest.\n")
for _, type in ipairs(api.types) do
  add("## %s\n", type.title)
  if type.doc then add("%s\n", type.name == "drywire" and "`" .. type.doc .. "`" or type.doc) end
  if type.faults then add "Has the [faults](#faults), too.\n" end
  add "| call | | |\n|---|---|---|"
  for _, m in ipairs(type.methods) do
    add("| `%s` | %s | %s%s |", escape(call(type, m)), m[4], escape(m[5]),
        m[3] and " *Returns " .. escape(m[3]:gsub("drywire%.", "")) .. ".*" or "")
  end
  for _, f in ipairs(type.fields or {}) do
    add("| `%s.%s` | %s | %s |", type.var, f[1], type.name == "drywire" and "A" or "C", escape(f[3]))
  end
  add ""
end
local function parents(t) return type(t.extends) == "string" and { t.extends } or t.extends or {} end
local function tables(list)
  for _, t in ipairs(list) do
    add("### %s\n\n%s\n", t.name, t.doc)
    if t.extends then add("And the fields of %s.\n", table.concat(parents(t), " and ")) end
    add "| field | type | |\n|---|---|---|"
    for _, f in ipairs(t.fields or {}) do
      add("| `%s` | %s | %s |", f[1], escape((f[2]:gsub("drywire%.", ""))), escape(f[3]))
    end
    for _, o in ipairs(t.options and dw.options(t.options) or {}) do add("| `%s` | %s | %s |", o.name, o.kind, escape(o.doc)) end
    add ""
  end
end
add "## Tables\n"
tables(api.options)
add "## What calls return\n"
tables(api.results)
for _, a in ipairs(api.aliases) do add("**%s** (%s): %s\n", a[1], a[2], a[3]) end
add "## TCP options\n"
add "In `tcp = { ... }` of a host or a simulation; `profile` chooses the row's column, the others change it.\n"
local profiles = { "rfc9293", "linux", "freebsd", "rfc793", "embedded" }
add("| option | %s | |\n|---|%s---|", table.concat(profiles, " | "), ("---|"):rep(#profiles))
local columns = {}
for i, name in ipairs(profiles) do columns[i] = dw.options("tcp", name) end
for i, o in ipairs(dw.options "tcp") do
  local row = {}
  for k, column in ipairs(columns) do row[k] = column[i].value end
  add("| `%s` | %s | %s |", o.name, table.concat(row, " | "), escape(o.doc))
end
add "\n## Options of one connection\n"
add "In `conn:set { ... }` and the options of `host:connect`.\n"
add "| option | |\n|---|---|"
for _, o in ipairs(dw.options "tcp.connection") do add("| `%s` | %s |", o.name, escape(o.doc)) end
add "\n## Defects\n"
add 'In `tcp = { defect = "no-time-wait" }`, several separated by commas: known mistakes, to see what a rule is for.\n'
add "| defect | breaks | then |\n|---|---|---|"
for _, d in ipairs(dw.defects "tcp") do add("| `%s` | %s | %s |", d.name, d.rfc, escape(d.text)) end
add ""
local markdown = table.concat(out, "\n"):gsub("\n\n\n+", "\n\n")

-- The editor's file.
out = {}
add "---@meta drywire"
add "-- Generated from lua/api/api.lua.\n"
for _, a in ipairs(api.aliases) do add("---%s\n---@alias drywire.%s %s\n", a[3], a[1], a[2]) end
-- What a protocol's option takes.
local function kind_of(o)
  if o.kind == "time" then return "drywire.Time" end
  if o.kind == "size" then return "drywire.Size" end
  if o.kind == "count" then return "integer" end
  if o.kind == "flag" then return "boolean" end
  local words = {}
  for i, word in ipairs(o.choices) do words[i] = ('"%s"'):format(word) end
  if o.plugins or o.name == "congestion_control" then words[#words + 1] = "string" end
  return table.concat(words, "|")
end

-- "rfc9293 2min, linux 30s ..."; alike: "2min".
local function defaults(i)
  local row, alike = {}, true
  for k, name in ipairs(profiles) do
    alike = alike and columns[k][i].value == columns[1][i].value
    row[k] = ("%s %s"):format(name, columns[k][i].value)
  end
  return alike and columns[1][i].value or table.concat(row, ", ")
end

-- "from 1 to 65535", of counts: limits of others would be in nanoseconds and octets.
local function limits(o)
  return o.kind == "count" and o.min and (" From %d to %d."):format(o.min, o.max) or ""
end

local function class(t, open)
  add("---%s", (t.doc:gsub("`", "")))
  local names = {}
  for i, name in ipairs(parents(t)) do names[i] = "drywire." .. name end
  add("---@class%s drywire.%s%s", (open or t.open) and "" or " (exact)", t.name, #names > 0 and ": " .. table.concat(names, ", ") or "")
  for _, f in ipairs(t.fields or {}) do
    local kind = f[2]:find "|" and f[1]:find "^%[" and "(" .. f[2] .. ")" or f[2]
    local form = f[1]:find "^%[" and "---@field %s %s? %s" or "---@field %s? %s %s"
    if t.always and not f[3]:find "nil: " then form = "---@field %s %s %s" end -- a result
    add(form, f[1], kind, f[3])
  end
end

for _, t in ipairs(api.options) do
  class(t, t.name == "Packet")
  for _, o in ipairs(t.options and dw.options(t.options) or {}) do
    add("---@field %s? %s %s Default %s.%s", o.name, kind_of(o), o.doc, o.value, limits(o))
  end
  if t.name == "Packet" then add "---@field has fun(self: drywire.Packet, flags: string): boolean whether it has these flags" end
  add ""
end
for _, t in ipairs(api.results) do
  t.always = not t.optional
  class(t, true)
  add ""
end
add "---TCP options of a host or a simulation: every switch of the profiles."
add "---@class (exact) drywire.TcpOptions"
add('---@field profile? "rfc9293"|"linux"|"freebsd"|"rfc793"|"embedded" the profile that the others change')
local defects = {}
for i, d in ipairs(dw.defects "tcp") do defects[i] = ('"%s"'):format(d.name) end
add("---@field defect? %s|string known mistakes that are switched on, several separated by commas", table.concat(defects, "|"))
for i, o in ipairs(columns[1]) do add("---@field %s? %s %s Default %s.%s", o.name, kind_of(o), o.doc, defaults(i), limits(o)) end
add "\n---Options of one connection."
add "---@class (exact) drywire.ConnectionOptions"
for _, o in ipairs(dw.options "tcp.connection") do add("---@field %s? %s %s%s", o.name, kind_of(o), o.doc, limits(o)) end
add ""
local faults
for _, type in ipairs(api.types) do if type.name == "faults" then faults = type end end
local function method(class, type, m)
  add("---%s", (m[5]:gsub("`", "")))
  for _, part in ipairs(split(m[2])) do
    local name, kind = part:match "^(%.*[%w_]*%??):%s*(.+)$"
    add("---@param %s %s", name, kind)
  end
  if m[3] then add("---@return %s", m[3]) end
  if m.overload then add("---@overload %s", m.overload) end
  local names = {}
  for i, part in ipairs(split(m[2])) do names[i] = part:match "^(%.*[%w_]*)" end
  add("function %s%s%s(%s) end\n", class, type.name == "drywire" and "." or ":", m[1], table.concat(names, ", "))
end
for _, type in ipairs(api.types) do
  if not type.abstract then
    local class = type.name == "drywire" and "dw" or type.name:match "%.(%w+)$"
    add("---@class %s", type.name)
    for _, f in ipairs(type.fields or {}) do add("---@field %s %s %s", f[1], f[2], f[3]) end
    add("local %s = {}\n", class)
    for _, m in ipairs(type.methods) do method(class, type, m) end
    for _, m in ipairs(type.faults and faults.methods or {}) do method(class, type, m) end
  end
end
add "return dw"
local meta = table.concat(out, "\n") .. "\n"

for path, text in pairs { [markdown_path] = markdown, [meta_path] = meta } do
  local f = assert(io.open(path, "w"))
  f:write(text)
  f:close()
end

-- Everything that exists is documented, and everything documented exists.
local registry = debug.getregistry()
local problems = {}
for _, type in ipairs(api.types) do
  if not type.abstract then
    local real = type.name == "drywire" and dw or registry[type.name].methods
    local said = {}
    for _, m in ipairs(type.methods) do said[m[1]] = true end
    for _, m in ipairs(type.faults and faults.methods or {}) do said[m[1]] = true end
    for _, f in ipairs(type.fields or {}) do said[f[1]] = true end
    for name in pairs(real) do
      if not said[name] then problems[#problems + 1] = type.name .. "." .. name .. " is not documented" end
    end
    for _, m in ipairs(type.methods) do
      if real[m[1]] == nil then problems[#problems + 1] = type.name .. "." .. m[1] .. " does not exist" end
    end
  end
end
assert(#problems == 0, table.concat(problems, "\n"))
