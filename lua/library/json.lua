-- dw.json: JSON with its keys in a defined order.
local dw, internal = ...

local function quoted(s) return '"' .. internal.escape("json", s) .. '"' end

local encode

local function number(n)
  if math.type(n) == "integer" then return ("%d"):format(n) end
  if n ~= n or n == math.huge or n == -math.huge then internal.fail "dw.json: no JSON for nan or inf" end
  return ("%.17g"):format(n)
end

local function object(t, seen)
  if seen[t] then internal.fail "dw.json: the table contains itself" end
  seen[t] = true
  local parts = {}
  if #t > 0 or dw.is_empty(t) then
    for i = 1, #t do parts[i] = encode(t[i], seen) end
    seen[t] = nil
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for k, v in pairs(t) do
    if type(k) ~= "string" then internal.fail "dw.json: keys must be strings" end
    parts[#parts + 1] = quoted(k) .. ":" .. encode(v, seen)
  end
  seen[t] = nil
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(v, seen)
  local kind = type(v)
  if kind == "nil" then return "null" end
  if kind == "boolean" then return v and "true" or "false" end
  if kind == "number" then return number(v) end
  if kind == "string" then return quoted(v) end
  if kind == "table" then return object(v, seen) end
  internal.fail("dw.json: no JSON for a " .. kind)
end

dw.json = { encode = function(v) return encode(v, {}) end }
