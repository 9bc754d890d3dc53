-- The statements of a Lua text, as far as it takes to leave some out.  Whether what is left is Lua is for Lua to say, so this
-- only has to find where statements begin and end.
local _, internal = ...
local source = {}
internal.source = source

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true until
while]]):gmatch "%a+" do KEYWORDS[word] = true end

-- Tokens, { kind =, text =, from =, to = }: "name", "keyword", "value" (number or string) or "sign"; comments have a list of
-- their own.

local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local _, to = text:find("]" .. level .. "]", at, true)
  return to or #text
end

local function quoted(text, at)
  local quote, to = text:sub(at, at), at + 1
  while to < #text and text:sub(to, to) ~= quote do to = to + (text:sub(to, to) == "\\" and 2 or 1) end
  return to
end

local function token_at(text, at)
  if text:find("^%-%-", at) then
    local to = long_bracket(text, at + 2)
    if not to then _, to = text:find("^[^\n]*", at) end
    return "comment", to
  end
  local _, to = text:find("^[%a_][%w_]*", at)
  if to then return KEYWORDS[text:sub(at, to)] and "keyword" or "name", to end
  _, to = text:find("^%.?%d[%w.]*", at)
  if to then return "value", to end
  if text:find("^[\"']", at) then return "value", quoted(text, at) end
  to = long_bracket(text, at)
  if to then return "value", to end
  _, to = text:find("^%.%.?%.?", at)
  if not to then _, to = text:find("^::", at) end
  return "sign", to or at
end

