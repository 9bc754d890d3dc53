#!/bin/bash
# The documentation as a site: bash docs/site/build.sh DRYWIRE FOLDER [URL], where DRYWIRE is the command, and URL
# is where links to files of the source go.  `cmake --build build/release --target site` does this into
# build/release/site.  It needs mkdocs (Debian 12's will do).
set -eu
[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
drywire=$(realpath "$1") site=$(realpath -m "$2") source=${3:-https://github.com/drywire/drywire/blob/main}
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/pages/player"
python3 docs/site/pages.py "$work/pages" "$source"
find docs -name '*.svg' -o -name '*.png' | while read -r picture; do
    install -D -m 644 "$picture" "$work/pages/${picture#docs/}"
done
cp docs/site/site.css "$work/pages/"
pygmentize -S default -f html -a .codehilite >>"$work/pages/site.css"
for run in 06-lost-final-ack 12-bulk-transfer; do
    "$drywire" run -q --html "$work/pages/player/$run.html" "examples/$run.lua" >/dev/null
done
"$drywire" figures export "$work/pages/gallery" >/dev/null

sed "s#^site_dir:.*#site_dir: $site#; s#^docs_dir:.*#docs_dir: $work/pages#" docs/site/mkdocs.yml >"$work/mkdocs.yml"
mkdocs --quiet build --strict --config-file "$work/mkdocs.yml"
rm -f "$site/404.html" # for the root of a host: its links are absolute
python3 docs/site/check.py "$site"
echo "$site/index.html"
