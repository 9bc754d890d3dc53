-- The axes of a plot: where they begin and end, where their marks are, and where a value lies on them.
local _, internal = ...
local fail, plot = internal.fail, internal.plot

local function finite(value)
  return value - value == 0
end

-- A step that makes a readable scale of about so many marks: 1, 2 or 5 times a power of ten.
local function step_for(span, marks)
  local power = 1.0
  while power * 10 <= span / marks do power = power * 10 end
  while power > span / marks do power = power / 10 end
  for _, factor in ipairs { 1, 2, 5, 10 } do
    if power * factor * marks >= span then return power * factor end
  end
  return power * 10
end

function plot.number(value)
  local whole = value == math.floor(value) and math.abs(value) < 1e12
  local text = whole and ("%.0f"):format(value) or ("%.6g"):format(value)
  if not text:find("[e.]") then
    local n = 1
    while n > 0 do text, n = text:gsub("^(-?%d+)(%d%d%d)", "%1,%2") end
  end
  return text
end

-- The end of an axis: where it would have no length, or none that its numbers can be divided by, one that it has.
local function beyond(low, high, what)
  local least = math.max(math.abs(low), math.abs(high), 1e-280) * 1e-12
  if high - low == math.huge then
    fail(("dw.plot: %s from %g to %g are too far apart to draw"):format(what, low, high))
  end
  if high - low > least then return high end
  return low + math.max(1, least * 1e3)
end

