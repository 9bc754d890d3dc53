-- Statistics of a sample, and of two of them.  Nothing here depends on the last digit of a C library: log and exp are
-- drywire's own.
local _, internal = ...
local statistics = {}
internal.statistics = statistics
local log, exp, sqrt, abs = math.log, math.exp, math.sqrt, math.abs

-- The logarithm of the gamma function: Lanczos's series with g = 7, n = 9.
local lanczos = { 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
                  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7 }

local function log_gamma(x)
  local sum = 0.99999999999980993
  for i, c in ipairs(lanczos) do sum = sum + c / (x - 1 + i) end
  local t = x + 6.5
  return 0.91893853320467274 + (x - 0.5) * log(t) - t + log(sum) -- log(sqrt(2 pi))
end

-- The continued fraction of the incomplete beta function, by Lentz.
local function beta_fraction(a, b, x)
  local tiny = 1e-300
  local function not_zero(v) return abs(v) < tiny and tiny or v end
  local c, d = 1.0, 1 / not_zero(1 - (a + b) * x / (a + 1))
  local h = d
  for m = 1, 10000 do
    local even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d, c = 1 / not_zero(1 + even * d), not_zero(1 + even / c)
    h = h * d * c
    local odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d, c = 1 / not_zero(1 + odd * d), not_zero(1 + odd / c)
    local delta = d * c
    h = h * delta
    if abs(delta - 1) < 1e-16 then break end
  end
  return h
end

--- The regularised incomplete beta function; y is 1 - x, which x may be too near to 1 to tell.
local function beta(a, b, x, y)
  if x <= 0 then return 0.0 end
  if y <= 0 then return 1.0 end
  local front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log(y))
  if x < (a + 1) / (a + b + 2) then return front * beta_fraction(a, b, x) / a end
  return 1 - front * beta_fraction(b, a, y) / b
end

--- How likely it is that Student's t with so many degrees of freedom, which need not be whole, is farther from 0.
function statistics.t_tails(t, freedom)
  if t ~= t then return 1.0 end
  local square = t * t
  return beta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square))
end

-- What is asked for again and again: the intervals of one sweep have few sizes.
local quantiles = {}

--- The t within which a part of the distribution lies, as 0.95.
function statistics.t_within(part, freedom)
  local key = part .. " " .. freedom
  if quantiles[key] then return quantiles[key] end
  local tails = 1 - part
  local low, high = 0.0, 1.0
  while statistics.t_tails(high, freedom) > tails do low, high = high, high * 2 end
  for _ = 1, 200 do -- to the last digit
    local middle = low + (high - low) / 2
    if middle <= low or middle >= high then break end
    if statistics.t_tails(middle, freedom) > tails then low = middle else high = middle end
  end
  quantiles[key] = high
  return high
end

--- How likely it is that a normal variable is farther from 0.  By the continued fraction of the incomplete gamma
--- function, or its series near 0.
function statistics.normal_tails(z)
  local x = z * z / 2
  if x == 0 then return 1.0 end
  local front = exp(-x + 0.5 * log(x) - log_gamma(0.5))
  if x < 1.5 then
    local term, sum, a = 2.0, 2.0, 0.5
    for _ = 1, 1000 do
      a = a + 1
      term = term * x / a
      sum = sum + term
      if term < sum * 1e-17 then break end
    end
    return 1 - sum * front
  end
  local b, tiny = x + 0.5, 1e-300
  local c, d = 1 / tiny, 1 / b
  local h = d
  for i = 1, 1000 do
    local an = -i * (i - 0.5)
    b = b + 2
    d = an * d + b
    if abs(d) < tiny then d = tiny end
    c = b + an / c
    if abs(c) < tiny then c = tiny end
    d = 1 / d
    h = h * d * c
    if abs(d * c - 1) < 1e-16 then break end
  end
  return front * h
end

--- Of a sorted list, where a part of it lies below: between two values in proportion, as most programs do (type 7 of
--- Hyndman and Fan).
function statistics.percentile(sorted, part)
  local at = 1 + (#sorted - 1) * part
  local below = math.floor(at)
  if below >= #sorted then return sorted[#sorted] end
  return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below])
end

-- Sums of values of very different size, without losing the small ones (Neumaier).
local function total(values, of)
  local sum, lost = 0.0, 0.0
  for _, v in ipairs(values) do
    local value = of and of(v) or v
    local next_sum = sum + value
    if abs(sum) >= abs(value) then lost = lost + ((sum - next_sum) + value) else lost = lost + ((value - next_sum) + sum) end
    sum = next_sum
  end
  return sum + lost
end

local function mean_and_square(values)
  local n = #values
  local mean = total(values) / n
  local squares = total(values, function(v) return (v - mean) * (v - mean) end)
  return mean, n > 1 and squares / (n - 1) or nil
end

