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

-- What encode wrote: internal.decode(text).  nil where the text is something else.
local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function unescape(text)
  return (text:gsub("\\(.)(%x?%x?%x?%x?)", function(kind, digits)
    if kind == "u" then return utf8.char(tonumber(digits, 16)) end
    return (escapes[kind] or kind) .. digits
  end))
end

local decode

local function decode_string(text, at)
  local from = at + 1
  while true do
    local stop = text:find('["\\]', from)
    if not stop then error "json" end
    if text:sub(stop, stop) == '"' then return unescape(text:sub(at + 1, stop - 1)), stop + 1 end
    from = stop + 2
  end
end

-- What stands between two brackets: values, or names and values.
local function decode_list(text, at, stop, take)
  at = text:find("%S", at + 1) or error "json"
  if text:sub(at, at) == stop then return at + 1 end
  while true do
    at = text:find("%S", take(at)) or error "json"
    local c = text:sub(at, at)
    if c == stop then return at + 1 end
    if c ~= "," then error "json" end
    at = text:find("%S", at + 1) or error "json"
  end
end

local words = { ["true"] = true, ["false"] = false }

function decode(text, at)
  local c, out = text:sub(at, at), {}
  if c == '"' then return decode_string(text, at) end
  if c == "[" then
    return out, decode_list(text, at, "]", function(from)
      out[#out + 1], from = decode(text, from)
      return from
    end)
  elseif c == "{" then
    return out, decode_list(text, at, "}", function(from)
      local name
      if text:sub(from, from) ~= '"' then error "json" end
      name, from = decode_string(text, from)
      from = select(2, text:find("^%s*:%s*", from)) or error "json"
      out[name], from = decode(text, from + 1)
      return from
    end)
  end
  local word = text:match("^%a+", at)
  if word == "null" then return nil, at + 4 end
  if words[word] ~= nil then return words[word], at + #word end
  local number = text:match("^-?%d[%d.eE+-]*", at)
  local value = number and tonumber(number)
  if not value then error "json" end
  return value, at + #number
end

function internal.decode(text)
  local ok, value, after = pcall(decode, text, text:find "%S" or 1)
  if ok and not text:find("%S", after) then return value end
end

dw.json = { encode = function(v) return encode(v, {}) end }
