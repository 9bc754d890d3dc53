-- Two sweeps compared: value by value, and point by point as distributions.
local dw, internal = ...
local fail, sweep, statistics = internal.fail, internal.sweep, internal.statistics

local SIGNIFICANT = 0.05 -- after Holm's correction

-- Runs by what they are of: { [point] = { [seed] = values } }, points in order.

local function key_of(point) return dw.json.encode(point or {}) end

local function text_of(point)
  local parts = {}
  for name, value in pairs(point or {}) do parts[#parts + 1] = name .. " = " .. internal.escape("line", tostring(value)) end
  return #parts > 0 and table.concat(parts, ", ") or "all"
end

local function collect(lines)
  local out = { points = {}, order = {} }
  for _, line in ipairs(lines) do
    local record = internal.decode(line)
    local key = key_of(record.point)
    if not out.points[key] then
      out.points[key] = { text = text_of(record.point), runs = {}, seeds = {} }
      out.order[#out.order + 1] = key
    end
    local point, seed = out.points[key], record.seed or 0
    point.runs[seed] = record.values or (record.error and { [""] = record.error }) or {}
    point.seeds[#point.seeds + 1] = seed
  end
  return out
end

--- The lines of a record that is read only; a torn line at its end does not count.
function sweep.load(path, name)
  name = name or path
  local text = internal.record_read(path, name)
  local header = internal.decode(text:match "^[^\n]*")
  if type(header) ~= "table" or header.sweep == nil then fail(("%s is no record of a sweep"):format(name)) end
  local lines = {}
  for line in text:gmatch("([^\n]*)\n", (text:find("\n", 1, true) or #text) + 1) do
    local record = internal.decode(line)
    if type(record) ~= "table" or record.run == nil then fail(("%s: line %d is damaged"):format(name, #lines + 2)) end
    lines[#lines + 1] = line
  end
  return { lines = lines }
end

-- Value by value.
local function compare_exactly(old, new)
  local c = { equal = 0, differ = 0, only_old = 0, only_new = 0 }
  for _, key in ipairs(new.order) do
    local before, now = old.points[key], new.points[key]
    for _, seed in ipairs(now.seeds) do
      local a, b = before and before.runs[seed], now.runs[seed]
      if not a then
        c.only_new = c.only_new + 1
      elseif key_of(a) == key_of(b) then
        c.equal = c.equal + 1
      else
        c.differ = c.differ + 1
        if not c.first then
          c.first = ("%s, seed = %s: %s, now %s"):format(now.text, seed, key_of(a), key_of(b))
        end
      end
    end
  end
  for _, key in ipairs(old.order) do
    for _, seed in ipairs(old.points[key].seeds) do
      if not (new.points[key] and new.points[key].runs[seed]) then c.only_old = c.only_old + 1 end
    end
  end
  return c
end

-- The values of one name, in the order of seeds.
local function sample(point, name)
  local list = {}
  for _, seed in ipairs(point.seeds) do list[#list + 1] = point.runs[seed][name] end
  return list
end

local function mean(list)
  return #list > 0 and statistics.describe(list).mean or nil
end

local tests = { ["mann-whitney"] = { statistics.mann_whitney, "delta" }, welch = { statistics.welch, "d" } }

-- As distributions: a change for each point and name, with p and the effect.
local function compare_distributions(old, new, test)
  local changes, list = {}, {}
  for _, key in ipairs(new.order) do
    local before, now, names = old.points[key], new.points[key], {}
    for _, seed in ipairs(before and now.seeds or {}) do
      for name in pairs(now.runs[seed]) do names[name] = true end
    end
    names[""] = nil
    for name in pairs(names) do
      local a, b = sample(before, name), sample(now, name)
      local p, effect = test[1](a, b)
      if p then
        changes[#changes + 1] = { point = now.text, of = name, old = mean(a), new = mean(b), p = p, effect = effect }
        list[#list + 1] = p
      end
    end
  end
  for i, p in ipairs(statistics.holm(list)) do
    changes[i].holm = p
    changes[i].significant = p < SIGNIFICANT
  end
  return changes
end

local function percent(change)
  if not change.old or change.old == 0 then return "" end
  return (" (%+.3g %%)"):format((change.new - change.old) / math.abs(change.old) * 100)
end

local function text_of_diff(d, test, name)
  local out = {}
  local function put(...) out[#out + 1] = (...):format(select(2, ...)) end
  put("%s with the values they had, %d with others", sweep.count(d.equal, "run"), d.differ)
  if d.only_old + d.only_new > 0 then put("%s only there, %d only here", sweep.count(d.only_old, "run"), d.only_new) end
  if d.first then put("the first: %s", d.first) end
  put("%d of %d distributions have changed (%s, p < %g after Holm's correction)", d.significant, d.compared, name, SIGNIFICANT)
  for _, change in ipairs(d.changes) do
    if change.significant then
      put("  %s, %s: mean %.6g, was %.6g%s; p = %.3g, %s = %s", change.point, change.of, change.new, change.old, percent(change), change.holm,
        test[2], change.effect and ("%.3g"):format(change.effect) or "unbounded")
    end
  end
  return table.concat(out, "\n") .. "\n"
end

local function options_of(given)
  given = given or {}
  if type(given) ~= "table" then fail("result:diff: expected a table of options, got a " .. type(given)) end
  for name, value in pairs(given) do
    if name ~= "test" then internal.unknown_option(name, "result:diff", { "test" }) end
    if not tests[value] then fail(('result:diff.test: "%s" is not "mann-whitney" or "welch"'):format(tostring(value))) end
  end
  return given.test or "mann-whitney"
end

--- What differs between an old sweep (a result, or the name of its record) and a new one.
function sweep.diff(self, old, given)
  local name = options_of(given)
  if type(old) == "string" then old = sweep.load(internal.beside(old), "result:diff: " .. old) end
  if type(old) ~= "table" or type(old.lines) ~= "table" then
    fail("result:diff: expected another result, or the name of its record, got a " .. type(old))
  end
  local before, now = collect(old.lines), collect(self.lines)
  local d = compare_exactly(before, now)
  d.changes = compare_distributions(before, now, tests[name])
  d.compared, d.significant = #d.changes, 0
  for _, change in ipairs(d.changes) do d.significant = d.significant + (change.significant and 1 or 0) end
  d.same = d.differ == 0 and d.only_old == 0 and d.only_new == 0
  d.text = text_of_diff(d, tests[name], name)
  return d
end
