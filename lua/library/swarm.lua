-- dw.swarm: a function with many seeds, each of which draws parameters and faults ("swarm testing": Groce, Zhang, Eide, Chen
-- and Regehr, ISSTA 2012).  This file has the runs done and says what came of them; swarm_shrink.lua makes a failure small,
-- swarm_why.lua asks where it was decided.
local dw, internal = ...
local fail, pcall, error = internal.fail, pcall, error
local swarm = {}
internal.swarm = swarm

local KINDS, MOST = internal.fault_kinds() -- { { name = "drop", letter = "d" }, ... }; how many one run may have

-- Options.

local known = { seeds = "table", faults = "number", leaks = "boolean", max_runs = "number", jobs = "number" }
for _, kind in ipairs(KINDS) do known[kind.name] = "number" end

local function check_names(given)
  if type(given) ~= "table" then fail("dw.swarm: expected a table of options, got a " .. type(given)) end
  for name, value in pairs(given) do
    if not known[name] then internal.unknown_option(name, "dw.swarm", internal.names_of(known)) end
    if type(value) ~= known[name] then fail(("dw.swarm.%s: expected a %s, got a %s"):format(name, known[name], type(value))) end
  end
end

local function whole(given, name, least, most, otherwise)
  local value = given[name]
  if value == nil then return otherwise end
  if math.type(value) ~= "integer" or value < least or value > most then
    fail(("dw.swarm.%s: expected a whole number from %d to %d, got %s"):format(name, least, most, value))
  end
  return value
end

local function check_seeds(seeds)
  if seeds == nil then return dw.range(1, 1000) end
  if #seeds == 0 then fail "dw.swarm.seeds: expected a list of seeds, dw.range(1, 1000) for example; it is empty" end
  for i, seed in ipairs(seeds) do
    if math.type(seed) ~= "integer" then fail(("dw.swarm.seeds: value %d is %s; a seed is a whole number"):format(i, tostring(seed))) end
  end
  return seeds
end

-- Of each kind as many as it says; where none is named, any of all kinds.
local function read_options(given)
  check_names(given)
  local most, named = {}, false
  for _, kind in ipairs(KINDS) do
    most[kind.name] = whole(given, kind.name, 0, MOST, 0)
    named = named or given[kind.name] ~= nil
  end
  local faults = whole(given, "faults", 0, MOST, named and MOST or 3)
  local sum = 0
  for _, kind in ipairs(KINDS) do
    if not named then most[kind.name] = faults end
    sum = sum + most[kind.name]
  end
  return { seeds = check_seeds(given.seeds), most = most, faults = math.min(faults, sum), leaks = given.leaks ~= false,
           max_runs = whole(given, "max_runs", 1, math.maxinteger, 10000), jobs = whole(given, "jobs", 1, 256, 1) }
end

-- Runs.

--- One run of fn: spec is for internal.swarm_run, with chosen = { name = which choice } of parameters that are not drawn.
function swarm.run(self, fn, spec)
  local drawing = { seed = spec.seed, chosen = spec.chosen or {}, asked = {}, fixed = {} }
  spec.leaks = self.leaks
  self.runs = self.runs + 1
  internal.swarm_drawing = drawing -- for dw.param
  local ok, outcome = pcall(internal.swarm_run, fn, spec)
  internal.swarm_drawing = nil
  if not ok then error(outcome, 0) end
  outcome.asked, outcome.fixed = drawing.asked, drawing.fixed
  return outcome
end

--- Faults strike among as many arrivals as there are without any, and two more for each, which may be sent again.
function swarm.points(self, calm) return calm.points + 2 * self.faults end

-- With a seed: without faults, and then with those that it draws.
local function perform(self, seed)
  local outcome = swarm.run(self, self.fn, { seed = seed })
  local points = 0
  if not outcome.problem and self.faults > 0 and outcome.points > 0 then
    points = swarm.points(self, outcome)
    outcome = swarm.run(self, self.fn, { seed = seed, faults = self.faults, most = self.most, points = points })
  end
  return ("%d\n%d\n%s\n%s"):format(outcome.points, points, outcome.plan, outcome.problem or "")
end

local function first_line(text) return (text:match "^[^\n]*") end
swarm.first_line = first_line

--- Failures are of one kind where their first lines differ in numbers alone.
function swarm.kind(problem) return (first_line(problem):gsub("%d+", "#")) end

