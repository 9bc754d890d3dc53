/* What the command says of its options, from their rows (see help.h). */
#include "help.h"
#include "option_rows.h"

#include <string.h>

/* Where the sentences of help begin, and where its lines end. */
enum { INDENT = 24, COLUMNS = 92 };

/* "-j, --jobs N" */
static void name_of(const option_row *r, char *out, size_t size)
{
    const char *before = "", *after = "", *value = r->placeholder ? r->placeholder : "";
    if (r->form == ONE_VALUE) before = " ";
    if (r->form == EQUALS_VALUE) {
        before = "[=";
        after = "]";
    }
    int n = r->letter ? snprintf(out, size, "%s, ", r->letter) : 0;
    snprintf(out + n, size - (size_t)n, "%s%s%s%s", r->name, before, value, after);
}

/* Words of a text, in lines that begin at INDENT; the first goes on at `column`. */
static void print_wrapped(const char *text, int column)
{
    while (*text) {
        int len = (int)strcspn(text, " ");
        if (column + len > COLUMNS) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        }
        printf("%.*s", len, text);
        text += len;
        column += len;
        if (!*text) break;
        text++;
        if (column + 1 + (int)strcspn(text, " ") <= COLUMNS) {
            putchar(' ');
            column++;
        } else {
            column = COLUMNS; /* the next word begins a line */
        }
    }
    putchar('\n');
}

void help_command(const subcommand *s)
{
    unsigned takers = option_takers(s->name);
    bool any = false;
    char name[60];
    fputs(s->usage, stdout);
    for (const option_row *r = option_rows; r->name; r++) {
        if (!(r->of & takers)) continue;
        if (!any) putchar('\n');
        any = true;
        name_of(r, name, sizeof name);
        printf("  %-*s", INDENT - 2, name);
        if (strlen(name) > INDENT - 3) printf("\n%*s", INDENT, "");
        print_wrapped(r->help, INDENT);
    }
}

/* Completion. */

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
    puts("        figures:show) words=$(drywire figures list 2>/dev/null | awk '{print $1}') ;;\n"
         "        esac\n"
         "    fi\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "    [ \"$COMP_CWORD\" -gt 1 ] && [ \"${#COMPREPLY[@]}\" = 0 ] && mapfile -t COMPREPLY < "
         "<(compgen -f -- \"$word\")\n"
         "    return 0\n"
         "}\n"
         "complete -o filenames -F _drywire drywire");
}

/* The manual page. */

/* In roff a bare "-" is a hyphen, which nobody can paste. */
static void print_roff(const char *text)
{
    for (; *text; text++) {
        if (*text == '-') putchar('\\');
        putchar(*text);
    }
}

/* "(run, watch, test)" */
static void print_takers(const option_row *r)
{
    const char *command;
    unsigned bits;
    bool first = true;
    for (size_t i = 0; (command = option_taker(i, &bits)) != NULL; i++) {
        if (!(bits & r->of)) continue;
        printf("%s%s", first ? "(" : ", ", command);
        first = false;
    }
    puts(")");
}

void help_manual(void)
{
    for (const option_row *r = option_rows; r->name; r++) {
        printf(".TP\n\\fB");
        if (r->letter) print_roff(r->letter);
        if (r->letter) printf("\\fR, \\fB");
        print_roff(r->name);
        printf("\\fR");
        if (r->form == EQUALS_VALUE) putchar('[');
        if (r->placeholder) printf("%s\\fI", r->form == EQUALS_VALUE ? "=" : " ");
        if (r->placeholder) print_roff(r->placeholder);
        if (r->placeholder) printf("\\fR");
        puts(r->form == EQUALS_VALUE ? "]" : "");
        print_roff(r->help);
        putchar('\n');
        if (r->detail) print_roff(r->detail);
        if (r->detail) putchar('\n');
        print_takers(r);
    }
    puts(".TP\n\\fB\\-\\-help\\fR\nSay what a command takes.");
}
