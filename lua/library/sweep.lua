-- dw.sweep: a function at every point of a product of parameters, with many seeds.  This file reads what it is given and
-- has the runs done; sweep_record.lua keeps them in a file, sweep_result.lua has what came of them, sweep_diff.lua compares.
local dw, internal = ...
local fail = internal.fail
local pcall = pcall
local sweep = {}
internal.sweep = sweep

local MAX_RUNS = 1000000

--- "1 run", "2,700 runs"
function sweep.count(n, word)
  return ("%s %s%s"):format(internal.plot.number(n), word, n == 1 and "" or "s")
end

-- Lists of values.

local function finite(value) return type(value) == "number" and value - value == 0 end

local function check_number(value, what)
  if not finite(value) then fail(("%s: expected a number, got %s"):format(what, tostring(value))) end
  return value
end

--- a, a + step ... up to b: what is computed from whole numbers is whole.
function dw.range(a, b, step)
  step = step == nil and 1 or step
  check_number(a, "dw.range: from")
  check_number(b, "dw.range: to")
  if check_number(step, "dw.range: step") == 0 then fail "dw.range: a step of 0 leads nowhere" end
  local count = math.floor((b - a) / step + 1e-9)
  if count < 0 then fail(("dw.range: from %s to %s there is no step of %s"):format(a, b, step)) end
  if count >= MAX_RUNS then fail(("dw.range: more than %d values"):format(MAX_RUNS)) end
  local list = {}
  for i = 0, count do list[i + 1] = a + i * step end
  return list
end

--- n values from a to b, each the same number of times the one before.
function dw.logspace(a, b, n)
  check_number(a, "dw.logspace: from")
  check_number(b, "dw.logspace: to")
  if a <= 0 or b <= 0 then fail "dw.logspace: from and to are above 0" end
  if math.type(n) ~= "integer" or n < 2 or n > MAX_RUNS then
    fail(("dw.logspace: expected how many values, from 2 on, got %s"):format(tostring(n)))
  end
  local list = {}
  for i = 0, n - 1 do
    local value = math.exp(math.log(a) + (math.log(b) - math.log(a)) * i / (n - 1))
    list[i + 1] = tonumber(("%.12g"):format(value)) -- 0.01, not 0.010000000000000002
  end
  list[1], list[n] = a, b
  return list
end

-- The space.

-- Columns of tables, besides parameters.
local columns = { of = true, n = true, errors = true, mean = true, deviation = true, low = true, high = true, min = true,
                  max = true, p5 = true, p50 = true, p95 = true }

