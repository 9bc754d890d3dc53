#!/bin/bash
# drywire figures export: a page of all figures, with their pictures and scripts.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
run 'export' 0 "$DRYWIRE" figures export gallery
prints 'figures, 0 failed: gallery/index.html'
figures=$(ls "$SOURCE"/examples/figures/*.lua | wc -l)
[ "$(grep -c '<details class="card"' gallery/index.html)" = "$figures" ] || fail 'not every figure has its card'
grep -o 'src="[^"]*"' gallery/index.html | sed 's/src="//; s/"$//' >pictures
while read -r picture; do
    [ -s "gallery/$picture" ] || fail "no $picture"
    grep -q '</svg>' "gallery/$picture" || fail "$picture is not whole"
done <pictures
[ "$(wc -l <pictures)" -gt "$figures" ] || fail 'figures lack pictures'
# Each has one: its ladder, or its plots where the exchange is long.
grep -o 'class="card" id="[^"]*"' gallery/index.html | sed 's/.*id="//; s/"//' | while read -r name; do
    [ -e "gallery/$name.svg" ] || [ -e "gallery/plots/$name.svg" ] || echo "$name"
done >bare
grep -vxE 'rfc2883-4|rfc2018-7' bare >unexpected && fail "no picture: $(cat unexpected)"
grep -qE '(src|href)="(http|//)' gallery/index.html && fail 'the page loads something from elsewhere'
grep -qF 'local dw = require "drywire"' gallery/index.html || fail 'the scripts are not on the page'
# A page for each, to embed: it needs nothing but the pictures beside it, which move.
[ "$(ls gallery/embed/*.html | wc -l)" = "$figures" ] || fail 'not every figure has a page to embed'
for page in gallery/embed/*.html; do
    grep -o 'src="[^"]*"' "$page" | sed 's/src="//; s/"$//' | while read -r picture; do
        [ -s "gallery/embed/$picture" ] || echo "$page: $picture"
    done
done >missing
[ -s missing ] && fail "no $(head -1 missing)"
grep -q 'repeatCount="indefinite"' gallery/embed/rfc9293-06.svg || fail 'the picture to embed does not move'
grep -q 'repeatCount' gallery/rfc9293-06.svg && fail 'the picture of the gallery moves'
# It is found by what it shows, and by what that is called; its title is written once.
for words in 'LAST-ACK:xie-4-release' 'four-way:xie-4-release' '3-way:xie-3-handshake' 'half-close:stevens-18-half-close' 'time-wait-restart:'; do
    grep -o 'class="card" id="[^"]*" data-terms="[^"]*"' gallery/index.html | grep -F -- "${words%%:*}" | grep -qF "id=\"${words#*:}" || fail "${words#*:} is not found by ${words%%:*}"
done
[ "$(grep -c 'Stevens figure 18.19' gallery/embed/stevens-18-simultaneous-close.html)" = 1 ] || fail 'the page to embed has its title twice'
# In another language, and in letters.
run 'in Chinese' 0 "$fast" figures export --lang zh --letters zh
for text in '<html lang="zh">' '<h1>图集</h1>' '<summary>脚本</summary>'; do grep -qF "$text" zh/index.html || fail "the page in Chinese lacks $text"; done
grep -q '>终止等待1<' zh/xie-4-release.svg && grep -q '>FIN seq=u<' zh/xie-4-release.svg || fail 'a picture is not in Chinese and letters'
cp -r gallery before
run 'again' 0 "$fast" figures export gallery
diff -r before gallery >/dev/null || fail 'the page differs from run to run'
/usr/bin/python3 "$SOURCE/tests/browser/gallery.py" "$work/gallery" 2>browser.txt || fail "the browser: $(tail -20 browser.txt)"
touch file
run 'no directory' 2 "$DRYWIRE" figures export file/x
says 'cannot make the directory file/x'
finish
