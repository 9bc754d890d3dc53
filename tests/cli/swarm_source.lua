-- What swarms leave out of a script are whole statements and fields, so what is left is Lua: swarm_source.lua LIBRARY FILE...
local internal = {}
assert(loadfile(arg[1] .. "/source.lua"))(nil, internal)
local source, texts, broken = internal.source, 0, 0

local function read(name)
  local file <close> = assert(io.open(name))
  return file:read "a"
end

-- A return or a variable's other value may end where it must not.
local function check(text)
  texts = texts + 1
  if not load(text) then broken = broken + 1 end
end

for i = 2, #arg do
  local text = source.tidy(read(arg[i]))
  assert(load(text))
  for _, smaller in ipairs(source.smaller(text)) do check(smaller) end
end

-- What is found in a text that has a little of everything.
local text = [==[
#!/usr/bin/env drywire
local a, b = 1, "x" -- a comment
local function f(x, ...) return x, ... end; f(a)
a = f { b, [1] = 2; c = function() return end }
for i = 1, 3 do if i > 1 then f(i) elseif a then break else f "y" end end
while a do a = nil end repeat local z = a until z == a
::top:: do goto top end
t.x.y[1]:go(1)(2) t = [[
do end]]
return a
]==]
assert(source.count(text) == 21, source.count(text))
local literal = source.with_values('x = dw.param("n", 1, { 2 }) + dw.param "m" .. dw.param("o")', { n = { value = 7 }, m = { value = 'a"' } })
assert(literal == [[x = 7 + "a\"" .. dw.param("o")]], literal)
local inlined = source.smaller 'local n = 3\nprint(n, t.n, n)\n'
local found = false
for _, other in ipairs(inlined) do found = found or other == "print(3, t.n, 3)\n" end
assert(found, "a constant is not written where its name is")
assert(texts > 1000 and broken < texts / 100, ("%d of %d texts are no Lua"):format(broken, texts))
print(texts .. " texts, " .. broken .. " of them no Lua")
