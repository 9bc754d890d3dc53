/* The manual pages, of the rows of options and the usage of subcommands (see help.h). */
#include "help.h"
#include "option_rows.h"

#include <string.h>

/* In roff a bare "-" is a hyphen, which nobody can paste, and a line that begins with "." a
 * request. */
static void print_roff(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool first = i == 0 || text[i - 1] == '\n';
        if (first && (text[i] == '.' || text[i] == '\'')) fputs("\\&", stdout);
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else
            printf(text[i] == '-' ? "\\%c" : "%c", text[i]);
    }
}

static void print_text(const char *text)
{
    print_roff(text, strlen(text));
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

static void print_option(const option_row *r)
{
    printf(".TP\n\\fB");
    if (r->letter) print_text(r->letter);
    if (r->letter) printf("\\fR, \\fB");
    print_text(r->name);
    printf("\\fR");
    if (r->form == EQUALS_VALUE) putchar('[');
    if (r->placeholder) printf("%s\\fI", r->form == EQUALS_VALUE ? "=" : " ");
    if (r->placeholder) print_text(r->placeholder);
    if (r->placeholder) printf("\\fR");
    puts(r->form == EQUALS_VALUE ? "]" : "");
    print_text(r->help);
    putchar('\n');
    if (r->detail) print_text(r->detail);
    if (r->detail) putchar('\n');
}

static const char help_option[] = ".TP\n\\fB\\-\\-help\\fR\nSay what a command takes.";

void help_manual(void)
{
    for (const option_row *r = option_rows; r->name; r++) {
        print_option(r);
        print_takers(r);
    }
    puts(help_option);
}

/* The lines of a usage, "usage: drywire run [options] FILE.lua", as they are. */
static void print_synopsis(const char *usage, const char *end)
{
    puts(".SH SYNOPSIS\n.nf");
    while (usage < end) {
        size_t len = strcspn(usage, "\n");
        const char *words = strstr(usage, "drywire ");
        if (words && words < usage + len) {
            size_t command = 8 + strcspn(words + 8, " \n");
            fputs("\\fB", stdout);
            print_roff(words, command);
            fputs("\\fR", stdout);
            print_roff(words + command, (size_t)(usage + len - words) - command);
            putchar('\n');
        }
        usage += len + 1;
    }
    puts(".fi");
}

static void print_options_of(const subcommand *s)
{
    unsigned takers = option_takers(s->name);
    puts(".SH OPTIONS");
    for (const option_row *r = option_rows; r->name; r++)
        if (r->of & takers) print_option(r);
    puts(help_option);
}

/* What help says, as a page: the first paragraph of a usage is the synopsis, the rest describes. */
void help_manual_of(const subcommand *s)
{
    const char *gap = strstr(s->usage, "\n\n"), *end = s->usage + strlen(s->usage);
    printf(".\\\" Written by: drywire help manual %s\n.TH DRYWIRE\\-", s->name);
    for (const char *c = s->name; *c; c++)
        putchar(*c - 'a' + 'A');
    printf(" 1 \"\" \"drywire %s\" \"User Commands\"\n.SH NAME\ndrywire\\-%s \\- ", dw_version(),
           s->name);
    print_text(s->summary);
    putchar('\n');
    print_synopsis(s->usage, gap ? gap : end);
    puts(".SH DESCRIPTION");
    if (gap)
        print_text(gap + 2);
    else
        printf("This is to %s.\n", s->summary);
    print_options_of(s);
    puts(".SH EXIT STATUS\n"
         "0 pass, 1 an assertion failed, 2 usage or script error, 3 a limit was reached or memory "
         "ran\n"
         "out, 4 plugin fault, 5 nondeterminism found, 128 and more ended by a signal; see\n"
         ".BR drywire (1).\n"
         ".SH SEE ALSO\n"
         ".BR drywire (1)");
}
