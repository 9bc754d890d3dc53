-- The record of a sweep: a line that says which sweep it is, then one for each run, in order.  What is there when the
-- sweep is begun again is not run again.
local dw, internal = ...
local fail, sweep = internal.fail, internal.sweep

--- What decides on the results, as the first line.
function sweep.header(self)
  local digest, given = internal.work_identity()
  for _, word in ipairs(rawget(_G, "arg") or {}) do given[#given + 1] = word end
  local names, values = {}, {}
  for i, parameter in ipairs(self.parameters) do names[i], values[i] = parameter.name, parameter.values end
  return dw.json.encode { sweep = 1, drywire = dw.version, code = digest, given = given, names = names, values = values,
                          seeds = self.seeds }
end

local function same(a, b) return dw.json.encode(a or {}) == dw.json.encode(b or {}) end

-- Why a file is of another sweep than this one.
local function refuse(name, old, new)
  local function no(what, ...) fail(("dw.sweep.file: %s " .. what .. "; remove it, or name another file"):format(name, ...)) end
  if type(old) ~= "table" or old.sweep == nil then no "is no record of a sweep" end
  if old.drywire ~= new.drywire then no("was written by drywire %s, this is %s", tostring(old.drywire), new.drywire) end
  if old.code ~= new.code then no "was written by another script, or before this one was changed" end
  if not same(old.given, new.given) then
    no("was written with other options (%s)", #(old.given or {}) > 0 and table.concat(old.given, " ") or "none")
  end
  no "has other parameters"
end

-- The lines of runs, and how many octets are good: a line that was torn when the process was killed is not.
local function read_lines(name, text, header)
  local lines, good = {}, #header + 1
  for line, after in text:gmatch("([^\n]*)\n()", good + 1) do
    local record = internal.decode(line)
    if type(record) ~= "table" or record.run ~= #lines + 1 then
      fail(("dw.sweep.file: line %d of %s is damaged; remove the file, or end it before that line"):format(#lines + 2, name))
    end
    lines[#lines + 1] = line
    good = after - 1
  end
  return lines, good
end

--- The record to write to, or nil; and the lines of the runs that it has.
function sweep.open_record(self, o, wanted)
  local name = wanted.jsonl and sweep.numbered(wanted.jsonl, wanted.number) or o.file
  if not name or wanted.testing then return nil, {} end
  local record, text = internal.record_open(wanted.jsonl and name or internal.beside(name), name)
  local header = sweep.header(self)
  local first = text:match "^[^\n]*\n"
  if not first and header:sub(1, #text) == text then -- nothing, or torn in its first line
    internal.record_keep(record, 0)
    internal.record_add(record, header .. "\n")
    return record, {}
  end
  if first ~= header .. "\n" then refuse(name, internal.decode(first or text), internal.decode(header)) end
  local lines, good = read_lines(name, text, header)
  if #lines > self.runs then fail(("dw.sweep.file: %s has more runs than the sweep"):format(name)) end
  internal.record_keep(record, good)
  return record, lines
end
