-- The part of the library that is written in Lua: short forms on top of the binding.
local dw, internal = ...
local fail = internal.fail
local Sim, Host = internal.methods "drywire.Sim", internal.methods "drywire.Host"
local Link, Conn = internal.methods "drywire.Link", internal.methods "drywire.Connection"

--- The keys of a table, in order.
function internal.names_of(known)
  local names = {}
  for name in pairs(known) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- An error about a name that is none of the options of a call.
function internal.unknown_option(name, what, names)
  local near = internal.nearest(tostring(name), names)
  fail(('unknown option "%s" for %s; %s'):format(tostring(name), what, near and ('did you mean "%s"?'):format(near)
    or "expected one of: " .. table.concat(names, ", ")))
end

local function options(given, what)
  if given == nil then return {} end
  if type(given) ~= "table" then fail(what .. ": expected a table of options, got " .. type(given)) end
  return given
end

--- Two hosts named "client" and "server", and the link between them.
local of_the_simulation = { seed = true, limit = true, msl = true, max_events = true, profile = true, trace = true,
                            trace_limit = true, detail = true, checks = true, name = true, numbers = true, tcp = true }
local of_both_hosts = { isn = true, mss = true, buffer = true }
local of_each_host = { "mss", "buffer" }
local ends = { client = 1, server = 2 }

local function is_of_pair(name) return of_the_simulation[name] or of_both_hosts[name] or ends[name] end

local of_the_link = {}
for _, name in ipairs(internal.link_options()) do of_the_link[name] = true end