-- A failure is counted with its kind; each kind keeps the first.
local function count_failure(self, seed, plan, problem)
  local kind = swarm.kind(problem)
  local group = self.kinds[kind]
  if not group then
    group = { kind = kind, seed = seed, plan = plan, problem = problem, count = 0 }
    self.kinds[kind] = group
    self.groups[#self.groups + 1] = group
  end
  group.count = group.count + 1
  self.failed = self.failed + 1
end

local function accept(self, seed, record)
  local arrivals, points, plan, problem = record:match "^(%d+)\n(%d+)\n([^\n]*)\n(.*)$"
  arrivals, points = tonumber(arrivals), tonumber(points)
  self.seeds_done = self.seeds_done + 1
  self.least, self.largest = math.min(self.least, arrivals), math.max(self.largest, arrivals)
  if points > 0 then self.drawn[points] = (self.drawn[points] or 0) + 1 end
  for letter in plan:gmatch "%d+(%a)" do self.struck[letter] = (self.struck[letter] or 0) + 1 end
  if problem ~= "" then count_failure(self, seed, plan, problem) end
end

-- The runs of seeds from the first one on; in portions where time is limited.
local function run_portion(self, from, to)
  local pieces = {}
  for i = from, to do pieces[#pieces + 1] = tostring(i) end
  local why, which = internal.deal(internal.jobs() or self.jobs, pieces,
    function(piece) return perform(self, self.seeds[tonumber(piece)]) end,
    function(i, record) accept(self, self.seeds[from + i - 1], record) end)
  if why and which > 0 then why = ("%s: seed %d"):format(why, self.seeds[from + which - 1]) end
  if why then fail("dw.swarm: " .. why) end
end

local function run_all(self)
  local portion = self.portion or #self.seeds
  internal.counting(#self.seeds)
  for from = 1, #self.seeds, portion do
    if internal.swarm_late() then return end
    run_portion(self, from, math.min(from + portion - 1, #self.seeds))
  end
end

-- The first seed, twice: a function that does something else each time proves nothing, and one that is wrong finds nothing.
local function try(self)
  local seed, records = self.seeds[1], {}
  local why = internal.deal(1, { "1", "2" }, function()
    local calm = swarm.run(self, self.fn, { seed = seed })
    return ("%d\n%s\n%s"):format(calm.points, calm.judged or not calm.problem, calm.problem or "")
  end, function(i, record) records[i] = record end)
  if why then fail("dw.swarm: " .. why) end
  local points, judged, problem = records[1]:match "^(%d+)\n(%a+)\n(.*)$"
  if judged == "false" then fail(("dw.swarm: with seed %d it fails without any fault: %s"):format(seed, problem)) end
  if records[1] ~= records[2] then
    fail "dw.swarm: the function does not do the same twice with the same seed (drywire check says where)"
  end
  if points == "0" and problem == "" then fail "dw.swarm: no packet arrives, so no fault can strike" end
end

-- What came of them.

local number = function(n) return internal.plot.number(n) end

-- The chance that so many faults of these kinds are drawn by none of the runs, and what they bring about is missed.
local function missed(self, letters)
  local chance = 1
  for points, runs in pairs(self.drawn) do
    local hit = internal.swarm_chance({ faults = self.faults, most = self.most, points = points }, letters)
    chance = chance * dw.pow(1 - hit, runs)
  end
  return chance
end

-- Of all ways to choose the kinds of so many faults, the one that is missed most easily: as many as can be of one kind, which
-- may have many ways to strike, and the others of a kind each.
local function worst(self, depth)
  local most_missed = 0
  for _, main in ipairs(KINDS) do
    for others = 0, depth - 1 do
      local letters, left = {}, others
      for _, kind in ipairs(KINDS) do
        if kind ~= main and left > 0 and self.most[kind.name] > 0 then letters[#letters + 1], left = kind.letter, left - 1 end
      end
      local count = depth - others
      if left == 0 and self.most[main.name] >= count then
        most_missed = math.max(most_missed, missed(self, table.concat(letters) .. main.letter:rep(count)))
      end
    end
  end
  return most_missed
end

local function columns(out, words)
  for i, word in ipairs(words) do words[i] = i == 1 and ("%-9s"):format(word) or ("%9s"):format(word) end
  out[#out + 1] = "        " .. table.concat(words, "  ")
end

-- The bound of PCT (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010), for faults: a failure of depth d, that is one
-- that d faults bring about, each at its place among the points, is found by a run with a chance that does not depend on the
-- program.
local function tell_bound(self, out)
  if self.faults == 0 then return end
  local depths, head = math.min(self.faults, 4), { "faults" }
  for depth = 1, depths do head[depth + 1] = tostring(depth) end
  out[#out + 1] = "missed  what so many faults, each at one place, bring about: with a chance of at most"
  columns(out, head)
  for _, kind in ipairs(KINDS) do
    local row = { kind.name }
    for depth = 1, depths do
      row[depth + 1] = self.most[kind.name] >= depth and ("%.2g"):format(missed(self, kind.letter:rep(depth))) or "-"
    end
    if self.most[kind.name] > 0 then columns(out, row) end
  end
  local row = { "any" }
  for depth = 1, depths do row[depth + 1] = ("%.2g"):format(worst(self, depth)) end
  columns(out, row)
end

local function tell_failures(self, out)
  if #self.groups == 0 then return end
  out[#out + 1] = "fails   seeds  the first  with"
  for _, group in ipairs(self.groups) do
    out[#out + 1] = ("        %5d  %9d  %s"):format(group.count, group.seed, internal.escape("line", first_line(group.problem)))
  end
end

--- The statement, as lines.
function swarm.report(self)
  local struck = {}
  for _, kind in ipairs(KINDS) do
    if self.most[kind.name] > 0 then struck[#struck + 1] = ("%s %s"):format(kind.name, number(self.struck[kind.letter] or 0)) end
  end
  local out = {
    ("swarm   %s: %s pass, %s fail"):format(internal.sweep.count(self.seeds_done, "seed"), number(self.seeds_done - self.failed),
      number(self.failed)),
    ("        %d to %d arrivals in a run; faults that struck: %s"):format(self.least, self.largest,
      #struck > 0 and table.concat(struck, ", ") or "none"),
  }
  if self.seeds_done < #self.seeds then out[1] = out[1] .. (" (of %s)"):format(internal.sweep.count(#self.seeds, "seed")) end
  tell_bound(self, out)
  tell_failures(self, out)
  return table.concat(out, "\n") .. "\n"
end

-- All of it.

local function raise(self, small)
  local sets = {}
  for _, set in ipairs(small.sets) do sets[#sets + 1] = " --set " .. set end
  local faults = #small.plan > 0 and " --faults " .. table.concat(small.plan, ",") or ""
  internal.fail_expectation(("dw.swarm: %d of %d seeds fail; the first, %d, shrunk to %s: %s\n  (run it with --seed %d%s%s)"):format(
    self.failed, self.seeds_done, self.groups[1].seed, internal.sweep.count(#small.plan, "fault"), first_line(small.problem),
    small.seed, table.concat(sets), faults))
end

-- script: of the command, which shows what is told: its text, and how to make a function of such a text.
local function swarm_of(options, fn, script)
  local refused = internal.swarm_refused()
  if refused then fail("dw.swarm: " .. refused) end
  local self = read_options(options)
  self.fn, self.runs, self.seeds_done, self.failed, self.least, self.largest = fn, 0, 0, 0, math.maxinteger, 0
  self.kinds, self.groups, self.struck, self.drawn = {}, {}, {}, {}
  self.text, self.load, self.portion = script and script.text, script and script.load, script and script.portion
  try(self)
  run_all(self)
  if self.seeds_done == 0 then self.least = 0 end
  if self.failed == 0 then
    local report = swarm.report(self)
    internal.swarm_tell { report = report }
    return { seeds = self.seeds_done, report = report }
  end
  local small = swarm.shrink(self, self.groups[1])
  local why = script and script.why and swarm.why(self, small) or ""
  internal.swarm_tell { report = swarm.report(self) .. small.report .. why, failed = true, seed = small.seed,
                        plan = table.concat(small.plan, ","), sets = table.concat(small.sets, "\n"), small = small.script }
  raise(self, small)
end

--- Call fn with many seeds, each of which draws what its parameters may be, and faults.
function dw.swarm(options, fn)
  if type(fn) ~= "function" then
    fail(("dw.swarm: expected options and a function, got a %s and a %s"):format(type(options), type(fn)))
  end
  return swarm_of(options, fn)
end

-- drywire swarm: the whole script is the function.
internal.on_swarm(function(options, how, text, name, ...)
  local arguments = table.pack(...)
  local function load_text(code)
    local chunk = internal.load(code, name)
    return chunk and function() return chunk(table.unpack(arguments, 1, arguments.n)) end
  end
  how.text, how.load = text, load_text
  return swarm_of(options, load_text(text), how)
end)
