"""Sets of octets by their places in the stream."""

from bisect import bisect_left, bisect_right


class Ranges:
    """Sorted, disjoint, half-open ranges that do not touch."""

    def __init__(self):
        self.starts, self.ends = [], []

    def add(self, a, b):
        if a >= b:
            return
        first = bisect_left(self.ends, a)
        last = bisect_right(self.starts, b)
        if first < last:
            a = min(a, self.starts[first])
            b = max(b, self.ends[last - 1])
        self.starts[first:last] = [a]
        self.ends[first:last] = [b]

    def covers(self, a, b):
        """All octets from a up to b are there."""
        i = bisect_right(self.starts, a) - 1
        return a >= b or (i >= 0 and self.ends[i] >= b)

    def around(self, a):
        """The range that holds the octet a, or None."""
        i = bisect_right(self.starts, a) - 1
        return (self.starts[i], self.ends[i]) if i >= 0 and a < self.ends[i] else None

    def end_of(self, a):
        """Where the unbroken stretch that begins at or before a ends; a itself if there is none."""
        found = self.around(a)
        return found[1] if found else a

    def within(self, a, b):
        """The parts from a up to b that are there."""
        parts = [(max(s, a), min(e, b)) for s, e in zip(self.starts, self.ends)]
        return [part for part in parts if part[0] < part[1]]

    def above(self, a):
        """How many separate ranges begin beyond a."""
        return len(self.starts) - bisect_right(self.starts, a)

    def size_above(self, a):
        """How many of the octets lie at or beyond a."""
        return sum(max(0, end - max(start, a)) for start, end in zip(self.starts, self.ends))
