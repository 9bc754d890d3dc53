-- dw.expect of a plain value: what assert(a == b) does not say is what a and b were.
local dw, internal = ...
local Value = internal.methods "drywire.Value"

-- A text from around the octet that matters.
local function quoted(text, at)
  local most = 60
  local from = math.max(1, (at or 1) - most // 2)
  local part = internal.escape("lua", text:sub(from, from + most - 1))
  return (from > 1 and "..." or "") .. part .. (from + most - 1 < #text and "..." or "")
end

local function shown(value, exactly)
  if type(value) == "string" then return quoted(value) end
  if math.type(value) == "float" and exactly then return ("%.17g"):format(value) end
  return tostring(value)
end

-- What was expected and what is there; of two numbers that read alike, all digits.
local function both(wanted, value)
  local alike = tostring(wanted) == tostring(value)
  return ("expected %s, got %s"):format(shown(wanted, alike), shown(value, alike))
end

local function step(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return "." .. key end
  return "[" .. shown(key) .. "]"
end

local function of_texts(wanted, value)
  local at = 1
  while wanted:byte(at) == value:byte(at) do at = at + 1 end
  if at < 40 and #wanted < 60 and #value < 60 then return both(wanted, value) end
  return ("texts of %d and %d octets differ at octet %d: expected %s, got %s")
    :format(#wanted, #value, at, quoted(wanted, at), quoted(value, at))
end

-- Where the two part, as a path and a sentence; nil: they do not.  Tables are compared by what is in them; seen are those
-- on the way, which may lead back to themselves.
local function difference(wanted, value, path, seen)
  if wanted == value then return nil end
  if type(wanted) == "string" and type(value) == "string" then return path, of_texts(wanted, value) end
  if type(wanted) ~= "table" or type(value) ~= "table" then return path, both(wanted, value) end
  if seen[wanted] == value then return nil end
  seen[wanted] = value
  for _, t in ipairs { wanted, value } do
    for key in pairs(t) do
      local where, what = difference(rawget(wanted, key), rawget(value, key), path .. step(key), seen)
      if where then return where, what end
    end
  end
end

local function fail(name, what) internal.fail_expectation(name .. ": " .. what) end

local function value_of(self)
  internal.expects()
  return rawget(self, "value")
end

--- The same value; of tables, the same in them.
function Value:equals(wanted)
  local where, what = difference(wanted, value_of(self), "", {})
  if where then fail("equals", where == "" and what or "at " .. where .. ": " .. what) end
  return self
end

function Value:is_true()
  local value = value_of(self)
  if value ~= true then fail("is_true", both(true, value)) end
  return self
end

--- A text in which a pattern of Lua is found.
function Value:matches(pattern)
  if type(pattern) ~= "string" then internal.fail("matches: expected a pattern, got " .. type(pattern)) end
  local value = value_of(self)
  if type(value) ~= "string" or not value:find(pattern) then
    fail("matches", ("expected a text with %s, got %s"):format(quoted(pattern), shown(value)))
  end
  return self
end

--- A number, both ends included.
function Value:is_between(low, high)
  if type(low) ~= "number" or type(high) ~= "number" then
    internal.fail(("is_between: expected two numbers, got %s and %s"):format(type(low), type(high)))
  end
  local value = value_of(self)
  if type(value) ~= "number" or not (value >= low and value <= high) then
    fail("is_between", ("expected a number from %s to %s, got %s"):format(shown(low, true), shown(high, true), shown(value, true)))
  end
  return self
end
