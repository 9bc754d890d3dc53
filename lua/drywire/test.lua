-- dw.test: named cases in one script.
local dw, internal = ...

dw.cases = {}

--- A case of its own: reported by `drywire test`, run at once everywhere.
function dw.test(name, fn)
  if type(name) ~= "string" then internal.fail("dw.test: expected a name, got " .. type(name)) end
  if type(fn) ~= "function" then internal.fail("dw.test: expected a function, got " .. type(fn)) end
  local case = { name = name }
  dw.cases[#dw.cases + 1] = case
  local report = dw.cases.report
  if not report then return fn() end
  case.ok, case.problem = xpcall(fn, report)
  dw.cases.done()
end
