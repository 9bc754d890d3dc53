#!/usr/bin/env python3
"""Public functions whose contract is missing: every DW_API declaration has a comment of its own.

    tests/style/contracts.py [HEADER ...]
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
bare = 0
for path in sys.argv[1:] or sorted(glob.glob(os.path.join(ROOT, "core/include/drywire/*.h"))):
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    for n, line in enumerate(lines):
        if not line.startswith("DW_API"):
            continue
        end = n
        while ";" not in lines[end]:
            end += 1
        if not lines[n - 1].endswith("*/") and "/*" not in lines[end]:
            name = re.search(r"\b(dw_\w+)\(", " ".join(lines[n : end + 1]))
            print(f"{os.path.relpath(path, ROOT)}:{n + 1}: no contract: {name.group(1)}")
            bare += 1
print(f"{bare} without a contract")
