-- drywire repl: the words of the prompt, how values are shown, completion.
--
-- A script that is given runs until its sim:run(), where the prompt comes; go() runs on, and then what
-- follows in the script.  Names that are no variable stand for the latest simulation and its hosts.
local dw, repl = ... -- repl: what cmd_repl.c offers
local env, paused, breakpoints = {}, nil, {}

local function fail(message) error(message, 0) end

local function latest()
  local sims = repl.sims()
  return sims[#sims] or fail "there is no simulation yet: sim = dw.pair {}"
end

-- Showing values.

local function plain(value)
  if type(value) ~= "string" then return repl.escape("line", tostring(value)) end
  return repl.escape("lua", value)
end

local function show(value, depth, seen)
  if type(value) ~= "table" or getmetatable(value) and getmetatable(value).__tostring then return plain(value) end
  if seen[value] or depth > 3 then return "{ ... }" end
  seen[value] = true
  local parts, keys, count = {}, {}, #value
  for i = 1, math.min(count, 20) do parts[i] = show(value[i], depth + 1, seen) end
  if count > 20 then parts[#parts + 1] = ("... (%d in all)"):format(count) end
  for key in pairs(value) do
    if not (math.type(key) == "integer" and key >= 1 and key <= count) then keys[#keys + 1] = key end
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    local name = type(key) == "string" and key:match "^[%a_][%w_]*$" and key or "[" .. plain(key) .. "]"
    parts[#parts + 1] = name .. " = " .. show(value[key], depth + 1, seen)
  end
  seen[value] = nil
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #parts == 0 then return "{}" end
  if #line <= 76 then return line end
  local indent = ("  "):rep(depth + 1)
  return "{\n" .. indent .. table.concat(parts, ",\n" .. indent) .. "\n" .. ("  "):rep(depth) .. "}"
end

-- What has happened since the last look, a line an event, variables and timers left out.

local looked = {} -- by simulation

local function news(sim)
  local lines, at = repl.events(sim, looked[sim] or 0)
  looked[sim] = at
  return lines
end

local function report(sim, quiet)
  local lines, most = news(sim), 12
  if not quiet then
    if #lines > most then print(("... %d events before these"):format(#lines - most)) end
    for i = math.max(1, #lines - most + 1), #lines do print(lines[i]) end
  end
  print(("%.6f s"):format(sim:now()))
end

local function predicate(given)
  if type(given) == "function" then return given end
  if type(given) ~= "string" then fail "expected a function, or an expression as text: until_ 'client:conn():state() == \"TIME-WAIT\"'" end
  local fn, why = load("return " .. given, "=breakpoint", "t", env)
  return fn or fail(why)
end

-- The words.

local words = {}
local help = {
  { "step(n)", "until n more things have happened: packets, states, calls (1)" },
  { "until_(f)", "until f() holds after an event; also an expression as text" },
  { "breakpoint(f, name)", "go() stops whenever f() begins to hold; breakpoint() lists, breakpoint(nil) clears" },
  { "go(time)", "run on: for so long, or to the end and what follows in the script" },
  { "tcb(host)", "the variables of its connections" },
  { "ladder(opts)", "the exchange so far" },
  { "events(n)", "the last n events" },
  { "hosts()", "the hosts of the simulation" },
  { "help()", "this; the API is in docs/LUA_API.md" },
  { "quit()", "as the end of input (ctrl-D)" },
}

function words.help()
  for _, line in ipairs(help) do print(("  %-22s %s"):format(line[1], line[2])) end
end

function words.step(n)
  local sim, seen = latest(), 0
  n = n or 1
  if math.type(n) ~= "integer" or n < 1 then fail "step(n): n is how many, 1 or more" end
  repeat
    if not sim:step() then
      report(sim)
      print "nothing is left to do"
      return
    end
    local lines = news(sim)
    for _, line in ipairs(lines) do print(line) end
    seen = seen + #lines
  until seen >= n
  print(("%.6f s"):format(sim:now()))
end

function words.until_(given, time)
  local sim = latest()
  local held = sim:until_(predicate(given), time)
  report(sim)
  if not held then print "it never held" end
end

function words.breakpoint(...)
  if select("#", ...) == 0 then
    for i, b in ipairs(breakpoints) do print(("  %d  %s"):format(i, b.name)) end
    if #breakpoints == 0 then print "no breakpoints" end
  elseif (...) == nil then
    breakpoints = {}
  else
    local given, name = ...
    breakpoints[#breakpoints + 1] = { holds = predicate(given), name = name or type(given) == "string" and given or "breakpoint " .. #breakpoints + 1,
                                      held = false }
  end
end

-- A breakpoint stops when its condition begins to hold, not again while it does.
local function run(sim, time)
  if #breakpoints == 0 then
    sim:run(time)
    return true
  end
  local hit
  for _, b in ipairs(breakpoints) do b.held = not not b.holds() end
  sim:until_(function()
    for _, b in ipairs(breakpoints) do
      local holds = not not b.holds()
      if holds and not b.held then hit = b end
      b.held = holds
      if hit then return true end
    end
  end, time)
  if hit then print("stopped: " .. hit.name) end
  return not hit
end

local resume

function words.go(time)
  local sim = latest()
  local ended = run(sim, time or (paused and paused.time))
  report(sim, true)
  if ended and not time and paused then resume(sim) end
end

local function number(value)
  return value == math.maxinteger and "unlimited" or tostring(value)
end

function words.tcb(who)
  local sim = latest()
  local list = who and { type(who) == "string" and sim:host(who) or who } or repl.hosts(sim)
  for _, host in ipairs(list) do
    local n = 1
    while host:conn(n) do
      local conn = host:conn(n)
      local info, keys = conn:info(), {}
      for key in pairs(info) do keys[#keys + 1] = key end
      table.sort(keys)
      print(("%s #%d  %s"):format(host:name(), n, conn:state()))
      for i = 1, #keys, 3 do
        local cells = {}
        for k = i, math.min(i + 2, #keys) do cells[#cells + 1] = ("  %-20s %12s"):format(keys[k], number(info[keys[k]])) end
        print(table.concat(cells))
      end
      n = n + 1
    end
    if n == 1 then print(host:name() .. " has no connection") end
  end
end

function words.ladder(opts)
  local given = opts or {}
  given.width = given.width or repl.width()
  print(latest().trace:ladder(given))
end

function words.events(n)
  local lines = repl.events(latest(), 0)
  for i = math.max(1, #lines - (n or 10) + 1), #lines do print(lines[i]) end
end

function words.hosts()
  for _, host in ipairs(repl.hosts(latest())) do print(("  %-12s %s"):format(host:name(), host:addr())) end
end

function words.quit() repl.quit() end

-- Names: words, then what the user defined, then sim, link and hosts, then Lua's own.
setmetatable(env, { __index = function(_, name)
  if words[name] then return words[name] end
  if name == "dw" then return dw end
  local sims = repl.sims()
  local sim = sims[#sims]
  if sim and name == "sim" then return sim end
  if sim and name == "link" then return repl.link(sim) end
  for _, host in ipairs(sim and repl.hosts(sim) or {}) do
    if host:name() == name then return host end
  end
  return _G[name]
end })

-- The script, up to each sim:run().

resume = function()
  paused = nil
  local ok, what, sim, time = coroutine.resume(repl.script)
  if not ok then
    repl.script = nil
    return fail(tostring(what))
  end
  if coroutine.status(repl.script) == "dead" then
    print "the script has ended"
    repl.script = nil
  else
    paused = { sim = sim, time = time }
    print(("%s at sim:run(%s); step(), go(), help()"):format(repl.name, time and plain(time) or ""))
  end
end

function repl.begin(script, name)
  repl.script, repl.name = coroutine.create(script), name
  local methods = repl.methods "drywire.Sim"
  local plain_run = methods.run
  methods.run = function(sim, time)
    if repl.script and coroutine.running() == repl.script then coroutine.yield("run", sim, time) return sim end
    return plain_run(sim, time)
  end
  resume()
end

-- One line of input: true when what there is so far needs more.
local pending

function repl.line(line)
  local text = pending and pending .. "\n" .. line or line
  pending = nil
  local fn, why = load("return " .. text, "=input", "t", env)
  if not fn then fn, why = load(text, "=input", "t", env) end
  if not fn then
    if why:find "<eof>$" then
      pending = text
      return true
    end
    return fail(why)
  end
  local results = table.pack(fn())
  for i = 1, results.n do results[i] = show(results[i], 0, {}) end
  if results.n > 0 then print(table.concat(results, "\t")) end
end

-- Completion: what a beginning like "client:con" may become.
function repl.complete(beginning)
  local path, separator, last = beginning:match "^([%w_.:()]-)([.:]?)([%a_]?[%w_]*)$"
  local found, seen = {}, {}
  local function offer(name, value)
    if type(name) == "string" and not seen[name] and name:sub(1, #last) == last then
      seen[name] = true
      found[#found + 1] = path .. separator .. name .. (type(value) == "function" and "(" or "")
    end
  end
  if not path then return found end
  if separator == "" then
    for name, value in pairs(words) do offer(name, value) end
    for name, value in pairs(env) do offer(name, value) end
    for name, value in pairs(_G) do offer(name, value) end
    offer("dw", dw)
    local sims = repl.sims()
    local sim = sims[#sims]
    if sim then offer("sim", sim) end
    for _, host in ipairs(sim and repl.hosts(sim) or {}) do offer(host:name(), host) end
  elseif path:match "^[%w_.]+$" then
    local value = env
    for name in path:gmatch "[^.]+" do
      if type(value) ~= "table" then return found end
      value = value[name]
    end
    if type(value) == "table" then for name, field in pairs(value) do offer(name, field) end end
    for name, method in pairs(repl.methods_of(value)) do offer(name, method) end
  end
  table.sort(found)
  return found
end
