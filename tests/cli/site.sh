#!/bin/bash
# The documentation as a site: built by one command, with the player on its first page and the gallery; each link
# leads somewhere, and nothing is loaded from elsewhere.
. "$(dirname "$0")/../support/lib.sh"
command -v mkdocs >/dev/null || { echo 'the site is not built: there is no mkdocs'; exit 77; }
cd "$SOURCE" || exit 1
run 'build' 0 bash docs/site/build.sh "$fast" "$work/site"
prints "$work/site/index.html"
grep -q '<iframe[^>]* src="player/06-lost-final-ack.html"' "$work/site/index.html" || fail 'no player on the first page'
grep -q 'TIME-WAIT' "$work/site/index.html" || fail 'no script on the first page'
for page in player/06-lost-final-ack.html gallery/index.html GUIDE.html INSTALL.html LUA_API.html plots lost-final-ack.svg; do
    [ -e "$work/site/$page" ] || fail "there is no $page"
done
grep -q '<table' "$work/site/EDGE_CASES.html" || fail 'tables are no tables'

# What checks it can fail: a file, an anchor, something from elsewhere.
broken() { # broken NAME TEXT WORDS
    cp -r "$work/site" "$work/broken"
    echo "$2" >>"$work/broken/GUIDE.html"
    run "$1" 1 python3 docs/site/check.py "$work/broken"
    says "$3"
    rm -r "$work/broken"
}
broken 'a file' '<a href="NOWHERE.html">x</a>' 'GUIDE.html: no NOWHERE.html'
broken 'an anchor' '<a href="LUA_API.html#nowhere">x</a>' 'GUIDE.html: no LUA_API.html#nowhere'
broken 'from elsewhere' '<script src="https://example.org/x.js"></script>' 'GUIDE.html loads https://example.org/x.js'
finish
