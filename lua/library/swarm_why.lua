-- Where a failure was decided: all that comes after an arrival is drawn anew, many times, and how often it then fails is the
-- chance that the failure had at that moment.  Where the chance jumps, it was decided.
local dw, internal = ...
local swarm = internal.swarm

local REDRAWS = 100

-- The faults of a plan by their packets.
local function by_packet(plan)
  local faults = {}
  for _, fault in ipairs(plan) do faults[tonumber(fault:match "^(%d+)%a")] = fault end
  return faults
end

-- Those that strike one of the first arrivals.
local function up_to(faults, arrivals, count)
  local list = {}
  for i = 1, count do list[#list + 1] = faults[arrivals[i]] end
  return table.concat(list, ",")
end

-- Of so many runs that are the same up to an arrival, how many fail as this one does.
local function failures_behind(self, case, points, arrivals, count)
  local failed, plan = 0, up_to(by_packet(case.plan), arrivals, count)
  for i = 1, REDRAWS do
    local outcome = swarm.run(self, self.fn, {
      seed = case.seed, chosen = case.chosen, plan = plan, behind = count, redraw = true, faults = self.faults, most = self.most,
      points = points, draws = internal.draw(case.seed, ("why %d %d"):format(count, i), math.maxinteger),
    })
    if outcome.problem and swarm.kind(outcome.problem) == self.kind then failed = failed + 1 end
  end
  return failed
end

-- One piece of work, done here.
local function once(perform)
  local result
  local why = internal.deal(1, { "" }, perform, function(_, text) result = text end)
  if why then internal.fail("dw.swarm: " .. why) end
  return result
end

-- The arrivals of the run that fails, what they are, and among how many faults strike.
local function look_at(self, case)
  local seen, points
  once(function()
    points = swarm.points(self, swarm.run(self, self.fn, { seed = case.seed, chosen = case.chosen }))
    seen = swarm.run(self, self.fn, { seed = case.seed, chosen = case.chosen, plan = table.concat(case.plan, ","), labels = true })
    return ""
  end)
  return seen, points
end

local function chances(self, case, seen, points)
  local list, pieces = {}, {}
  for i = 0, #seen.arrivals do pieces[i + 1] = tostring(i) end
  local why = internal.deal(internal.jobs() or self.jobs, pieces,
    function(piece) return tostring(failures_behind(self, case, points, seen.arrivals, tonumber(piece))) end,
    function(i, failed) list[i] = tonumber(failed) end)
  if why then internal.fail("dw.swarm: " .. why) end
  return list
end

-- The arrival behind which the chance is higher by the most than before; 0: none.
local function jump(list)
  local at, most = 0, 0
  for i = 2, #list do
    if list[i] - list[i - 1] > most then at, most = i - 1, list[i] - list[i - 1] end
  end
  return at
end

local function table_of(case, seen, list)
  local faults, decided = by_packet(case.plan), jump(list)
  local out = { ("why     how often it fails so, of %d runs in which all behind an arrival is drawn anew"):format(REDRAWS),
                ("        %5d  before the first"):format(list[1]) }
  for i, packet in ipairs(seen.arrivals) do
    local fault = faults[packet]
    out[#out + 1] = ("      %s %5d  %s%s"):format(i == decided and ">" or " ", list[i + 1],
      seen.labels[i] ~= "" and seen.labels[i] or "#" .. packet, fault and "  <- " .. fault or "")
  end
  return table.concat(out, "\n") .. "\n"
end

--- Lines that say so, and a plot.
function swarm.why(self, case)
  local seen, points = look_at(self, case)
  local list, series = chances(self, case, seen, points), {}
  for i, failed in ipairs(list) do series[i] = { i - 1, failed * 100 / REDRAWS } end
  series.style = "steps"
  return table_of(case, seen, list) .. dw.plot(series, { title = swarm.kind(case.problem), x = "arrivals that stay", y = "% fail" }) .. "\n"
end
