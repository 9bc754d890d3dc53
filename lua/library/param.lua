-- dw.param: what the command line may set; with a list of values, what a swarm may draw.
local dw, internal = ...
local fail = internal.fail

local function check_values(name, default, values)
  if type(values) ~= "table" or #values == 0 then
    fail(("dw.param: %s: expected a list of values that a swarm may draw, got %s"):format(name,
      type(values) == "table" and "none" or "a " .. type(values)))
  end
  for i, value in ipairs(values) do
    local kind = type(value)
    if kind ~= "number" and kind ~= "string" and kind ~= "boolean" then
      fail(("dw.param: %s: value %d is a %s; a value is a number, a text or a boolean"):format(name, i, kind))
    elseif kind ~= type(default) then
      fail(("dw.param: %s: value %d is a %s, and the default a %s"):format(name, i, kind, type(default)))
    end
  end
end

-- The default is the simplest, then they come in their order.
local function choices_of(default, values)
  local choices = { default }
  for _, value in ipairs(values) do
    if value ~= default then choices[#choices + 1] = value end
  end
  return choices
end

-- A run of a swarm knows what it was asked for, in that order.
local function draw(run, name, default, values)
  local choices = choices_of(default, values)
  local index = math.min(run.chosen[name] or internal.draw(run.seed, "param " .. name, #choices), #choices)
  if not run.asked[name] then run.asked[#run.asked + 1] = name end
  run.asked[name] = { index = index, value = choices[index] }
  return choices[index]
end

--- A parameter: what --set says, or else the default.
function dw.param(name, default, values)
  local value, given = internal.param(name, default)
  if values ~= nil then check_values(name, default, values) end
  local run = internal.swarm_drawing -- see swarm.lua
  if not run then return value end
  if values ~= nil and not given then return draw(run, name, default, values) end
  run.fixed[name] = { value = value }
  return value
end
