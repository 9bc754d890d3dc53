/* Completion for shells, of the rows of options (see help.h). */
#include "binding/embedded.h"
#include "help.h"
#include "option_rows.h"

#include <string.h>

/* Made by the build from examples/figures/. */
extern const dwl_source dwl_figures[];

/* Their names, without ".lua". */
static void print_figures(void)
{
    for (const dwl_source *f = dwl_figures; f->name; f++)
        printf("%s%.*s", f == dwl_figures ? "" : " ", (int)strlen(f->name) - 4, f->name);
}

static bool writes_directory(const option_row *r)
{
    return r->placeholder && strcmp(r->placeholder, "DIR") == 0;
}

static bool takes_file(const option_row *r)
{
    return r->writes || (r->placeholder && strcmp(r->placeholder, "FILE") == 0);
}

/* bash. */

static void print_words(const char *const *words)
{
    for (int i = 0; words[i]; i++)
        printf("%s%s", i ? " " : "", words[i]);
}

static bool has_several_rows(const option_row *row)
{
    int n = 0;
    for (const option_row *r = option_rows; r->name; r++)
        n += strcmp(r->name, row->name) == 0;
    return n > 1;
}

/* In front of an option's name in a pattern of the shell: each of the subcommands that have this
 * row.
 */
static void print_value_pattern(const option_row *r)
{
    const char *command;
    unsigned bits;
    bool first = true;
    if (!has_several_rows(r)) {
        printf("        *:%s", r->name);
        return;
    }
    for (size_t i = 0; (command = option_taker(i, &bits)) != NULL; i++) {
        if (!(bits & r->of)) continue;
        printf("%s%s:%s", first ? "        " : " | ", command, r->name);
        first = false;
    }
}

/* Words of the subcommand, then values of the option in front of the word; what nothing completes
 * is a file. */
void help_bash(const subcommand *all)
{
    puts("# Completion for bash: source this file, or install it as "
         "/usr/share/bash-completion/completions/drywire.\n"
         "# Written by: drywire help bash");
    printf("_drywire() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=\n"
           "    if [ \"$COMP_CWORD\" = 1 ]; then\n        words='");
    for (const subcommand *s = all; s->name; s++)
        printf("%s ", s->name);
    puts("help --help --version'\n    else\n        case $command in");
    for (const subcommand *s = all; s->name; s++) {
        printf("        %s) words='", s->name);
        if (s->words) printf("%s ", s->words);
        for (const option_row *r = option_rows; r->name; r++)
            if (r->of & option_takers(s->name)) printf("%s ", r->name);
        puts("--help' ;;");
    }
    puts("        esac\n        case $command:${COMP_WORDS[COMP_CWORD - 1]} in");
    for (const option_row *r = option_rows; r->name; r++) {
        if (!r->words || r->form != ONE_VALUE) continue;
        print_value_pattern(r);
        printf(") words='");
        print_words(r->words);
        puts("' ;;");
    }
    fputs("        figures:show) words='", stdout);
    print_figures();
    puts("' ;;\n"
         "        esac\n"
         "    fi\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "    [ \"$COMP_CWORD\" -gt 1 ] && [ \"${#COMPREPLY[@]}\" = 0 ] && mapfile -t COMPREPLY < "
         "<(compgen -f -- \"$word\")\n"
         "    return 0\n"
         "}\n"
         "complete -o filenames -F _drywire drywire");
}

/* zsh. */

/* Inside '...' of a specification of _arguments. */
static void print_zsh(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
            continue;
        }
        if (strchr("[]:\\", *text)) putchar('\\');
        putchar(*text);
    }
}

static void print_zsh_value(const option_row *r)
{
    if (r->form == NO_VALUE) return;
    fputs(r->form == EQUALS_VALUE ? "::" : ":", stdout);
    print_zsh(r->placeholder ? r->placeholder : "value");
    putchar(':');
    if (r->words) {
        putchar('(');
        print_words(r->words);
        putchar(')');
    } else if (writes_directory(r)) {
        fputs("_files -/", stdout);
    } else if (takes_file(r)) {
        fputs("_files", stdout);
    }
}

/* '(-j --jobs)'{-j,--jobs}'[help]:N:', or '*--set[help]:NAME=VALUE:' where it may come again */
static void print_zsh_option(const option_row *r)
{
    const char *equals = r->form == EQUALS_VALUE ? "=-" : "";
    const char *again = r->replay == REPLAYED_EACH ? "*" : "";
    fputs(" \\\n                ", stdout);
    if (r->letter && *again)
        printf("'*'{%s,%s}'", r->letter, r->name);
    else if (r->letter)
        printf("'(%s %s)'{%s,%s}'", r->letter, r->name, r->letter, r->name);
    else
        printf("'%s%s%s", again, r->name, equals);
    putchar('[');
    print_zsh(r->help);
    putchar(']');
    print_zsh_value(r);
    putchar('\'');
}

