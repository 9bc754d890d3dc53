-- dw.test: named cases in one script.
local dw, internal = ...
local xpcall, rawset, rawlen = xpcall, rawset, rawlen

local cases = {}
dw.cases = cases

--- A case of its own: reported by `drywire test`, run at once everywhere.
function dw.test(name, fn)
  if type(name) ~= "string" then internal.fail("dw.test: expected a name, got " .. type(name)) end
  if type(fn) ~= "function" then internal.fail("dw.test: expected a function, got " .. type(fn)) end
  local case = { name = name }
  rawset(cases, rawlen(cases) + 1, case) -- for the script; what is reported is kept elsewhere
  local number = internal.case_begins(name)
  if number == false then return end -- left out
  if not number then return fn() end
  local ok, problem = xpcall(fn, internal.traceback)
  internal.case_ends(number, ok, problem)
  rawset(case, "ok", ok)
  rawset(case, "problem", problem)
end
