#!/bin/bash
# The player and tshark agree on every field of every segment of every example and of each fourth
# figure (all with FULL=1).
. "$(dirname "$0")/../support/lib.sh"

for path in "$SOURCE"/examples/*.lua $(every 4 "$SOURCE"/examples/figures/*.lua); do
    name=$(basename "$path" .lua)
    "$fast" run -q --html "$work/$name.html" --pcap-all --pcap-start @0 --pcap "$work/$name.pcapng" "$path" >/dev/null 2>&1 || fail "$name fails"
    # A script with several simulations has a page of each, and a capture of the last.
    last=$(ls "$work/$name"-[0-9]*.html 2>/dev/null | sed -E 's/.*-([0-9]+)\.html/\1/' | sort -n | tail -1)
    if [[ $last =~ ^[0-9]+$ && -e $work/$name-$last.html && ! -e $SOURCE/examples/figures/$name-$last.lua ]]; then
        mv "$work/$name-$last.html" "$work/$name.html"
    fi
done
/usr/bin/python3 tests/browser/decode.py "$work" >"$work/out" || fail 'they differ'
cat "$work/out"
finish
