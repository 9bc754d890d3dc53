-- Samples and pairs of samples with what dw.sweep says of them, for sweep.py to judge.
local dw = require "drywire"
-- Samples of many sizes, from a stream of numbers; some with equal values.
local function value(p) return p.equal and p.seed % 4 or ((p.seed * 7919 + p.shift) % 1009) / 7 + (p.seed % 3) * 1e-3 end
local function of(n, equal, shift) return dw.sweep({ equal = { equal }, shift = { shift }, seed = dw.range(1, n) }, value) end
for _, n in ipairs { 1, 2, 3, 4, 5, 6, 10, 11, 21, 30, 31, 61, 100, 121, 1000 } do
  for _, row in ipairs(of(n, false, n):rows()) do
    local sample = row.values
    row.values, row.point = nil, nil
    print(dw.json.encode { sample = sample, row = row })
  end
end
-- The same point before and after: the function tells the two apart.
local shift
local function sweep(n) return dw.sweep({ seed = dw.range(1, n) }, function(p) return value { seed = p.seed, shift = shift, equal = shift < 0 and p.seed > 0 } + shift end) end
for _, sizes in ipairs { { 5, 6 }, { 8, 8 }, { 12, 30 }, { 40, 50 } } do
  for _, by in ipairs { 0, 3, -1, 40 } do
    for _, test in ipairs { "welch", "mann-whitney" } do
      shift = by < 0 and -2 or 17
      local old = sweep(sizes[1])
      shift = by < 0 and by or by + 17
      local new = sweep(sizes[2])
      local change = new:diff(old, { test = test }).changes[1]
      print(dw.json.encode { test = test, old = old:rows()[1].values, new = new:rows()[1].values, p = change.p, effect = change.effect })
    end
  end
end
