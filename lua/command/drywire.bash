# Completion for bash: source this file, or install it as /usr/share/bash-completion/completions/drywire.
_drywire() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=
    if [ "$COMP_CWORD" = 1 ]; then
        words='run test watch repl init drill import export figures ladder trace explain stats plot diff check profiles defects coverage catalogue states --help --version'
    else
        case $command in
        run | watch) words='--seed --set --until --profile --plugin --drop --ladder --numbers --absolute --symbolic
            --width --color --pcap --svg --html --detail --conn --plots --jsonl --trace --watchdog --memory --update --quiet --verbose --help' ;;
        test) words='--seed --set --profile --plugin --watchdog --memory --update --junit --jobs --quiet --help' ;;
        export) words='--packetdrill --host --conn --output --seed --set --until --profile --plugin --drop --watchdog --memory' ;;
        repl) words='--seed --set --until --profile --plugin --drop --watchdog --memory --width --quiet --help' ;;
        import) words='--list --conn --ladder --numbers --absolute --symbolic --width --color --svg --html --jsonl --lua --quiet --help' ;;
        drill) words='--profile --ip-version --define --strict --ladder --numbers --absolute --width --color --pcap --jsonl
            --html --junit --sysctls --live --tolerance --ignore --record --verbose --quiet --help' ;;
        figures) words='list show export --style --svg --html --numbers --width --json --help' ;;
        plot) words='--plugin --series --conn --svg --csv --gnuplot --width --help' ;;
        stats) words='--plugin --conn --json --help' ;;
        ladder) words='--plugin --style --svg --html --conn --numbers --absolute --symbolic --width --color --help' ;;
        trace) words='--plugin --all --quiet --help' ;;
        explain) words='--event --all --help' ;;
        profiles) words='list show diff rfc9293 linux freebsd rfc793 embedded --json --help' ;;
        defects) words='--json --help' ;;
        coverage | catalogue) words='--jobs --json --markdown --help' ;;
        states) words='--jobs --style --help' ;;
        diff | check) words='--quiet --help' ;;
        esac
        case ${COMP_WORDS[COMP_CWORD - 1]} in
        --profile) words='rfc9293 linux freebsd rfc793 embedded' ;;
        --style) words='unicode ascii rfc mermaid plantuml mscgen'; [ "$command" = states ] && words='text svg dot' ;;
        --ip-version) words='ipv4 ipv6 ipv4-mapped-ipv6' ;;
        --numbers) words='relative absolute symbolic' ;;
        --ignore) words='window mss wscale options push sack time' ;;
        --color) words='auto always never' ;;
        esac
        [ "$command" = figures ] && [ "${COMP_WORDS[COMP_CWORD - 1]}" = show ] &&
            words=$(drywire figures list 2>/dev/null | awk '{print $1}')
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    [ "$COMP_CWORD" -gt 1 ] && [ "${#COMPREPLY[@]}" = 0 ] && mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return 0
}
complete -o filenames -F _drywire drywire
