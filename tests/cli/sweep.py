#!/usr/bin/env python3
"""The statistics of dw.sweep against an independent judge.

    sweep.py RESULTS

RESULTS are lines of JSON that tests/cli/sweep.sh has a script print: samples with what dw.sweep says of
them, and pairs of samples with what result:diff does.  Student's distribution with whole degrees of
freedom is the finite series of Abramowitz and Stegun 26.7.3 and 26.7.4, with others an integral of the
density; Mann and Whitney's is their recurrence; the rest is Python's.
"""
import functools
import json
import math
import statistics
import sys

# Published: Student's t, 97.5 %, by degrees of freedom.
TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 10: 2.228, 20: 2.086, 29: 2.045, 30: 2.042, 60: 2.000,
         99: 1.984, 120: 1.980}


def within(t, freedom):
    """How likely it is that t is not farther from 0, for whole degrees of freedom."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    if freedom % 2:
        term, total = cosine, cosine if freedom > 1 else 0.0
        for k in range(3, freedom - 1, 2):
            term *= cosine * cosine * (k - 1) / k
            total += term
        return 2 / math.pi * (angle + sine * total)
    term, total = 1.0, 1.0
    for k in range(2, freedom - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return sine * total


def quantile(freedom):
    low, high = 0.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle, freedom) < 0.95 else (low, middle)
    return low


def tails(t, freedom):
    """For any degrees of freedom: Simpson's rule over the density, with x = sqrt(freedom) tan(angle)."""
    steps, end = 20000, math.atan(abs(t) / math.sqrt(freedom))
    f = [math.cos(end * i / steps) ** (freedom - 1) for i in range(steps + 1)]
    integral = end / steps / 3 * (f[0] + f[-1] + 4 * sum(f[1:-1:2]) + 2 * sum(f[2:-1:2]))
    front = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return 1 - 2 * front * integral


def welch(a, b):
    of_a, of_b = statistics.variance(a) / len(a), statistics.variance(b) / len(b)
    t = (statistics.mean(b) - statistics.mean(a)) / math.sqrt(of_a + of_b)
    freedom = (of_a + of_b) ** 2 / (of_a**2 / (len(a) - 1) + of_b**2 / (len(b) - 1))
    pooled = ((len(a) - 1) * statistics.variance(a) + (len(b) - 1) * statistics.variance(b)) / (len(a) + len(b) - 2)
    return tails(t, freedom), (statistics.mean(b) - statistics.mean(a)) / math.sqrt(pooled)


@functools.lru_cache(maxsize=None)
def orders(n, m, u):
    """In how many orders of n and m values one of the first is above one of the others u times."""
    if u < 0:
        return 0
    if n == 0 or m == 0:
        return int(u == 0)
    return orders(n - 1, m, u - m) + orders(n, m - 1, u)


def mann_whitney(a, b):
    n, m = len(a), len(b)
    u = sum((x > y) + (x == y) / 2 for x in a for y in b)
    delta = 1 - 2 * u / (n * m)
    both = sorted(a + b)
    if len(set(both)) == n + m and n * m <= 400:
        below = sum(orders(n, m, k) for k in range(int(min(u, n * m - u)) + 1))
        return min(1, 2 * below / math.comb(n + m, n)), delta
    ties = sum(both.count(v) ** 3 - both.count(v) for v in set(both))
    square = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    return math.erfc(max(0, abs(u - n * m / 2) - 0.5) / math.sqrt(2 * square)), delta


failures = 0


def near(what, found, expected, tolerance=1e-9):
    global failures
    if abs(found - expected) > tolerance * max(1, abs(expected)):
        print(f"{what}: {found!r}, expected {expected!r}")
        failures += 1


for freedom, value in TABLE.items():
    near(f"the judge's own t for {freedom}", quantile(freedom), value, 5e-4)
checked = 0
for line in open(sys.argv[1], encoding="utf-8"):
    r = json.loads(line)
    if "sample" in r:
        s, row = r["sample"], r["row"]
        what = f"a sample of {len(s)}"
        near(what + ": mean", row["mean"], statistics.fmean(s))
        near(what + ": min", row["min"], min(s))
        near(what + ": max", row["max"], max(s))
        near(what + ": median", row["p50"], statistics.median(s))
        if len(s) > 1:
            cuts = statistics.quantiles(s, n=20, method="inclusive")
            near(what + ": p5", row["p5"], cuts[0])
            near(what + ": p95", row["p95"], cuts[-1])
            deviation = statistics.stdev(s)
            near(what + ": deviation", row["deviation"], deviation)
            half = quantile(len(s) - 1) * deviation / math.sqrt(len(s))
            near(what + ": low", row["low"], statistics.fmean(s) - half)
            near(what + ": high", row["high"], statistics.fmean(s) + half)
    else:
        judge = {"welch": welch, "mann-whitney": mann_whitney}[r["test"]]
        p, effect = judge(r["old"], r["new"])
        what = f"{r['test']} of {len(r['old'])} and {len(r['new'])}"
        near(what + ": p", r["p"], p, 1e-7)
        near(what + ": effect", r["effect"], effect)
    checked += 1
print(f"{checked} checked, {failures} wrong")
sys.exit(failures > 0)
