# Completion for bash: source this file, or install it as /usr/share/bash-completion/completions/drywire.
# Written by: drywire help bash
_drywire() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=
    if [ "$COMP_CWORD" = 1 ]; then
        words='run test watch repl init drill export figures ladder import trace explain stats plot diff check profiles defects coverage catalogue states help --help --version'
    else
        case $command in
        run) words='--seed --filter --exclude --set --until --profile --plugin --drop --explain --packet --conn --output --ladder --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --title --packets --no-packets --calls --no-calls --no-times --no-states --width --color --pcap --pcap-at --pcap-all --pcap-start --link-type --jsonl --trace --svg --tikz --animate --large --mono --bytefield --html --detail --plots --watchdog --memory --update --quiet --verbose --help' ;;
        test) words='--seed --seeds --filter --exclude --list --fail-fast --set --profile --plugin --watchdog --memory --update --junit --jobs --quiet --verbose --help' ;;
        watch) words='--seed --filter --exclude --set --until --profile --plugin --drop --explain --packet --conn --output --ladder --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --title --packets --no-packets --calls --no-calls --no-times --no-states --width --color --pcap --pcap-at --pcap-all --pcap-start --link-type --jsonl --trace --svg --tikz --animate --large --mono --bytefield --html --detail --plots --watchdog --memory --update --quiet --verbose --help' ;;
        repl) words='--seed --set --until --profile --plugin --drop --width --watchdog --memory --quiet --help' ;;
        init) words='--ci --help' ;;
        drill) words='--filter --exclude --list --fail-fast --profile --ip-version --define --strict --live --tolerance --ignore --record --sysctls --ladder --numbers --absolute --width --color --pcap --pcap-at --pcap-all --pcap-start --link-type --jsonl --trace --html --junit --quiet --verbose --help' ;;
        export) words='--seed --set --until --profile --plugin --drop --packetdrill --host --conn --output --watchdog --memory --help' ;;
        figures) words='list show export --plugin --conn --output --style --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --title --packets --no-packets --calls --no-calls --no-times --no-states --width --color --svg --tikz --animate --large --mono --html --json --help' ;;
        ladder) words='--plugin --conn --output --style --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --title --packets --no-packets --calls --no-calls --no-times --no-states --width --color --svg --tikz --animate --large --mono --bytefield --html --help' ;;
        import) words='--plugin --packet --explain --list --sort --conn --output --ladder --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --title --packets --no-packets --calls --no-calls --no-times --no-states --width --color --jsonl --svg --tikz --animate --large --mono --html --lua --json --all --quiet --help' ;;
        trace) words='--plugin --all --quiet --help' ;;
        explain) words='--plugin --packet --numbers --absolute --width --event --all --help' ;;
        stats) words='--plugin --conn --json --help' ;;
        plot) words='--plugin --conn --width --svg --series --csv --gnuplot --help' ;;
        diff) words='--plugin --width --quiet --help' ;;
        check) words='--seed --set --until --profile --plugin --drop --watchdog --memory --help' ;;
        profiles) words='list show diff rfc9293 linux freebsd rfc793 embedded --json --help' ;;
        defects) words='--json --help' ;;
        coverage) words='--jobs --json --markdown --help' ;;
        catalogue) words='--jobs --json --markdown --help' ;;
        states) words='--style --jobs --help' ;;
        esac
        case $command:${COMP_WORDS[COMP_CWORD - 1]} in
        *:--ci) words='github gitlab both none' ;;
        run:--profile | test:--profile | watch:--profile | repl:--profile | export:--profile | check:--profile) words='rfc9293 linux freebsd rfc793 embedded' ;;
        drill:--profile) words='rfc9293 linux freebsd rfc793 embedded' ;;
        *:--ip-version) words='ipv4 ipv6 ipv4-mapped-ipv6' ;;
        *:--ignore) words='window mss wscale options push sack time' ;;
        *:--sort) words='trouble packets octets time conn' ;;
        figures:--style | ladder:--style) words='unicode ascii rfc mermaid plantuml mscgen' ;;
        states:--style) words='text svg dot' ;;
        *:--numbers) words='relative absolute symbolic letters' ;;
        *:--lang) words='en zh' ;;
        *:--part) words='all open data close fin' ;;
        *:--color) words='auto always never' ;;
        *:--link-type) words='ethernet raw' ;;
        figures:show) words='comer-25-4 defect-2525-01 defect-2525-02 defect-2525-03 defect-2525-04 defect-2525-05 defect-2525-06 defect-2525-07 defect-2525-08 defect-2525-09 defect-2525-10 defect-2525-11 defect-2525-12 defect-2525-13 defect-2525-14 defect-2525-15 defect-2525-16 defect-2525-17 defect-2525-18 defect-any-ack-closes defect-echo-challenge defect-fin-not-retransmitted defect-fin-seq-plus-one defect-fixed-isn defect-no-backoff defect-no-karn defect-no-rst-for-old-syn defect-no-time-wait defect-no-window-probe defect-time-wait-not-restarted defect-two-way-deadlock defect-two-way-handshake dordal-ladder kurose-3-aimd kurose-3-cumulative kurose-3-fast-retransmit kurose-3-lost-ack kurose-3-premature kurose-3-rtt kurose-3-tahoe-reno peterson-vegas rfc1122-delayed-ack rfc1191 rfc1337-1 rfc1337-2 rfc1337-3 rfc1337-4 rfc2018-7 rfc2883-4 rfc2923 rfc3042 rfc3168 rfc3522 rfc4987 rfc5482 rfc5681-3 rfc5682 rfc5961-3 rfc5961-4 rfc5961-5 rfc6191 rfc6298-2 rfc6298-5 rfc6582 rfc6675 rfc6937 rfc7323-echo-delayed rfc7323-echo-hole rfc7323-paws rfc7323-scale rfc7413-cookie rfc7413-data rfc793-10 rfc813 rfc896 rfc8985-lost-again rfc8985-reordering rfc8985-tail rfc9293-05 rfc9293-06 rfc9293-07 rfc9293-08 rfc9293-09 rfc9293-10 rfc9293-11 rfc9293-12 rfc9293-13 rfc9438-curve saw-tooth stevens-18-abort stevens-18-backlog stevens-18-connect-timeout stevens-18-half-close stevens-18-half-open stevens-18-open-close stevens-18-simultaneous-close stevens-18-simultaneous-open stevens-21-congestion stevens-21-timeout stevens-22-persist stevens-22-update-lost stevens-23-keepalive-crash stevens-23-keepalive-reboot stevens-23-keepalive-unreachable tanenbaum-6-11a tanenbaum-6-11b tanenbaum-6-11c tanenbaum-6-14a tanenbaum-6-14b tanenbaum-6-14c tanenbaum-6-14d xie-3-handshake xie-4-merged xie-4-release' ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    [ "$COMP_CWORD" -gt 1 ] && [ "${#COMPREPLY[@]}" = 0 ] && mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return 0
}
complete -o filenames -F _drywire drywire