static void print_zsh_command(const subcommand *s)
{
    printf("        %s)\n            _arguments -s", s->name);
    for (const option_row *r = option_rows; r->name; r++)
        if (r->of & option_takers(s->name)) print_zsh_option(r);
    fputs(" \\\n                '--help[Say what the command takes.]'", stdout);
    if (s->words) printf(" \\\n                '1:word:(%s)'", s->words);
    if (strcmp(s->name, "figures") == 0)
        fputs(" \\\n                '2:figure:_drywire_figures'", stdout);
    puts(" \\\n                '*:file:_files' ;;");
}

/* The first word is a subcommand; what follows is completed by _arguments, a specification for each
 * option of it. */
void help_zsh(const subcommand *all)
{
    puts("#compdef drywire\n"
         "# Completion for zsh: install it as _drywire in a folder of $fpath.\n"
         "# Written by: drywire help zsh\n"
         "_drywire_figures() {\n"
         "    [[ $words[2] = show ]] || { _files; return }");
    fputs("    compadd -- ", stdout);
    print_figures();
    puts("\n}\n"
         "_drywire() {\n"
         "    local -a commands\n"
         "    commands=(");
    for (const subcommand *s = all; s->name; s++) {
        printf("        '%s:", s->name);
        print_zsh(s->summary);
        puts("'");
    }
    puts(
        "        'help:say what a command takes'\n"
        "    )\n"
        "    if (( CURRENT == 2 )); then\n"
        "        _describe command commands\n"
        "        _files -g '*.lua'\n"
        "        _arguments -s '--help[List the commands.]' '--version[Say which drywire it is.]'\n"
        "        return\n"
        "    fi\n"
        "    shift words\n"
        "    (( CURRENT-- ))\n"
        "    case $words[1] in");
    for (const subcommand *s = all; s->name; s++)
        print_zsh_command(s);
    puts("        help) _describe command commands ;;\n"
         "        *) _files ;;\n"
         "    esac\n"
         "}\n"
         "if [[ $funcstack[1] = _drywire ]]; then _drywire \"$@\"; else compdef _drywire drywire; "
         "fi");
}

/* fish. */

static void print_fish(const char *text)
{
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') putchar('\\');
        putchar(*text);
    }
    putchar('\'');
}

static void print_fish_option(const option_row *r)
{
    const char *command;
    unsigned bits;
    if (!r->of) return;
    fputs("complete -c drywire -n '__fish_seen_subcommand_from", stdout);
    for (size_t i = 0; (command = option_taker(i, &bits)) != NULL; i++)
        if (bits & r->of) printf(" %s", command);
    printf("' -l %s", r->name + 2);
    if (r->letter) printf(" -s %s", r->letter + 1);
    bool files = takes_file(r) || writes_directory(r);
    if (r->form == ONE_VALUE) fputs(files ? " -r" : " -x", stdout);
    if (r->words && r->form != NO_VALUE) {
        fputs(" -a '", stdout);
        print_words(r->words);
        putchar('\'');
    }
    fputs(" -d ", stdout);
    print_fish(r->help);
    putchar('\n');
}

void help_fish(const subcommand *all)
{
    puts("# Completion for fish: install it as drywire.fish in a folder of $fish_complete_path.\n"
         "# Written by: drywire help fish");
    for (const subcommand *s = all; s->name; s++) {
        printf("complete -c drywire -n __fish_use_subcommand -a %s -d ", s->name);
        print_fish(s->summary);
        putchar('\n');
        if (!s->words) continue;
        printf("complete -c drywire -n '__fish_seen_subcommand_from %s' -a '%s'\n", s->name,
               s->words);
    }
    puts("complete -c drywire -n __fish_use_subcommand -a help -d 'say what a command takes'\n"
         "complete -c drywire -n __fish_use_subcommand -l version -d 'Say which drywire it is.'\n"
         "complete -c drywire -l help -d 'Say what a command takes.'");
    fputs("complete -c drywire -n '__fish_seen_subcommand_from figures; and "
          "__fish_seen_subcommand_from show' -a '",
          stdout);
    print_figures();
    puts("'");
    for (const option_row *r = option_rows; r->name; r++)
        print_fish_option(r);
}
