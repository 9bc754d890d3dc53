-- What came of a sweep: statistics of each point, as a table, CSV, JSON lines or a plot.
local dw, internal = ...
local fail, sweep, statistics = internal.fail, internal.sweep, internal.statistics

local Result = {}
local metatable = internal.new_type("drywire.Sweep", Result)

--- The object that a script has; self is of sweep.lua.
function sweep.new(self)
  self.measures = nil -- names of what fn returns, known with the first run
  return setmetatable({ errors = self.errors, runs = self.runs, points = self.points, parameters = self.parameters,
                        seeds = self.seeds, values = self.values, lines = self.lines }, metatable)
end

local function check_self(self, what)
  if type(self) ~= "table" or getmetatable(self) ~= metatable then
    fail(("result.%s: call it with a colon, result:%s()"):format(what, what))
  end
end

-- The values of one name at one point, in the order of seeds; and how many runs there failed.
local function sample(self, point, name)
  local count, list, failed = self.seeds and #self.seeds or 1, {}, 0
  for run = (point - 1) * count + 1, point * count do
    local values = self.values[run]
    if values then list[#list + 1] = values[name] end
    if self.failed[run] then failed = failed + 1 end
  end
  return list, failed
end

-- Which runs failed, and the point of each row.
local function prepare(self)
  self.failed = {}
  for _, err in ipairs(self.errors) do self.failed[err.run] = true end
  return self.seeds and #self.seeds or 1
end

--- A row for each name that fn returns, and each point.
function Result:rows()
  check_self(self, "rows")
  local rows, seeds = {}, prepare(self)
  for _, name in ipairs(self.measures or {}) do
    for point = 1, self.points do
      local values, failed = sample(self, point, name)
      local row = statistics.describe(values)
      row.of, row.errors, row.values = name, failed, values
      row.point = sweep.point_of(self, (point - 1) * seeds + 1)
      row.point.seed = nil
      rows[#rows + 1] = row
    end
  end
  return rows
end

-- As text.

local shown = { { "mean", "mean" }, { "deviation", "deviation" }, { "low", "95% low" }, { "high", "95% high" }, { "min", "min" },
                { "p5", "p5" }, { "p50", "p50" }, { "p95", "p95" }, { "max", "max" } }

local function number(value) return value and ("%.6g"):format(value) or "-" end

-- Rows of texts as columns: texts to the left, numbers to the right.
local function align(rows, left)
  local widths, out = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, utf8.len(cell) or #cell) end
  end
  for k, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      local gap = (" "):rep(widths[i] - (utf8.len(cell) or #cell))
      cells[i] = left[i] and cell .. gap or gap .. cell
    end
    out[k] = table.concat(cells, "  "):gsub(" +$", "")
  end
  return table.concat(out, "\n") .. "\n"
end

local function heading(self, with_errors)
  local head, left = {}, {}
  for i, parameter in ipairs(self.parameters) do
    head[i], left[i] = parameter.name, type(parameter.values[1]) ~= "number"
  end
  head[#head + 1] = "n"
  if with_errors then head[#head + 1] = "errors" end
  for _, column in ipairs(shown) do head[#head + 1] = column[2] end
  return head, left
end

--- Aligned, a table for each name that fn returns.
function Result:table()
  check_self(self, "table")
  local with_errors, tables = #self.errors > 0, {}
  local rows = self:rows()
  for _, name in ipairs(self.measures or {}) do
    local head, left = heading(self, with_errors)
    local lines = { head }
    for _, row in ipairs(rows) do
      if row.of == name then
        local line = {}
        for i, parameter in ipairs(self.parameters) do line[i] = internal.escape("line", tostring(row.point[parameter.name])) end
        line[#line + 1] = tostring(row.n)
        if with_errors then line[#line + 1] = tostring(row.errors) end
        for _, column in ipairs(shown) do line[#line + 1] = number(row[column[1]]) end
        lines[#lines + 1] = line
      end
    end
    local title = name ~= "value" and internal.escape("line", name) .. "\n" or ""
    tables[#tables + 1] = title .. align(lines, left)
  end
  if with_errors then
    local first = self.errors[1]
    tables[#tables + 1] = ("%d of %d runs failed; the first, %s: %s\n"):format(#self.errors, self.runs, sweep.text_of(self, first.run),
      first.message)
  end
  if #tables == 0 then return "no values\n" end
  return table.concat(tables, "\n")
end

-- Files.

local function csv_text(self)
  local head = { "of" }
  for _, parameter in ipairs(self.parameters) do head[#head + 1] = parameter.name end
  table.move({ "n", "errors", "mean", "deviation", "low", "high", "min", "p5", "p50", "p95", "max" }, 1, 11, #head + 1, head)
  local out = { table.concat(head, ",") }
  for _, row in ipairs(self:rows()) do
    local line = { internal.escape("csv", row.of) }
    for _, parameter in ipairs(self.parameters) do line[#line + 1] = internal.escape("csv", tostring(row.point[parameter.name])) end
    line[#line + 1] = tostring(row.n)
    line[#line + 1] = tostring(row.errors)
    for _, column in ipairs(shown) do line[#line + 1] = row[column[1]] and ("%.14g"):format(row[column[1]]) or "" end
    out[#out + 1] = table.concat(line, ",")
  end
  return table.concat(out, "\n") .. "\n"
end

local function check_file(file, what)
  if type(file) ~= "string" or file == "" then fail(("%s: expected the name of a file, got %s"):format(what, tostring(file))) end
  return internal.beside(file)
end

--- The rows, as a file.
function Result:csv(file)
  check_self(self, "csv")
  internal.write(check_file(file, "result:csv"), csv_text(self))
  return self
end

local function jsonl_text(self) return sweep.header(self) .. "\n" .. table.concat(self.lines, "\n") .. "\n" end

--- A line for each run, as the record of dw.sweep.
function Result:jsonl(file)
  check_self(self, "jsonl")
  internal.write(check_file(file, "result:jsonl"), jsonl_text(self))
  return self
end

-- A plot.

local known = { x = "string", y = "string", series = "string", where = "table", band = "string", title = "string", file = "string",
                log = "log", width = "number", height = "number", style = "string", divide = "number", top = "number",
                from = "number", to = "number", x_label = "string", y_label = "string" }

local function check_plot(given)
  if type(given) ~= "table" then fail("result:plot: expected a table of options, { x = \"loss\" } for example, got a " .. type(given)) end
  for name, value in pairs(given) do
    if not known[name] then internal.unknown_option(name, "result:plot", internal.names_of(known)) end
    if known[name] ~= "log" and type(value) ~= known[name] then fail(("result:plot.%s: expected a %s, got a %s"):format(name, known[name], type(value))) end
  end
end

local function parameter_of(self, name, what)
  local names = {}
  for _, parameter in ipairs(self.parameters) do
    if parameter.name == name then return parameter end
    names[#names + 1] = parameter.name
  end
  local near = internal.nearest(tostring(name), names)
  fail(("result:plot.%s: there is no parameter \"%s\"; %s"):format(what, tostring(name), near and ('did you mean "%s"?'):format(near)
    or "there are " .. table.concat(names, ", ")))
end

-- Numbers, also those of texts with one unit, "1%" and "5%": what to draw them at, and the unit.
local function places_of(parameter)
  local places, unit = {}, nil
  for _, value in ipairs(parameter.values) do
    local text, own = tostring(value):match "^(-?[%d.]+e?[-+]?%d*)%s*(.*)$"
    local place = type(value) == "number" and value or tonumber(text)
    if type(value) == "boolean" or not place or (unit and own ~= unit) then
      fail(("result:plot.x: %s has values that lie on no axis: %s and %s; write numbers, or texts with one unit"):format(parameter.name,
        tostring(parameter.values[1]), tostring(value)))
    end
    unit, places[value] = own, place
  end
  return places, unit ~= "" and unit or nil
end

-- The parameters that tell lines apart: those with several values that are neither on the axis nor fixed.
local function free_parameters(self, o)
  local free = {}
  for _, parameter in ipairs(self.parameters) do
    local fixed = o.where and o.where[parameter.name] ~= nil
    if parameter.name ~= o.x and not fixed and #parameter.values > 1 then free[#free + 1] = parameter end
  end
  if o.series then
    parameter_of(self, o.series, "series")
    for _, parameter in ipairs(free) do
      if parameter.name ~= o.series then
        fail(("result:plot: %s has %d values; choose one, where = { %s = ... }, or leave series out"):format(parameter.name,
          #parameter.values, parameter.name))
      end
    end
  end
  return free
end

local function check_where(self, where)
  for name, wanted in pairs(where or {}) do
    local there = false
    for _, value in ipairs(parameter_of(self, name, "where").values) do there = there or value == wanted end
    if not there then fail(("result:plot.where: %s has no value %s"):format(name, tostring(wanted))) end
  end
end

local function is_wanted(point, where)
  for name, value in pairs(where or {}) do
    if point[name] ~= value then return false end
  end
  return true
end

local function measure_of(self, name)
  local measures = self.measures or {}
  if not name and #measures == 1 then return measures[1] end
  for _, known_name in ipairs(measures) do
    if known_name == name then return name end
  end
  local near = name and internal.nearest(name, measures)
  local have = #measures > 0 and "there are " .. table.concat(measures, ", ") or "no run returned anything"
  fail(("result:plot.y: %s; %s"):format(name and ('nothing is called "%s"'):format(name) or "which of the values?",
    near and ('did you mean "%s"?'):format(near) or have))
end

-- What is drawn of a row: a value, and what is around it.
local bands = {
  ci = function(row) return row.mean, row.low, row.high end,
  ["p5-p95"] = function(row) return row.p50, row.n > 1 and row.p5 or nil, row.n > 1 and row.p95 or nil end,
  none = function(row) return row.mean end,
}

local function lines_of(self, o, measure, places)
  local free, lines, by_label = free_parameters(self, o), {}, {}
  for _, row in ipairs(self:rows()) do
    if row.of == measure and row.n > 0 and is_wanted(row.point, o.where) then
      local parts = {}
      for _, parameter in ipairs(free) do parts[#parts + 1] = tostring(row.point[parameter.name]) end
      local label = table.concat(parts, ", ")
      if not by_label[label] then
        by_label[label] = { label = label ~= "" and label or nil, points = {}, style = "line", markers = true, band = true }
        lines[#lines + 1] = by_label[label]
      end
      local points, value, low, high = by_label[label].points, bands[o.band or "ci"](row)
      points[#points + 1] = { places[row.point[o.x]], value, low, high }
    end
  end
  for _, line in ipairs(lines) do table.sort(line.points, function(a, b) return a[1] < b[1] end) end
  return lines
end

--- Draw one name over one parameter: a line for each value of the others, with the 95 % confidence of the mean around it,
--- or (band = "p5-p95") the median with the percentiles.
function Result:plot(o)
  check_self(self, "plot")
  check_plot(o)
  if o.band and not bands[o.band] then fail(('result:plot.band: "%s" is not "ci", "p5-p95" or "none"'):format(o.band)) end
  local measure = measure_of(self, o.y)
  local places, unit = places_of(parameter_of(self, o.x, "x"))
  check_where(self, o.where)
  local x = o.x_label or unit and ("%s (%s)"):format(o.x, unit) or o.x
  return dw.plot(lines_of(self, o, measure, places), {
    title = o.title, file = o.file, log = o.log, width = o.width, height = o.height, style = o.style, divide = o.divide,
    top = o.top, from = o.from, to = o.to, x = x, y = o.y_label or measure })
end

--- How it differs from another one: a result, or the name of a record.
function Result:diff(old, given)
  check_self(self, "diff")
  return sweep.diff(self, old, given)
end

-- What drywire sweep wants.

--- The file for the so manieth sweep of a script: FILE, FILE-2.
function sweep.numbered(path, n)
  if n == 1 then return path end
  local front, ending = path:match "^(.*[^/])(%.[^./]*)$"
  return ("%s-%d%s"):format(front or path, n, ending or "")
end

function sweep.outputs(self, wanted)
  if wanted.tables then print((wanted.number > 1 and "\n" or "") .. self:table():gsub("\n$", "")) end
  if wanted.csv then internal.write(sweep.numbered(wanted.csv, wanted.number), csv_text(self)) end
  if not wanted.against then return end
  local diff = sweep.diff(self, sweep.load(sweep.numbered(wanted.against, wanted.number)), {})
  print((wanted.tables and "\n" or "") .. diff.text:gsub("\n$", ""))
  if wanted.exact and not diff.same then
    internal.fail_late("dw.sweep: the values are not those of " .. wanted.against, true)
  elseif diff.significant > 0 then
    internal.fail_late(("dw.sweep: %d of %d distributions have changed against %s"):format(diff.significant, diff.compared, wanted.against), true)
  end
end
