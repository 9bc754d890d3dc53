#!/usr/bin/python3
"""Every link of a site that was built leads somewhere, to an anchor that is there; nothing is loaded from elsewhere:
check.py FOLDER."""
import html.parser
import os
import sys
import urllib.parse

FOLDER = sys.argv[1]
ours = {os.path.join(FOLDER, name) for name in os.listdir(FOLDER) if name.endswith(".html")}


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loaded = {""}, [], []
        self.feed(open(path, encoding="utf-8").read())

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        for name in ("id", "name"):
            if found.get(name):
                self.ids.add(found[name])
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") != "canonical" or tag in ("script", "img", "iframe"):
            self.loaded += [found[name] for name in ("src", "href") if found.get(name)]


pages, problems = {path: Page(path) for path in ours}, []
for path, page in pages.items():
    where = os.path.basename(path)
    for target in page.links + page.loaded:
        url = urllib.parse.urlsplit(target)
        if url.scheme or url.netloc:
            if target in page.loaded:
                problems.append(f"{where} loads {target}")
            continue
        there = os.path.normpath(os.path.join(FOLDER, urllib.parse.unquote(url.path))) if url.path else path
        if os.path.isdir(there):
            there = os.path.join(there, "index.html")
        if not os.path.exists(there):
            problems.append(f"{where}: no {target}")
        elif there in pages and urllib.parse.unquote(url.fragment) not in pages[there].ids:
            problems.append(f"{where}: no {target}")
for problem in sorted(set(problems)):
    print(problem, file=sys.stderr)
sys.exit(bool(problems))