-- What is no option of dw.pair's own is for the link, which says what is wrong with it; but the name
-- may have been meant for the simulation or the hosts.
local function check_link_option(name)
  if of_the_link[name] or type(name) ~= "string" or name:find "^to_" then return end
  local names = internal.link_options()
  for _, own in ipairs { of_the_simulation, of_both_hosts, ends } do
    for known in pairs(own) do names[#names + 1] = known end
  end
  table.sort(names)
  local near = internal.nearest(name, names)
  if near and near ~= name and is_of_pair(near) then
    fail('unknown option "' .. name .. '" for dw.pair; did you mean "' .. near .. '"?')
  elseif internal.is_tcp_option(name) and near ~= name then
    fail(("%s is a TCP option: write tcp = { %s = ... } for both hosts, client = { tcp = { %s = ... } } for one")
      :format(name, name, name))
  end
end

-- What each host is made with: client = { ... }, server = { ... }; what both were given besides is the default.
local function hosts_of_pair(given)
  local names, hosts = { "client", "server" }, { {}, {} }
  for i, name in ipairs(names) do
    local own, host = given[name], hosts[i]
    if own ~= nil then
      if type(own) ~= "table" then
        fail("dw.pair: " .. name .. " is a table of that host's options, { buffer = 2000 } for example; got " .. type(own))
      end
      for option, value in pairs(own) do host[option] = value end
      if host.name ~= nil then names[i], host.name = host.name, nil end
      if given.isn ~= nil and host.isn ~= nil then fail("dw.pair: give isn for both, or for " .. name .. " alone") end
    end
  end
  if given.isn ~= nil and (type(given.isn) ~= "table" or #given.isn ~= 2) then fail "dw.pair: isn is { client's, server's }" end
  for i, host in ipairs(hosts) do
    if given.isn then host.isn = given.isn[i] end
    for _, option in ipairs(of_each_host) do
      if type(given[option]) == "table" then
        fail(("dw.pair: %s is for both hosts; for each its own, write client = { %s = ... }, server = { %s = ... }")
          :format(option, option, option))
      end
      if host[option] == nil then host[option] = given[option] end
    end
  end
  return names, hosts
end

function dw.pair(given)
  local sim_options, link_options = {}, {}
  given = options(given, "dw.pair")
  for name, value in pairs(given) do
    if of_the_simulation[name] then
      sim_options[name] = value
    elseif not is_of_pair(name) then
      check_link_option(name)
      link_options[name] = value
    end
  end
  local names, hosts = hosts_of_pair(given)
  local sim = dw.sim(sim_options)
  local client, server = sim:host(names[1], hosts[1]), sim:host(names[2], hosts[2])
  return sim, client, server, sim:link(client, server, link_options)
end

--- Accept connections on a port for ever; each runs fn(conn) as a program of its own.
function Host:serve(port, fn, given)
  if type(fn) ~= "function" then fail("host:serve: expected a function, got " .. type(fn)) end
  local function open()
    local listener = self:listen(port, given, "host:serve")
    self:spawn(function()
      while true do
        local conn = listener:accept()
        if not conn then return end
        self:spawn(fn, conn)
      end
    end)
    return listener
  end
  internal.on_back(self, open)
  return open()
end

--- Loss models for `loss =`: what is lost depends on what was lost before.
dw.loss = {
  every = function(n) return { every = n } end,
  pattern = function(pattern) return { pattern = pattern } end,
  gilbert = function(model) return options(model, "dw.loss.gilbert") end,
}

--- Everything up to the end of the stream, or nil and why it broke off.
function Conn:recv_all(given)
  internal.check_open(self, "conn:recv_all")
  local parts = {}
  while true do
    local data, why = self:recv(nil, given)
    if data then
      parts[#parts + 1] = data
    elseif why == "closed" then
      return table.concat(parts)
    else
      return nil, why
    end
  end
end

--- Iterate over what arrives; anything but an orderly end raises an error.
function Conn:chunks()
  internal.check_open(self, "conn:chunks")
  return function()
    local data, why = self:recv()
    if data then return data end
    if why ~= "closed" then fail("conn:chunks: the connection broke off: " .. why) end
  end
end

--- The fields of a packet's TCP options (p.options), and options as bytes for link:inject.
function dw.tcp_options(bytes)
  if type(bytes) ~= "string" then fail("dw.tcp_options: expected the octets of a packet's options, got " .. type(bytes)) end
  local found, at = {}, 1
  while at <= #bytes do
    local kind, len = bytes:byte(at, at + 1)
    if kind == 0 then break end
    if kind == 1 then
      at = at + 1
    else
      if not len or len < 2 then break end
      local value = bytes:sub(at + 2, at + len - 1)
      if #value < len - 2 then break end -- cut short
      if kind == 2 and len == 4 then found.mss = (">I2"):unpack(value)
      elseif kind == 3 and len == 3 then found.window_scale = value:byte()
      elseif kind == 8 and len == 10 then found.tsval, found.tsecr = (">I4I4"):unpack(value)
      elseif kind == 4 and len == 2 then found.sack_permitted = true
      elseif kind == 5 and len % 8 == 2 then
        found.sack = {}
        for i = 1, #value, 8 do found.sack[#found.sack + 1] = { (">I4I4"):unpack(value, i) } end
        for _, block in ipairs(found.sack) do block[3] = nil end
      elseif kind == 28 and len == 4 then
        local number = (">I2"):unpack(value)
        found.user_timeout = (number & 0x7fff) * (number & 0x8000 ~= 0 and 60 or 1)
      elseif kind == 34 then found.cookie = value end
      at = at + len
    end
  end
  return found
end

-- The largest value of each; sack_permitted is a boolean, sack a list.
local option_most = { mss = 0xffff, window_scale = 0xff, tsval = 0xffffffff, tsecr = 0xffffffff }
local option_names = { "mss", "sack", "sack_permitted", "tsecr", "tsval", "window_scale" }

local function check_option(name, value)
  local most = option_most[name]
  if most and not (math.type(value) == "integer" and value >= 0 and value <= most) then
    fail(("dw.tcp_option.%s: expected a whole number from 0 to %d, got %s"):format(name, most, value))
  elseif name == "sack_permitted" and type(value) ~= "boolean" then
    fail(("dw.tcp_option.sack_permitted: expected true or false, got %s"):format(value))
  elseif name == "sack" then
    if type(value) ~= "table" then fail("dw.tcp_option.sack: expected a list of { left, right }, got " .. type(value)) end
    for i, block in ipairs(value) do
      if type(block) ~= "table" or math.type(block[1]) ~= "integer" or math.type(block[2]) ~= "integer" then
        fail(("dw.tcp_option.sack: block %d is not { left, right }"):format(i))
      end
    end
  elseif not most and name ~= "sack_permitted" then
    internal.unknown_option(name, "dw.tcp_option", option_names)
  end
end

function dw.tcp_option(given)
  local parts = {}
  given = options(given, "dw.tcp_option")
  for name, value in pairs(given) do check_option(name, value) end
  if given.mss then parts[#parts + 1] = ("\2\4" .. (">I2"):pack(given.mss)) end
  if given.window_scale then parts[#parts + 1] = "\1\3\3" .. string.char(given.window_scale) end
  if given.tsval then parts[#parts + 1] = "\1\1\8\10" .. (">I4I4"):pack(given.tsval, given.tsecr or 0) end
  if given.sack_permitted then parts[#parts + 1] = "\1\1\4\2" end
  if given.sack then
    parts[#parts + 1] = "\1\1\5" .. string.char(2 + 8 * #given.sack)
    for _, block in ipairs(given.sack) do parts[#parts + 1] = (">I4I4"):pack(block[1] & 0xffffffff, block[2] & 0xffffffff) end
  end
  return table.concat(parts)
end

--- This script shows that a requirement of RFC 9293 is met (see drywire coverage).
local most = { MUST = 69, SHLD = 31, MAY = 18, REC = 1 }
local covered = {}
dw.covered = covered
function dw.covers(...)
  for _, id in ipairs { ... } do
    local level, number = tostring(id):match "^(%u+)%-(%d+)$"
    if not most[level] or tonumber(number) < 1 or tonumber(number) > most[level] then
      fail('dw.covers: "' .. tostring(id) .. '" is no requirement of RFC 9293; write for example "MUST-13"')
    end
    covered[#covered + 1] = id -- for the script; what is reported is kept elsewhere
    internal.cover(id)
  end
end

--- Change a link at given times: link:schedule{ {"2s", loss="5%"}, {"4s", loss="0%"} }.
function Link:schedule(list)
  local sim = internal.sim_of(self)
  if type(list) ~= "table" then fail("link:schedule: expected a list of changes, got " .. type(list)) end
  for i, change in ipairs(list) do
    if type(change) ~= "table" then fail(("link:schedule: change %d is not { time, loss = ... }"):format(i)) end
    local given = {}
    for name, value in pairs(change) do
      if name ~= 1 then given[name] = value end
    end
    sim:at(change[1], function() self:set(given) end)
  end
  return self
end

-- The hosts of a list (objects or names) as a set.
local function set_of_hosts(sim, list)
  if type(list) ~= "table" then
    fail("sim:partition: expected two lists of hosts such as { client }, got a " .. type(list))
  end
  local set = {}
  for _, host in ipairs(list) do set[internal.host_of(sim, host, "sim:partition")] = true end
  return set
end

--- Take down every link between two groups of hosts.
function Sim:partition(group, others)
  local here, there = set_of_hosts(self, group), set_of_hosts(self, others)
  for _, link in ipairs(internal.links(self)) do
    local a, b = internal.ends(link)
    if (here[a] and there[b]) or (here[b] and there[a]) then
      link:down()
      internal.partitioned(self)[link] = true
    end
  end
  return self
end

--- Bring up what partition took down.
function Sim:heal()
  local down = internal.partitioned(self)
  for _, link in ipairs(internal.links(self)) do
    if down[link] then link:up() end
    down[link] = nil
  end
  return self
end

--- Call fn again and again until a time; what it returns becomes a series, { { time, value }, ... }, which grows as the run
--- goes on.  nil is left out.
function Sim:sample(every, to, fn)
  if type(fn) ~= "function" then fail("sim:sample: expected a function, got " .. type(fn)) end
  if internal.time(every, "sim:sample: every") == 0 then fail "sim:sample: every has to be more than 0" end
  if internal.time(to, "sim:sample: to") < self:now_ns() then fail "sim:sample: the time to which it goes has already passed" end
  local points, over = internal.series {}, false
  local function take()
    if over then return end
    local last, value = self:now(), fn()
    if value ~= nil and type(value) ~= "number" then fail("sim:sample: the function returned a " .. type(value) .. ", not a number") end
    if value then points[#points + 1] = { last, value } end
    self:after(every, take)
  end
  self:at(to, function() over = true end)
  self:after(0, take)
  return points
end