-- Marks of an axis: multiples of a step between low and high.
local function linear_marks(low, high, count)
  local step, marks = step_for(high - low, count), {}
  local first = math.ceil(low / step - 1e-9)
  for i = 0, 2 * count + 2 do
    local at = (first + i) * step
    if at > high + step * 1e-9 then break end
    marks[#marks + 1] = math.abs(at) < step * 1e-9 and 0 or at
  end
  return marks
end

-- Whether a logarithmic axis is so short that it has marks at 2 and 5, too.
local function has_fives(low, high) return math.log(high / low, 10) <= 3 + 1e-9 end

-- The 1, 2 or 5 times a power of ten from which an axis on that begins, or up to which it goes.
local function round_down(value)
  local power = 10.0 ^ math.floor(math.log(value, 10) + 1e-9)
  for _, factor in ipairs { 5, 2 } do
    if factor * power <= value * (1 + 1e-9) then return factor * power end
  end
  return power
end

local function round_up(value)
  local power = 10.0 ^ math.floor(math.log(value, 10) + 1e-9)
  for _, factor in ipairs { 1, 2, 5 } do
    if factor * power >= value * (1 - 1e-9) then return factor * power end
  end
  return 10 * power
end

-- Powers of ten; where these are few, 1, 2 and 5 times them; where they are many, some.
local function log_marks(low, high, count)
  local first, last = math.floor(math.log(low, 10) - 1e-9), math.ceil(math.log(high, 10) + 1e-9)
  local every, marks = math.max(1, math.ceil((last - first) / count)), {}
  local factors = { 1 }
  if has_fives(low, high) then factors, every = { 1, 2, 5 }, 1 end
  for power = first, last, every do
    for _, factor in ipairs(factors) do
      local at = factor * 10.0 ^ power
      if finite(at) and at >= low * (1 - 1e-9) and at <= high * (1 + 1e-9) then marks[#marks + 1] = at end
    end
  end
  return marks
end

--- Marks between the ends of an axis, about so many.
function plot.marks(axis, count)
  local marks = axis.log and log_marks(axis.low, axis.high, count) or linear_marks(axis.low, axis.high, count)
  if axis.log and #marks == 0 then marks = { axis.low, axis.high } end
  return marks
end

--- Where a value lies between the ends of an axis: 0 to 1, or beyond.
function plot.part(axis, value)
  if not axis.log then return (value - axis.low) / (axis.high - axis.low) end
  if value <= 0 then return -1 end
  local whole, part = axis.high / axis.low, value / axis.low
  if finite(whole) and finite(part) and part > 0 then return math.log(part, 10) / math.log(whole, 10) end
  local low = math.log(axis.low, 10)
  return (math.log(value, 10) - low) / (math.log(axis.high, 10) - low)
end

-- What the values of a point reach: itself, and its error.
local function extent(point)
  local low, high = point[2], point[2]
  if point[3] and not point[4] then low, high = low - math.abs(point[3]), high + math.abs(point[3]) end
  if point[4] then low, high = math.min(low, point[3], point[4]), math.max(high, point[3], point[4]) end
  return low, high
end
plot.extent = extent

-- Values as they are drawn, and without those that a logarithmic axis has no place for.
local function divided(points, divide, log_x, log_y)
  local list = {}
  for _, point in ipairs(points) do
    local value = point[2] / divide
    if not finite(value) then fail(("dw.plot: %g divided by %g is too large to draw"):format(point[2], divide)) end
    if not (log_x and point[1] <= 0) and not (log_y and value <= 0) then
      list[#list + 1] = { point[1], value, point[3] and point[3] / divide, point[4] and point[4] / divide }
    end
  end
  return list
end

local function is_log(o, axis)
  return o.log ~= nil and o.log:find(axis, 1, true) ~= nil
end

-- Up to the next mark where that is near: what ends a little before 20 has a mark there.
local function to_a_near_mark(low, high, count)
  local step = step_for(high - low, count)
  local mark = math.ceil(high / step - 1e-9) * step
  return finite(mark) and mark - high <= (high - low) / 50 and mark or high
end

-- The common axis of times.
local function times(panels, o)
  local first, last
  local log = is_log(o, "x")
  for _, panel in ipairs(panels) do
    for _, line in ipairs(panel.lines) do
      for _, point in ipairs(line.points) do
        if not first or point[1] < first then first = point[1] end
        if not last or point[1] > last then last = point[1] end
      end
    end
  end
  local axis = { log = log, high = o.to or last or 1, empty = first == nil }
  if log then
    axis.low = o.from or first or 1
    if axis.low <= 0 then fail(("dw.plot.from: a logarithmic axis begins above 0, not at %g"):format(axis.low)) end
    if axis.high <= axis.low then axis.high = axis.low * 10 end
    return axis
  end
  axis.low = o.from
  if not axis.low then -- from the beginning of the run, where that costs little room
    axis.low = first and (first < 0 or first > axis.high / 4) and first or 0
  end
  axis.high = beyond(axis.low, axis.high, "times")
  if not o.to then axis.high = to_a_near_mark(axis.low, axis.high, 8) end
  return axis
end

-- Up to a mark, so that the highest value has one above it.
local function up_to_a_mark(value, low, count)
  local step = step_for(value - low, count)
  local high = math.ceil(value / step - 1e-9) * step
  return finite(high) and high or value
end

-- The value itself where there is no such number.
local function power_of_ten(value, exponent)
  local power = 10.0 ^ exponent
  return power > 0 and finite(power) and power or value
end

local function check_top(top, low)
  if top <= low then fail(("dw.plot.top: %g is not above %g, where the axis begins"):format(top, low)) end
end

local function values(panel, o)
  local axis = { log = panel.log }
  local most, least = nil, nil
  for _, line in ipairs(panel.lines) do
    for _, point in ipairs(line.points) do
      if point[1] >= (o.from or point[1]) and point[1] <= (o.to or point[1]) then
        local low, high = extent(point)
        if axis.log and low <= 0 then low = point[2] end
        if not most or high > most then most = high end
        if not least or low < least then least = low end
      end
    end
  end
  if axis.log then
    if panel.top then check_top(panel.top, 0) end
    axis.low, axis.high = least or panel.top and panel.top / 10 or 1, panel.top or most or 10
    least, most = axis.low, axis.high
    axis.low = round_down(least)
    if not panel.top then axis.high = round_up(most) end
    if not has_fives(axis.low, math.max(axis.high, axis.low)) then
      axis.low = power_of_ten(least, math.floor(math.log(least, 10) + 1e-9))
      if not panel.top then axis.high = power_of_ten(most, math.ceil(math.log(most, 10) - 1e-9)) end
    end
    if panel.top then check_top(panel.top, axis.low) end
    if axis.high <= axis.low then axis.high = axis.low * 10 end
    return axis
  end
  axis.least = math.min(least or 0, 0)
  if panel.top then check_top(panel.top, axis.least) end
  axis.most = beyond(axis.least, panel.top or most or 1, "values")
  axis.given = panel.top ~= nil
  return axis
end

--- Let an axis of values with about so many marks begin and end at one.
function plot.fit(axis, count)
  if axis.log then return end
  axis.low, axis.high = axis.least, axis.most
  if not axis.given then axis.high = up_to_a_mark(axis.high, axis.low, count) end
  if axis.low < 0 then axis.low = -up_to_a_mark(-axis.low, -axis.high, count) end
  axis.high = beyond(axis.low, axis.high, "values")
end

--- Both axes of each panel: panel.x, which all share, and panel.axis.
function plot.measure(panels, o)
  for _, panel in ipairs(panels) do
    if panel.log == nil then panel.log = is_log(o, "y") end
    for _, line in ipairs(panel.lines) do line.points = divided(line.points, panel.divide or 1, is_log(o, "x"), panel.log) end
  end
  local x = times(panels, o)
  for _, panel in ipairs(panels) do
    panel.x = x
    panel.axis = values(panel, o)
    plot.fit(panel.axis, 5)
  end
end