--- The tokens of a text, and its comments.
function source.tokens(text)
  local tokens, comments, at = {}, {}, 1
  if text:sub(1, 1) == "#" then at = #text:match "^[^\n]*" + 1 end
  while true do
    at = text:find("%S", at)
    if not at then return tokens, comments end
    local kind, to = token_at(text, at)
    local list = kind == "comment" and comments or tokens
    list[#list + 1] = { kind = kind, text = text:sub(at, to), from = at, to = to }
    at = to + 1
  end
end

-- Blocks: lists of statements, { from =, to =, word =, blocks = }, as octets of the text.

local CLOSES = { ["end"] = true, ["else"] = true, ["elseif"] = true, ["until"] = true }
local BEGINS = { "local", "if", "for", "while", "repeat", "return", "goto", "break", "do" }
for _, word in ipairs(BEGINS) do BEGINS[word] = true end
local ENDS_VALUE = { ["end"] = true, ["true"] = true, ["false"] = true, ["nil"] = true, [")"] = true, ["]"] = true,
                     ["}"] = true, ["..."] = true }

local function is_keyword(token, words) return token and token.kind == "keyword" and words[token.text] end

-- Whether a statement without blocks of its own ends between two tokens, outside of brackets.
local function parts(before, token)
  if is_keyword(token, CLOSES) or is_keyword(token, BEGINS) or token.text == ";" then return true end
  local complete = before.kind == "name" or before.kind == "value" or ENDS_VALUE[before.text]
  return complete and (token.kind == "name" or token.text == "function" or token.text == "::")
end

local DEEPER = { ["("] = 1, ["{"] = 1, ["["] = 1, [")"] = -1, ["}"] = -1, ["]"] = -1 }

local block_at

-- From the token behind "function": its body goes to the blocks; the number of the token behind its end.
local function function_at(tokens, i, blocks)
  while tokens[i] and tokens[i].text ~= ")" do i = i + 1 end
  blocks[#blocks + 1], i = block_at(tokens, i + 1)
  return i + 1
end

-- Go on to where stops(before, token) says so outside of brackets; functions on the way go to the blocks.
local function walk(tokens, i, blocks, stops)
  local depth, first = 0, i
  while tokens[i] and not (depth == 0 and i > first and stops(tokens[i - 1], tokens[i])) do
    depth = depth + (DEEPER[tokens[i].text] or 0)
    i = is_keyword(tokens[i], { ["function"] = true }) and function_at(tokens, i + 1, blocks) or i + 1
  end
  return i
end

local function walk_to(tokens, i, blocks, word)
  return walk(tokens, i, blocks, function(_, token) return token.kind == "keyword" and token.text == word end)
end

-- The number of the token behind the statement; its blocks go to the list.
local function statement_end(tokens, i, blocks)
  local word = tokens[i].kind == "keyword" and tokens[i].text
  local function block() blocks[#blocks + 1], i = block_at(tokens, i + 1) end
  if word == "if" then
    repeat
      if tokens[i].text ~= "else" then i = walk_to(tokens, i, blocks, "then") end
      block()
    until not is_keyword(tokens[i], { ["elseif"] = true, ["else"] = true })
    return i + 1
  elseif word == "while" or word == "for" or word == "do" then
    i = word == "do" and i or walk_to(tokens, i, blocks, "do")
    block()
    return i + 1
  elseif word == "repeat" then
    block()
    return walk(tokens, i + 1, blocks, parts)
  elseif word == "function" then
    return function_at(tokens, i + 1, blocks)
  elseif word == "local" and tokens[i + 1] and tokens[i + 1].text == "function" then
    return function_at(tokens, i + 2, blocks)
  elseif tokens[i].text == "::" then
    return i + 3
  end
  return walk(tokens, i, blocks, parts)
end

-- The statements up to what closes the block, and the number of that.
function block_at(tokens, i)
  local block = {}
  while tokens[i] and not is_keyword(tokens[i], CLOSES) do
    local statement = { from = tokens[i].from, word = tokens[i].text, blocks = {} }
    i = statement_end(tokens, i, statement.blocks)
    if tokens[i] and tokens[i].text == ";" then i = i + 1 end
    statement.to = tokens[math.min(i - 1, #tokens)].to
    block[#block + 1] = statement
  end
  return block, i
end

--- All blocks of a text, the outer ones first.
function source.blocks(text)
  local list = {}
  local function add(block)
    if #block > 0 then list[#list + 1] = block end
    for _, statement in ipairs(block) do
      for _, inner in ipairs(statement.blocks) do add(inner) end
    end
  end
  add((block_at(source.tokens(text), 1)))
  return list
end

function source.count(text)
  local n = 0
  for _, block in ipairs(source.blocks(text)) do n = n + #block end
  return n
end

-- Texts.

local function replace(text, from, to, by) return text:sub(1, from - 1) .. by .. text:sub(to + 1) end

local WIDEST, MOST_JOINED = 100, 2

local function indent_of(line) return #line:match "^%s*" end

-- A line, one or two further in, and one that closes it become one line, if that is not too wide.
local function join(lines)
  for first = #lines, 1, -1 do
    local last = first + 1
    while lines[last] and indent_of(lines[last]) > indent_of(lines[first]) do last = last + 1 end
    local inner = last - first - 1
    if inner > 0 and inner <= MOST_JOINED and (lines[last] or ""):find "^%s*[}e]" then
      local parts = { lines[first] }
      for i = first + 1, last do parts[#parts + 1] = lines[i]:match "^%s*(.*)" end
      local whole = table.concat(parts, " "):gsub(",%s*}", " }")
      if #whole <= WIDEST then
        for _ = 1, inner + 1 do table.remove(lines, first + 1) end
        lines[first] = whole
      end
    end
  end
  return lines
end

local function has_long_text(tokens)
  for _, token in ipairs(tokens) do
    if token.text:find("\n", 1, true) then return true end
  end
end

--- Without comments, empty lines and blanks at the ends of lines; what is short on one line.
function source.tidy(text)
  local tokens, comments = source.tokens(text)
  for i = #comments, 1, -1 do text = replace(text, comments[i].from, comments[i].to, "") end
  if has_long_text(tokens) then return text end
  local lines = {}
  for line in text:gmatch "[^\n]+" do
    line = line:gsub("%s+$", "")
    if line:find "%S" then lines[#lines + 1] = line end
  end
  return table.concat(join(lines), "\n") .. "\n"
end

-- A statement that is one block and no function may give way to that block.
local UNWRAPS = { ["if"] = true, ["for"] = true, ["while"] = true, ["do"] = true, ["repeat"] = true }

-- Where the call ends whose arguments begin here: the number of its last token.
local function call_end(tokens, i)
  if tokens[i].text ~= "(" then return i end
  local depth = 0
  for k = i, #tokens do
    depth = depth + (DEEPER[tokens[k].text] or 0)
    if depth == 0 then return k end
  end
  return #tokens
end

local LITERALS = { ["true"] = true, ["false"] = true, ["nil"] = true }

-- The number of the last token of a value that may be written wherever its name is: a literal, or a parameter.
local function constant_end(tokens, i)
  local token = tokens[i]
  if not token then return nil end
  if token.kind == "value" or is_keyword(token, LITERALS) then return i end
  if tokens[i + 3] and tokens[i + 1].text == "." and tokens[i + 2].text == "param" then return call_end(tokens, i + 3) end
end

-- Whether a name is the variable: no field, nor the name of a field that is given a value.
local function is_variable(tokens, k, name)
  local before, after = tokens[k - 1].text, tokens[k + 1] and tokens[k + 1].text
  if tokens[k].kind ~= "name" or tokens[k].text ~= name or before == "." or before == ":" then return false end
  return not (after == "=" and (before == "{" or before == ","))
end

-- Without the statement local NAME = VALUE from token i on, the value in place of the name; nil: it is none, or the variable is
-- given another value.
local function inlined(text, tokens, i)
  if not is_keyword(tokens[i], { ["local"] = true }) or not tokens[i + 2] or tokens[i + 2].text ~= "=" then return nil end
  local name, last = tokens[i + 1].text, constant_end(tokens, i + 3)
  if not last or (tokens[last + 1] and not parts(tokens[last], tokens[last + 1])) then return nil end
  local value = text:sub(tokens[i + 3].from, tokens[last].to)
  for k = #tokens, last + 1, -1 do
    if is_variable(tokens, k, name) then
      if tokens[k + 1] and tokens[k + 1].text == "=" then return nil end
      text = replace(text, tokens[k].from, tokens[k].to, value)
    end
  end
  return replace(text, tokens[i].from, tokens[last].to, "")
end

local function add_inlined(list, text)
  local tokens = source.tokens(text)
  for i = 1, #tokens do
    local other = inlined(text, tokens, i)
    if other then list[#list + 1] = source.tidy(other) end
  end
end

-- Each field of a table that is written down, left out with the comma behind it.
local function add_without_fields(list, text)
  local tokens, open = source.tokens(text), {}
  for i, token in ipairs(tokens) do
    local level = open[#open]
    if DEEPER[token.text] == 1 then
      open[#open + 1] = { first = i + 1, is_table = token.text == "{" }
    elseif level and (DEEPER[token.text] or (token.text == "," and level.is_table)) then
      local last = token.text == "," and i or i - 1
      if level.is_table and last >= level.first then
        list[#list + 1] = source.tidy(replace(text, tokens[level.first].from, tokens[last + 1].from - 1, ""))
      end
      level.first = i + 1
      if token.text ~= "," then open[#open] = nil end
    end
  end
end

--- Texts with fewer statements: first without half of a block's, then a quarter, down to one ("ddmin": Zeller and Hildebrandt,
--- IEEE TSE 2002; block by block: Misherghi and Su, "HDD", ICSE 2006); then with a block's content in place of the block, a
--- value in place of a name that only stands for it, and without a field of a table.
function source.smaller(text)
  local list = {}
  for _, block in ipairs(source.blocks(text)) do
    local size = #block
    while size >= 1 do
      for last = #block, 1, -size do
        local first = math.max(last - size + 1, 1)
        list[#list + 1] = source.tidy(replace(text, block[first].from, block[last].to, ""))
      end
      size = size == 1 and 0 or (size + 1) // 2
    end
    for _, statement in ipairs(block) do
      for _, inner in ipairs(UNWRAPS[statement.word] and #statement.blocks > 0 and statement.blocks or {}) do
        if #inner > 0 then
          list[#list + 1] = source.tidy(replace(text, statement.from, statement.to, text:sub(inner[1].from, inner[#inner].to)))
        end
      end
    end
  end
  add_inlined(list, text)
  add_without_fields(list, text)
  return list
end

-- A value as Lua.
local function literal(value)
  if type(value) == "string" then return ("%q"):format(value) end
  return math.type(value) == "float" and ("%.17g"):format(value) or tostring(value)
end

--- With the value in place of each call of dw.param("name", ...), for those that are known: { name = { value = } }.
function source.with_values(text, known)
  local tokens = source.tokens(text)
  for i = #tokens - 3, 1, -1 do
    local argument = tokens[i + 3].text == "(" and tokens[i + 4] or tokens[i + 3]
    local name = argument and argument.text:match "^[\"'](.*)[\"']$"
    if tokens[i + 1].text == "." and tokens[i + 2].text == "param" and name and known[name] then
      text = replace(text, tokens[i].from, tokens[call_end(tokens, i + 3)].to, literal(known[name].value))
    end
  end
  return text
end
