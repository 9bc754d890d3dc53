-- A failure that a swarm found, made small: a smaller one that still fails takes its place, until none does ("delta
-- debugging": Zeller and Hildebrandt, IEEE TSE 2002).  What came out is 1-minimal: each that is one step smaller was tried.
local _, internal = ...
local swarm, source = internal.swarm, internal.source

-- A case: { seed =, plan = { "5d", ... }, chosen = { name = which choice }, text = the script or nil }, and of the run that
-- fails asked, fixed and problem (see swarm.run).

local function with(case, changes)
  local new = { seed = case.seed, plan = case.plan, chosen = case.chosen, text = case.text, asked = case.asked }
  for name, value in pairs(changes) do new[name] = value end
  return new
end

local function key_of(case)
  local parts = { case.seed, table.concat(case.plan, ","), case.text or "" }
  for _, name in ipairs(case.asked) do parts[#parts + 1] = name .. "=" .. tostring(case.chosen[name]) end
  return table.concat(parts, "\n")
end

local function run(self, case, plan, chosen, seed)
  local fn = self.fn
  if case.text and case.text ~= self.text then fn = self.load(case.text) end
  if not fn then return nil end
  return swarm.run(self, fn, { seed = seed, plan = table.concat(plan, ","), chosen = chosen })
end

-- What makes it fail is left out: the faults; where there are none, what was drawn.
local function run_without_cause(self, case)
  if #case.plan > 0 then return run(self, case, {}, case.chosen, case.seed) end
  local simplest = {}
  for _, name in ipairs(case.asked) do simplest[name] = 1 end
  return run(self, case, {}, simplest, 1)
end

-- "fails" as the failure does; "passes"; "otherwise": it fails with other words; "broken": that shows nothing, since it fails
-- without what makes the failure, too, or by a mistake of its own.
local function verdict_of(self, case, outcome)
  if not outcome then return "broken" end
  if not outcome.problem then return "passes" end
  if case.text ~= self.whole and run_without_cause(self, case).problem then return "broken" end
  if swarm.kind(outcome.problem) == self.kind then return "fails" end
  return outcome.judged and "otherwise" or "broken"
end

-- In a piece of its own, so that each begins alike; nil: there were enough runs.
local function judge(self, case)
  local key = key_of(case)
  local known = self.judged[key]
  if not known then
    local enough = self.runs >= self.max_runs or internal.swarm_late()
    if enough and self.runs > 0 then self.ended = true return nil end -- what was found is run again in any case
    local why = internal.deal(1, { "" }, function()
      local outcome = run(self, case, case.plan, case.chosen, case.seed)
      known = { verdict = verdict_of(self, case, outcome), outcome = outcome or {} }
      return ""
    end, function() end)
    if why then internal.fail("dw.swarm: " .. why) end
    self.judged[key] = known
  end
  if known.outcome.problem then case.asked, case.fixed, case.problem = known.outcome.asked, known.outcome.fixed, known.outcome.problem end
  return known.verdict
end

-- Smaller cases.

local function without(list, first, last)
  local rest = table.move(list, 1, first - 1, 1, {})
  return table.move(list, last + 1, #list, first, rest)
end

-- Simpler than what befalls a packet are its loss, and less delay.
local function simpler_faults(fault)
  local packet, letter, wait, before = fault:match "^(%d+)(%a)(%d*)(%-?)$"
  local list = {}
  if not packet then return list end
  if letter ~= "d" then list[1] = packet .. "d" end
  for shorter = 1, tonumber(wait) or 0 do
    local is_same = shorter == tonumber(wait)
    if not (is_same and before == "-") then list[#list + 1] = ("%s%s%d-"):format(packet, letter, shorter) end
    if not is_same then list[#list + 1] = ("%s%s%d"):format(packet, letter, shorter) end
  end
  return list
end

local function add_plans(list, case)
  local plan = case.plan
  local size = #plan
  while size >= 1 do
    for first = 1, #plan, size do list[#list + 1] = with(case, { plan = without(plan, first, math.min(first + size - 1, #plan)) }) end
    size = size == 1 and 0 or (size + 1) // 2
  end
  for i, fault in ipairs(plan) do
    for _, simpler in ipairs(simpler_faults(fault)) do
      local other = table.move(plan, 1, #plan, 1, {})
      other[i] = simpler
      list[#list + 1] = with(case, { plan = other })
    end
  end
end

local function add_parameters(list, case)
  for _, name in ipairs(case.asked) do
    for index = 1, case.chosen[name] - 1 do
      local chosen = {}
      for other, value in pairs(case.chosen) do chosen[other] = value end
      chosen[name] = index
      list[#list + 1] = with(case, { chosen = chosen })
    end
  end
end

-- Each that is one step smaller, and some that are several; the script as well, where it is to be.
local function smaller(self, case)
  local list = {}
  add_plans(list, case)
  if case.seed ~= 1 then list[#list + 1] = with(case, { seed = 1 }) end
  add_parameters(list, case)
  if self.cuts then
    for _, text in ipairs(source.smaller(case.text)) do list[#list + 1] = with(case, { text = text }) end
  end
  return list
end

-- What is left out may have sent packets: a case in which the last faults, from one of them on, strike as many packets earlier.
local MOST_MOVED = 50

-- 0: it is none of a packet.
local function packet_of(fault) return tonumber(fault:match "^(%d+)%a") or 0 end

local function earlier(plan, first, by)
  local other = table.move(plan, 1, first - 1, 1, {})
  for i = first, #plan do other[i] = packet_of(plan[i]) - by .. plan[i]:match "^%d+(.*)" end
  return other
end

local function moved(case)
  local list, before = {}, 0
  for first, fault in ipairs(case.plan) do
    local packet = packet_of(fault)
    for by = 1, packet - before - 1 do
      if #list == MOST_MOVED then return list end
      list[#list + 1] = with(case, { plan = earlier(case.plan, first, by) })
    end
    before = packet
  end
  return list
end

local function pin(case)
  local chosen = {}
  for _, name in ipairs(case.asked) do chosen[name] = case.asked[name].index end
  case.chosen = chosen
  return case
end

-- As the failure does, as long as there is such a smaller one; then in any way, so that none is left that fails.
local function fails(self, case)
  local verdict = judge(self, case)
  return verdict == "fails" or (self.any and verdict == "otherwise"), verdict
end

-- Of a smaller case and those in which the faults strike earlier, the first that fails.
local function try(self, case)
  local does, verdict = fails(self, case)
  if does then return case end
  for _, other in ipairs(verdict == "passes" and moved(case) or {}) do
    if fails(self, other) then return other end
  end
end

local function first_that_fails(self, case)
  for _, other in ipairs(smaller(self, case)) do
    local failing = try(self, other)
    if failing then return pin(failing) end
  end
end

local function smallest(self, case)
  self.any = false
  while true do
    local other = first_that_fails(self, case)
    if not other and (self.any or self.ended) then return case end
    self.any = not other
    case = other or case
  end
end

-- What is told.

local function tally(self, case)
  local count, seen = { passes = 0, broken = 0 }, {}
  local function add(other)
    local key = key_of(other)
    local known = not seen[key] and self.judged[key]
    seen[key] = true
    if known then count[known.verdict] = count[known.verdict] + 1 end
    return known and known.verdict
  end
  for _, other in ipairs(smaller(self, case)) do
    if add(other) == "passes" then
      for _, further in ipairs(moved(other)) do add(further) end
    end
  end
  return count
end

-- What was tried last.
local function claim(self, case)
  if self.ended then return "not all smaller ones were tried" end
  local count = tally(self, case)
  local text = ("each of the %d smaller ones passes"):format(count.passes)
  if count.broken == 0 then return text end
  local cause = #case.plan > 0 and "faults" or "what was drawn"
  return ("%s; %d more are no tests (they fail without %s, or by a mistake of their own)"):format(text, count.broken, cause)
end

local function drawn_otherwise(case)
  local sets = {}
  for _, name in ipairs(case.asked) do
    if case.chosen[name] > 1 then sets[#sets + 1] = name .. "=" .. tostring(case.asked[name].value) end
  end
  return sets
end

local function size_of(case)
  local parts = { internal.sweep.count(#case.plan, "fault"), internal.sweep.count(#drawn_otherwise(case), "parameter") }
  if case.text then parts[3] = internal.sweep.count(source.count(case.text), "statement") end
  return table.concat(parts, ", ")
end

-- A script that fails by itself: what was drawn is written into it.
local function script_of(self, case, from, found)
  local known = {}
  for name, one in pairs(case.fixed) do known[name] = one end
  for _, name in ipairs(case.asked) do known[name] = case.asked[name] end
  local text = source.tidy(source.with_values(case.text, known))
  local head = { "-- " .. internal.escape("line", swarm.first_line(case.problem)),
                 ("-- Shrunk by drywire swarm from seed %d (%s): %s."):format(found.seed, from, claim(self, case)) }
  if case.seed ~= 1 then head[#head + 1] = ('require "drywire".seed(%d)'):format(case.seed) end
  head[#head + 1] = ('require "drywire".faults "%s"'):format(table.concat(case.plan, ","))
  return table.concat(head, "\n") .. "\n" .. text
end

--- The smallest case of the whole script that fails as the first of a kind does, with sets and report; and the smallest
--- script, in which the faults may be others.
function swarm.shrink(self, found)
  self.runs, self.judged, self.ended, self.kind = 0, {}, false, swarm.kind(found.problem)
  self.whole = self.text and source.tidy(self.text)
  local case = { seed = found.seed, plan = {}, chosen = {}, asked = {}, text = self.whole }
  for fault in found.plan:gmatch "[^,]+" do case.plan[#case.plan + 1] = fault end
  table.sort(case.plan, function(a, b) return packet_of(a) < packet_of(b) end)
  if judge(self, case) ~= "fails" then
    internal.fail(("dw.swarm: with seed %d and the same faults (%s) it does not fail again (drywire check says where runs differ)")
      :format(found.seed, found.plan))
  end
  pin(case)
  local from = size_of(case)
  case = smallest(self, case)
  if swarm.kind(case.problem) ~= self.kind then self.kind, self.judged = swarm.kind(case.problem), {} end
  self.cuts = self.text ~= nil
  local last = self.cuts and smallest(self, case) or case
  case.sets = drawn_otherwise(case)
  case.report = ("shrunk  seed %d: %s\n        to seed %d: %s\n        %s (%s)\n"):format(found.seed, from, last.seed, size_of(last),
    claim(self, last), internal.sweep.count(self.runs, "run"))
  if swarm.kind(last.problem) ~= swarm.kind(found.problem) then
    case.report = case.report .. "        it fails with: " .. internal.escape("line", swarm.first_line(last.problem)) .. "\n"
  end
  if self.cuts then case.script = script_of(self, last, from, found) end
  return case
end
