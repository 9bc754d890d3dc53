# Completion for bash: source this file, or install it as /usr/share/bash-completion/completions/drywire.
# Written by: drywire help bash
_drywire() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=
    if [ "$COMP_CWORD" = 1 ]; then
        words='run test watch repl init drill export figures ladder import trace explain stats plot diff check profiles defects coverage catalogue states help --help --version'
    else
        case $command in
        run) words='--seed --set --until --profile --plugin --drop --conn --output --ladder --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --packets --no-packets --calls --no-calls --no-times --no-states --width --color --pcap --jsonl --trace --svg --html --detail --plots --watchdog --memory --update --quiet --verbose --help' ;;
        test) words='--seed --set --profile --plugin --watchdog --memory --update --junit --jobs --quiet --verbose --help' ;;
        watch) words='--seed --set --until --profile --plugin --drop --conn --output --ladder --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --packets --no-packets --calls --no-calls --no-times --no-states --width --color --pcap --jsonl --trace --svg --html --detail --plots --watchdog --memory --update --quiet --verbose --help' ;;
        repl) words='--seed --set --until --profile --plugin --drop --width --watchdog --memory --quiet --help' ;;
        init) words='--help' ;;
        drill) words='--profile --ip-version --define --strict --live --tolerance --ignore --record --sysctls --ladder --numbers --absolute --width --color --pcap --jsonl --trace --html --junit --quiet --verbose --help' ;;
        export) words='--seed --set --until --profile --plugin --drop --packetdrill --host --conn --output --watchdog --memory --help' ;;
        figures) words='list show export --plugin --conn --output --style --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --packets --no-packets --calls --no-calls --no-times --no-states --width --color --svg --html --json --help' ;;
        ladder) words='--plugin --conn --output --style --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --packets --no-packets --calls --no-calls --no-times --no-states --width --color --svg --html --help' ;;
        import) words='--plugin --explain --list --sort --conn --output --ladder --numbers --absolute --symbolic --letters --lang --from --to --part --left --right --packets --no-packets --calls --no-calls --no-times --no-states --width --color --jsonl --svg --html --lua --json --all --quiet --help' ;;
        trace) words='--plugin --all --quiet --help' ;;
        explain) words='--plugin --event --all --help' ;;
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
        run:--profile | test:--profile | watch:--profile | repl:--profile | export:--profile | check:--profile) words='rfc9293 linux freebsd rfc793 embedded' ;;
        drill:--profile) words='rfc9293 linux freebsd rfc793 embedded' ;;
        *:--ip-version) words='ipv4 ipv6 ipv4-mapped-ipv6' ;;
        *:--ignore) words='window mss wscale options push sack time' ;;
        *:--sort) words='trouble packets octets time conn' ;;
        figures:--style | ladder:--style) words='unicode ascii rfc mermaid plantuml mscgen' ;;
        states:--style) words='text svg dot' ;;
        *:--numbers) words='relative absolute symbolic letters' ;;
        *:--lang) words='en zh' ;;
        *:--part) words='all open data close' ;;
        *:--color) words='auto always never' ;;
        figures:show) words=$(drywire figures list 2>/dev/null | awk '{print $1}') ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    [ "$COMP_CWORD" -gt 1 ] && [ "${#COMPREPLY[@]}" = 0 ] && mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return 0
}
complete -o filenames -F _drywire drywire
