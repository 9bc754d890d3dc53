#!/bin/bash
# What every kind of picture shows of the same thing alike: states, FINs that cross, parts, losses.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
figure() { run "$1" 0 "$DRYWIRE" figures show "$2" --style unicode --svg x.svg --tikz x.tex "${@:3}"; }
has() { grep -qF -- "$2" "$1" || fail "$name: $1 lacks $2"; }
lacks() { grep -qF -- "$2" "$1" && fail "$name: $1 has $2"; }

# A state that lasted no time is passed: FIN-WAIT-2, where one segment acknowledges the FIN and brings the other.
figure 'a merged close' xie-4-merged --part close
for file in x.svg x.tex "$work/out"; do
    lacks "$file" FIN-WAIT-2
    has "$file" TIME-WAIT
done
figure 'a merged close without calls' xie-4-merged --part close --no-calls
for file in x.svg x.tex "$work/out"; do has "$file" LAST-ACK; done

# FINs that cross acknowledge nothing; what acknowledges them does.
figure 'a simultaneous close' stevens-18-simultaneous-close --letters --part close
for file in x.svg x.tex; do
    for text in 'FIN seq=u' 'FIN seq=w' 'ACK seq=u+1 ack=w+1' 'ACK seq=w+1 ack=u+1'; do has "$file" "$text"; done
    lacks "$file" 'ack=u<'
    lacks "$file" 'ack=u}'
done
figure 'a close one after the other' xie-4-release --letters --part fin
has x.svg 'FIN,ACK seq=w ack=u+1'

# A part ends with its connection, where nothing follows that is left out: 2 MSL are of the close.
for of in xie-4-release xie-4-merged; do
    figure "the FINs of $of" "$of" --part fin
    for file in x.svg x.tex "$work/out"; do grep -q 239.98s "$file" || fail "$name: $file ends before 2 MSL"; done
done
figure 'the opening' xie-4-release --part open
lacks x.svg TIME-WAIT

# The wait for 2 MSL that begins again; what a script loses is lost.
lost=$SOURCE/examples/06-lost-final-ack.lua
for lang in en zh; do
    run "a lost ACK, $lang" 0 "$DRYWIRE" run -q --ladder=unicode --lang $lang --svg x.svg --tikz x.tex --html x.html "$lost"
    again='2 MSL restarted' word=lost
    [ $lang = zh ] && again=重新等待2MSL word=丢失
    for file in x.svg x.tex "$work/out"; do
        has "$file" "$again"
        has "$file" "$word"
    done
    sed '/<title>/,/<\/title>/d' x.svg | grep -q fault-drop && fail "$name: a cause by its name"
    has x.html "\"fault-drop\":\"$word\""
done
run 'as a figure' 0 "$DRYWIRE" run -q --ladder=rfc "$lost"
prints '(2 MSL restarted)'
run 'in another language' 0 "$DRYWIRE" run -q --ladder=mermaid "$lost"
prints 'Note over A: 2 MSL restarted'
prints 'ACK seq=2 ack=2 (lost)'

# Without times there are no durations either.
run 'no times' 0 "$DRYWIRE" run -q --no-times --svg x.svg --tikz x.tex "$lost"
for file in x.svg x.tex; do lacks "$file" later; done
finish
