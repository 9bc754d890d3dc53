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