--- What a sample is like: n, mean, deviation, low and high (95 % confidence of the mean, Student's t), min, max, p5, p50,
--- p95.  Of one value there is no deviation, of none only n.
function statistics.describe(values)
  local n = #values
  if n == 0 then return { n = 0 } end
  local sorted = table.move(values, 1, n, 1, {})
  table.sort(sorted)
  local mean, square = mean_and_square(values)
  if sorted[1] == sorted[n] then mean, square = sorted[1], square and 0.0 end -- without what rounding leaves
  local out = { n = n, mean = mean, min = sorted[1], max = sorted[n], p5 = statistics.percentile(sorted, 0.05),
                p50 = statistics.percentile(sorted, 0.5), p95 = statistics.percentile(sorted, 0.95) }
  if square then
    out.deviation = sqrt(square)
    local half = statistics.t_within(0.95, n - 1) * out.deviation / sqrt(n)
    out.low, out.high = mean - half, mean + half
  end
  return out
end

--- Welch's test: are the means of two samples the same?  p, and Cohen's d by the pooled deviation; nil where a sample is
--- too small.
function statistics.welch(a, b)
  if #a < 2 or #b < 2 then return nil end
  local mean_a, square_a = mean_and_square(a)
  local mean_b, square_b = mean_and_square(b)
  local of_a, of_b = square_a / #a, square_b / #b
  local pooled = sqrt(((#a - 1) * square_a + (#b - 1) * square_b) / (#a + #b - 2))
  if of_a + of_b == 0 then return mean_a == mean_b and 1.0 or 0.0, mean_a == mean_b and 0.0 or nil end
  local t = (mean_b - mean_a) / sqrt(of_a + of_b)
  local freedom = (of_a + of_b) * (of_a + of_b) / (of_a * of_a / (#a - 1) + of_b * of_b / (#b - 1))
  return statistics.t_tails(t, freedom), (mean_b - mean_a) / pooled
end

-- How many of the ways to choose which ranks the first sample has lead to a U of so much or less.
local function part_of_ways(n, m, u)
  local ways = {} -- ways[i][s]: to choose i of the ranks so far with a sum of s above the least
  for i = 0, n do ways[i] = {} end
  ways[0][0] = 1.0
  for rank = 1, n + m do
    for i = math.min(rank, n), 1, -1 do
      for s = 0, n * m - (rank - i) do
        local count, sum = ways[i - 1][s], s + rank - i
        if count then ways[i][sum] = (ways[i][sum] or 0.0) + count end
      end
    end
  end
  local below, all = 0.0, 0.0
  for s = 0, n * m do
    all = all + (ways[n][s] or 0.0)
    if s <= u then below = below + (ways[n][s] or 0.0) end
  end
  return below / all
end

-- The ranks of the first sample, summed; and the correction for equal values.
local function rank_sum(a, b)
  local all = {}
  for _, v in ipairs(a) do all[#all + 1] = { v, true } end
  for _, v in ipairs(b) do all[#all + 1] = { v, false } end
  table.sort(all, function(x, y) return x[1] < y[1] end)
  local sum, ties, i = 0.0, 0.0, 1
  while i <= #all do
    local j = i
    while j < #all and all[j + 1][1] == all[i][1] do j = j + 1 end
    for k = i, j do
      if all[k][2] then sum = sum + (i + j) / 2 end
    end
    local same = j - i + 1
    ties = ties + (same * same * same - same)
    i = j + 1
  end
  return sum, ties
end

--- The test of Mann and Whitney: is a value of the one sample as likely to be above one of the other as below?  p (exact
--- for small samples without equal values, otherwise by the normal distribution), and Cliff's delta: how much more often
--- one of b is above one of a than below, -1 to 1.
function statistics.mann_whitney(a, b)
  local n, m = #a, #b
  if n == 0 or m == 0 then return nil end
  local sum, ties = rank_sum(a, b)
  local u = sum - n * (n + 1) / 2 -- how often one of a is above one of b
  local delta = 1 - 2 * u / (n * m)
  if ties == 0 and n * m <= 400 then
    return math.min(1, 2 * part_of_ways(n, m, math.floor(math.min(u, n * m - u)))), delta
  end
  local all = n + m
  local square = n * m / 12.0 * (all + 1 - ties / (all * (all - 1)))
  if square <= 0 then return 1.0, 0.0 end
  local z = math.max(0, abs(u - n * m / 2) - 0.5) / sqrt(square)
  return statistics.normal_tails(z), delta
end

--- Holm's correction for several tests at a time: the list of p in the same order, each made larger.
function statistics.holm(list)
  local order, out, largest = {}, {}, 0.0
  for i = 1, #list do order[i] = i end
  table.sort(order, function(x, y)
    if list[x] ~= list[y] then return list[x] < list[y] end
    return x < y
  end)
  for rank, i in ipairs(order) do
    largest = math.max(largest, math.min(1.0, (#list - rank + 1) * list[i]))
    out[i] = largest
  end
  return out
end
