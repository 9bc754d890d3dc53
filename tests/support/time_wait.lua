-- For tests/cli/time_wait.sh, beside copies of the example and of the scenarios that it is told: the lost
-- final ACK and every scenario of TIME-WAIT end closed at both ends in each profile, with each option agreed
-- on and without; and what was agreed on stays (RFC 7323 3.2).
local real = require "drywire"
local profiles = { "rfc9293", "linux", "freebsd", "rfc793", "embedded" }
local options = { "timestamps", "sack", "window_scale", "ecn" }

-- A script with a profile and options of ours in its worlds, and their hosts.  What it expects of its own
-- profile is not asked: only how each world ends.
local nothing = setmetatable({}, { __index = function(self) return function() return self end end })
local function play(path, profile, tcp)
  local worlds = {}
  local function make(how)
    return function(opts)
      local mine = {}
      for k, v in pairs(opts or {}) do mine[k] = v end
      mine.tcp = {}
      for k, v in pairs(opts and opts.tcp or {}) do mine.tcp[k] = v end
      for k, v in pairs(tcp) do mine.tcp[k] = v end
      mine.tcp.profile, mine.profile = nil, profile
      local made = table.pack(how(mine))
      worlds[#worlds + 1] = made
      return table.unpack(made)
    end
  end
  local lib = { sim = make(real.sim), pair = make(real.pair), expect = function() return nothing end, covers = function() end }
  setmetatable(lib, { __index = real })
  local env = setmetatable({ require = function() return lib end, print = function() end }, { __index = _G })
  pcall(assert(loadfile(path .. ".lua", "t", env)))
  return worlds
end

local function connections(host)
  local n = 0
  return function() n = n + 1; return host:conn(n) end
end

-- Nobody waits for what does not come: once all has happened, no connection is on its way out.
local leaving = { ["FIN-WAIT-1"] = true, CLOSING = true, ["LAST-ACK"] = true, ["TIME-WAIT"] = true }
local function check_ends(world, what)
  for i = 2, world.n - 1 do -- the hosts of a pair
    for conn in connections(world[i]) do
      assert(not leaving[conn:state()], what .. ": left in " .. conn:state())
    end
  end
end

-- Time stamps that a SYN,ACK has agreed on are in every segment but a RST, whatever its sender's state.
local function check_stamps(world, what)
  local agreed, seen = {}, 0
  for _, p in ipairs(world[1].trace:packets {}) do
    local has = real.tcp_options(p.options).tsval ~= nil
    local key = p.src < p.dst and p.sport .. "-" .. p.dport or p.dport .. "-" .. p.sport
    if p.cause == "fault-inject" then
      -- whoever forged it may leave out what he likes
    elseif p:has "SYN" then
      agreed[key] = has and p:has "ACK"
    elseif agreed[key] and not p:has "RST" then
      seen = seen + 1
      assert(has, ("%s: #%d at %.3f s has no time stamp"):format(what, p.n, p.time))
    end
  end
  return seen
end

local function each_setting(values, fn)
  for bits = 0, (1 << #options) - 1 do
    local tcp, names = {}, {}
    for i, name in ipairs(options) do
      local on = bits >> (i - 1) & 1 == 1
      tcp[name] = on
      if name == "ecn" then tcp[name] = on and "ask" or "off" end
      if on then names[#names + 1] = name end
    end
    if values == "all" or #names <= 1 then fn(tcp, #names > 0 and table.concat(names, "+") or "none") end
  end
end

-- The flagship, in all ways: the FIN is repeated once, answered, and both ends close.
for _, profile in ipairs(profiles) do
  each_setting("all", function(tcp, names)
    local what = ("06-lost-final-ack, %s, %s"):format(profile, names)
    local world = play("06-lost-final-ack", profile, tcp)[1]
    local sim, client, server = table.unpack(world)
    local out = "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
    assert(table.concat(client:conn():states(), " ") == out, what)
    assert(table.concat(server:conn():states(), " ") == "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED", what)
    local fins = sim.trace:packets { from = server, flags = "FIN" }
    assert(#fins == 2 and fins[2].time - fins[1].time < 8, what .. ": the FIN was not repeated once")
    real.expect(sim):never { flags = "RST" }
    check_ends(world, what)
    local stamped = check_stamps(world, what)
    assert((stamped > 0) == tcp.timestamps, what .. ": time stamps were " .. (tcp.timestamps and "not " or "") .. "agreed on")
  end)
end

for _, path in ipairs(arg) do
  for _, profile in ipairs(profiles) do
    each_setting("each", function(tcp, names)
      local what = ("%s, %s, %s"):format(path, profile, names)
      local worlds = play(path, profile, tcp)
      assert(#worlds > 0, what)
      for _, world in ipairs(worlds) do
        -- One that a program has ended, because its profile does otherwise, goes no further.
        if pcall(world[1].run, world[1]) then check_ends(world, what) end
        check_stamps(world, what)
      end
    end)
  end
end
print "all of them end"