local function check_values(name, values)
  local what = "dw.sweep: " .. name
  if type(values) ~= "table" then
    fail(("%s: expected a list of values, { %s } for example, got a %s"):format(what, tostring(values), type(values)))
  end
  local count, seen, kind = 0, {}, type(values[1])
  for _ in pairs(values) do count = count + 1 end
  if count == 0 then fail(what .. " has no values") end
  if count ~= #values then fail(what .. ": expected a list of values; it has names, or holes") end
  for i, value in ipairs(values) do
    local is = type(value)
    if is ~= "number" and is ~= "string" and is ~= "boolean" then
      fail(("%s: value %d is a %s; a value is a number, a text or a boolean"):format(what, i, is))
    elseif is ~= kind then
      fail(("%s: value %d is a %s, and the first one a %s"):format(what, i, is, kind))
    elseif is == "number" and not finite(value) then
      fail(("%s: value %d is %s"):format(what, i, value))
    elseif seen[value] then
      fail(("%s: value %d, %s, is there already"):format(what, i, value))
    elseif name == "seed" and math.type(value) ~= "integer" then
      fail(("%s: a seed is a whole number, not %s"):format(what, tostring(value)))
    end
    seen[value] = true
  end
  return table.move(values, 1, #values, 1, {})
end

local function add_parameter(list, name, values)
  if type(name) ~= "string" or not name:find "^[%a_][%w_]*$" then
    fail(('dw.sweep: a parameter has a name of letters, digits and "_", not %s'):format(tostring(name)))
  end
  if columns[name] then fail(('dw.sweep: "%s" is a column of its tables; give the parameter another name'):format(name)) end
  for _, other in ipairs(list) do
    if other.name == name then fail(("dw.sweep: %s is there twice"):format(name)) end
  end
  list[#list + 1] = { name = name, values = check_values(name, values) }
end

-- { loss = LIST, cc = LIST } in the order of names, or { { loss = LIST }, { cc = LIST } } in this one; the seed comes last.
local function parameters_of(space)
  if type(space) ~= "table" then
    fail("dw.sweep: expected parameters, { loss = { ... }, seed = dw.range(1, 10) } for example, got a " .. type(space))
  end
  local list, seeds = {}, nil
  if space[1] ~= nil then
    for i, one in pairs(space) do
      local name, values
      if type(one) == "table" then name, values = next(one) end
      if math.type(i) ~= "integer" or name == nil or next(one, name) ~= nil then
        fail(("dw.sweep: where the order matters, parameter %s is { name = { values } }"):format(tostring(i)))
      end
      add_parameter(list, name, values)
    end
  else
    for name, values in pairs(space) do add_parameter(list, name, values) end
  end
  if #list == 0 then fail "dw.sweep: there are no parameters" end
  for i, parameter in ipairs(list) do
    if parameter.name == "seed" then seeds = table.remove(list, i).values break end
  end
  return list, seeds
end

-- The run with this number: the last parameter changes first, and the seed before that.
local function point_of(self, run)
  local rest = run - 1
  local count = self.seeds and #self.seeds or 1
  local point = { seed = self.seeds and self.seeds[rest % count + 1] }
  rest = rest // count
  for i = #self.parameters, 1, -1 do
    local values = self.parameters[i].values
    point[self.parameters[i].name] = values[rest % #values + 1]
    rest = rest // #values
  end
  return point
end
sweep.point_of = point_of

--- "loss = 1%, cc = reno, seed = 7"
function sweep.text_of(self, run)
  local point, parts = point_of(self, run), {}
  for _, parameter in ipairs(self.parameters) do
    parts[#parts + 1] = parameter.name .. " = " .. internal.escape("line", tostring(point[parameter.name]))
  end
  if point.seed then parts[#parts + 1] = "seed = " .. point.seed end
  return #parts > 0 and table.concat(parts, ", ") or "no parameters"
end

-- Options.

local known = { file = "string", jobs = "number", max_runs = "number", progress = "boolean" }

local function check_options(given)
  if given == nil then return {} end
  if type(given) ~= "table" then fail("dw.sweep: expected a table of options, got a " .. type(given)) end
  for name, value in pairs(given) do
    if not known[name] then internal.unknown_option(name, "dw.sweep", internal.names_of(known)) end
    if type(value) ~= known[name] then fail(("dw.sweep.%s: expected a %s, got a %s"):format(name, known[name], type(value))) end
    if known[name] == "number" and (math.type(value) ~= "integer" or value < 1) then
      fail(("dw.sweep.%s: expected a whole number from 1 on, got %s"):format(name, value))
    end
  end
  if given.jobs and given.jobs > 256 then fail(("dw.sweep.jobs: expected 1 to 256, got %d"):format(given.jobs)) end
  return given
end

-- A run.

-- What fn returned as { name = number }, or what is wrong with it.
local function values_of(value)
  if value == nil then return nil end
  if type(value) == "number" then value = { value = value } end
  if type(value) ~= "table" then
    local text = type(value) == "string" and ('"%s"'):format(value) or tostring(value)
    return nil, ("the function returned a %s, %s; expected a number, a table of named numbers, or nil"):format(type(value),
      internal.escape("line", text))
  end
  local out = {}
  for name, number in pairs(value) do
    if type(name) ~= "string" then return nil, "the function returned a table with a value that has no name" end
    if type(number) ~= "number" then
      return nil, ("the function returned %s = %s, a %s; expected a number"):format(name, tostring(number), type(number))
    end
    if not finite(number) then return nil, ("the function returned %s = %s"):format(name, number) end
    out[name] = number + 0.0
    if out[name] == 0 then out[name] = 0.0 end -- there is no -0
  end
  if next(out) == nil then return nil, "the function returned an empty table" end
  return out
end

-- A line of the record.
local function perform(self, fn, run)
  local point = point_of(self, run)
  local record = { run = run, seed = point.seed, point = point_of(self, run) }
  record.point.seed = nil
  if next(record.point) == nil then record.point = nil end
  internal.piece_seed(point.seed)
  local ok, value = pcall(fn, point)
  if ok then
    record.values, record.error = values_of(value)
  else
    record.error = internal.escape("line", tostring(value))
    record.failed = internal.is_assertion(value) or nil
  end
  return dw.json.encode(record)
end

local function names_text(values)
  local names = {}
  for name in pairs(values) do names[#names + 1] = name end
  return table.concat(names, ", ")
end

-- Every run has to return the same names; the first one says which.
local function accept(self, run, line)
  local record = internal.decode(line)
  if record.values then
    local names = names_text(record.values)
    if not self.measures then
      self.measures, self.names_text = {}, names
      for name in pairs(record.values) do self.measures[#self.measures + 1] = name end
    elseif names ~= self.names_text then
      record.error = ("the function returned %s here, and %s before"):format(names, self.names_text)
      record.values = nil
      line = dw.json.encode(record)
    end
  end
  if record.error then
    self.errors[#self.errors + 1] = { point = point_of(self, run), run = run, message = record.error, failed = record.failed }
  end
  self.values[run] = record.values or false
  self.lines[run] = line
  return line
end

local function run_all(self, fn, first, jobs, record)
  local pieces = {}
  for run = first, self.runs do pieces[#pieces + 1] = tostring(run) end
  local why, which = internal.deal(jobs, pieces, function(piece) return perform(self, fn, tonumber(piece)) end,
    function(i, line)
      line = accept(self, first + i - 1, line)
      if record then internal.record_add(record, line .. "\n") end
    end)
  internal.piece_seed(nil)
  if why and which > 0 then why = ("%s: %s"):format(why, sweep.text_of(self, first + which - 1)) end
  if why then fail("dw.sweep: " .. why) end
end

local function check_place(wanted, seeds)
  if internal.in_piece() then fail "dw.sweep: a sweep inside the function of another one; make it one sweep over all parameters" end
  if wanted.running then fail "dw.sweep: not from within a running simulation" end
  if wanted.exploring then fail "dw.sweep: not from within the function of dw.explore" end
  if wanted.seed_given and seeds then
    fail(("--seed would give one seed to all simulations of this script, which sweeps over %d of them; leave it out"):format(#seeds))
  end
end

local function say_size(self, o, seeds)
  if o.progress == false or not internal.counting(self.runs) or self.runs < 1000 then return end
  io.stderr:write(("dw.sweep: %s: %s, %s\n"):format(sweep.count(self.runs, "run"), sweep.count(self.points, "point"),
    sweep.count(seeds, "seed")))
end

local function tell_errors(self)
  if #self.errors == 0 then return end
  local first = self.errors[1]
  internal.fail_late(("dw.sweep: %d of %d runs failed; the first, %s: %s"):format(#self.errors, self.runs,
    sweep.text_of(self, first.run), first.message), first.failed)
end

--- Call fn(point) at every point of a product of parameters and with each seed.
function dw.sweep(space, fn, given)
  local wanted = internal.sweep_wanted()
  local parameters, seeds = parameters_of(space)
  if type(fn) ~= "function" then fail("dw.sweep: expected a function to call at each point, got a " .. type(fn)) end
  local o = check_options(given)
  check_place(wanted, seeds)
  local points = 1
  for _, parameter in ipairs(parameters) do points = points * #parameter.values end
  local self = sweep.new { parameters = parameters, seeds = seeds, points = points, runs = points * (seeds and #seeds or 1),
                           values = {}, lines = {}, errors = {} }
  local most = o.max_runs or MAX_RUNS
  if self.runs > most then
    fail(("dw.sweep: that is %s (%s, %s); more than %s have to be meant: max_runs = %d"):format(sweep.count(self.runs, "run"),
      sweep.count(points, "point"), sweep.count(seeds and #seeds or 1, "seed"), internal.plot.number(most), self.runs))
  end
  local record, done = sweep.open_record(self, o, wanted)
  for run, line in ipairs(done) do accept(self, run, line) end
  say_size(self, o, seeds and #seeds or 1)
  run_all(self, fn, #done + 1, internal.jobs() or o.jobs or 1, record)
  if record then internal.record_close(record) end
  tell_errors(self)
  sweep.outputs(self, wanted)
  return self
end
