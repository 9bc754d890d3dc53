/* Text of any bytes inside another format: one place knows what each format needs.
 *
 * A text is taken apart into UTF-8 characters, and each format has a function that writes one of
 * them.  A byte that belongs to no character, and a character that the format cannot carry, becomes
 * U+FFFD, the character that stands for what cannot be shown.  DW_IN_SHELL and DW_IN_LUA are the
 * exceptions: a path or an argument must come back byte for byte, so they can write everything. */
#include "escape.h"

#include <stdio.h>
#include <string.h>

enum { NOT_UTF8 = 0x7fffffff, SECOND_BYTE = 0x80 };

typedef struct character {
    const char *bytes;
    size_t len;
    uint32_t code; /* NOT_UTF8: one byte that belongs to no character */
} character;

/* Where it goes, and the code of the character before (0: there was none). */
typedef struct sink {
    void (*put)(void *arg, const char *bytes, size_t len);
    void *arg;
    uint32_t before;
} sink;

/* Taking apart. */

static bool continues(const char *s, size_t i, size_t len)
{
    return i < len && ((unsigned char)s[i] & 0xc0) == SECOND_BYTE;
}

/* Overlong forms, surrogates and what is past Unicode's end are no characters (RFC 3629). */
static bool is_character(uint32_t code, size_t len)
{
    static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};
    return code >= min[len] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/* How many octets a character has that begins with this one (RFC 3629 3). */
static size_t octets_from(unsigned char first)
{
    if (first < 0x80) return 1;
    if (first < 0xe0) return 2;
    return first < 0xf0 ? 3 : 4;
}

static character next_character(const char *s, size_t len)
{
    unsigned char first = (unsigned char)s[0];
    size_t need = octets_from(first);
    character bad = {s, 1, NOT_UTF8};
    if (need == 1) return (character){s, 1, first};
    if (first < 0xc2 || first > 0xf4) return bad;
    uint32_t code = first & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if (!continues(s, i, len)) return bad;
        code = code << 6 | ((unsigned char)s[i] & 0x3f);
    }
    return is_character(code, need) ? (character){s, need, code} : bad;
}

/* C0, DEL and C1: a terminal obeys them. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Characters that are not seen themselves, but break a line, turn the order of what is shown
 * around, or make different texts look alike: Unicode's categories Zl, Zp and Cf, fillers, and what
 * else is ignored by default.  A table of our own, so that every machine has the same one. */
static bool misleads(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } unseen[] = {{0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x0600, 0x0605},   {0x061c, 0x061c},
                  {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},
                  {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},
                  {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},
                  {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x110bd, 0x110bd},
                  {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
                  {0xe0000, 0xe0fff}};
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
        if (code >= unseen[i].first && code <= unseen[i].last) return true;
    return false;
}

static bool is_hidden(uint32_t code)
{
    return code == NOT_UTF8 || is_control(code) || misleads(code);
}

static bool is_variation(uint32_t code)
{
    return code >= 0xfe00 && code <= 0xfe0f;
}

/* Emoji, and scripts such as Persian and Devanagari, cannot be written without joiners and
 * variation selectors: one of them may stand behind a letter that is not ASCII. */
static bool joins(uint32_t before, uint32_t code)
{
    bool joiner = code == 0x200c || code == 0x200d;
    if (joiner && is_variation(before)) return true;
    return (joiner || is_variation(code)) && before >= 0x80 && before != 0xfffd &&
           !is_hidden(before);
}

static bool is_lost(const sink *o, uint32_t code)
{
    return is_hidden(code) && !joins(o->before, code);
}

static bool is_one_of(uint32_t code, const char *set)
{
    return code > 0 && code < 0x80 && strchr(set, (int)code) != NULL;
}

/* Writing. */

static void put(sink *o, const char *s)
{
    o->put(o->arg, s, strlen(s));
}

static void as_it_is(sink *o, character c)
{
    o->put(o->arg, c.bytes, c.len);
}

static void put_code(sink *o, const char *format, uint32_t code)
{
    char text[16];
    snprintf(text, sizeof text, format, code);
    put(o, text);
}

static void put_bytes(sink *o, const char *format, character c)
{
    for (size_t i = 0; i < c.len; i++)
        put_code(o, format, (unsigned char)c.bytes[i]);
}

static void lost(sink *o)
{
    put(o, "\xef\xbf\xbd"); /* U+FFFD */
}

static void in_utf8(sink *o, character c)
{
    if (c.code == NOT_UTF8)
        lost(o);
    else
        as_it_is(o, c);
}

static void in_line(sink *o, character c)
{
    if (is_lost(o, c.code))
        lost(o);
    else
        as_it_is(o, c);
}

static void in_lines(sink *o, character c)
{
    if (c.code == '\n' || c.code == '\t')
        as_it_is(o, c);
    else
        in_line(o, c);
}

/* Past U+FFFF JSON has two codes for a character (RFC 8259 7). */
static void put_utf16(sink *o, uint32_t code)
{
    bool two = code > 0xffff;
    if (two) put_code(o, "\\u%04x", 0xd800 + ((code - 0x10000) >> 10));
    put_code(o, "\\u%04x", two ? 0xdc00 + (code & 0x3ff) : code);
}

static void in_json(sink *o, character c)
{
    if (c.code == NOT_UTF8)
        lost(o);
    else if (is_one_of(c.code, "\"\\"))
        put_code(o, "\\%c", c.code);
    else if (is_hidden(c.code))
        put_utf16(o, c.code);
    else
        as_it_is(o, c);
}

/* No tag, comment or entity can begin in it, so that it may stand in a script element. */
static void in_html_json(sink *o, character c)
{
    if (is_one_of(c.code, "<>&"))
        put_code(o, "\\u%04x", c.code);
    else
        in_json(o, c);
}

/* XML 1.0 section 2.2; DEL and C1 are allowed there, but nobody wants them. */
static void in_xml(sink *o, character c)
{
    bool noncharacter = c.code == 0xfffe || c.code == 0xffff;
    if (c.code == '\n' || c.code == '\t')
        as_it_is(o, c);
    else if (c.code == '\r') /* a reader would make a line end of it */
        put(o, "&#13;");
    else if (c.code == '&')
        put(o, "&amp;");
    else if (c.code == '<')
        put(o, "&lt;");
    else if (c.code == '>')
        put(o, "&gt;");
    else if (is_lost(o, c.code) || noncharacter)
        lost(o);
    else
        as_it_is(o, c);
}

/* Whoever reads an attribute makes blanks of its line ends, but not of references to them. */
static void in_xml_attribute(sink *o, character c)
{
    if (is_one_of(c.code, "\"'\n\t"))
        put_code(o, "&#%u;", c.code);
    else
        in_xml(o, c);
}

/* A description: "# TODO" and "# SKIP" in it would excuse a failure. */
static void in_tap(sink *o, character c)
{
    if (is_one_of(c.code, "\\#")) put(o, "\\");
    in_line(o, c);
}

/* Its entities are written with a number sign.  ":" is among them since "wrap:" and "style:" mean
 * something to it, and a blank in front since that is skipped. */
static void in_mermaid(sink *o, character c)
{
    if (is_one_of(c.code, ";#:<>%&{}$") || (c.code == ' ' && o->before == 0))
        put_code(o, "#%u;", c.code);
    else
        in_line(o, c);
}

/* Nearly every sign is markup there, some only when doubled. */
static void in_plantuml(sink *o, character c)
{
    bool doubled = is_one_of(c.code, "-_.=") && c.code == o->before;
    if (is_one_of(c.code, "\"#$%&'*/<>@[\\]^`{|}~!") || doubled)
        put_code(o, "<U+%04X>", c.code);
    else
        in_line(o, c);
}

/* "\n" would break a line and "\" at the end take the quotation mark, and nothing stands for it. */
static void in_mscgen(sink *o, character c)
{
    if (c.code == '\\')
        lost(o);
    else if (c.code == '"')
        put(o, "\\\"");
    else
        in_line(o, c);
}

/* In single quotation marks, where it neither runs commands nor knows escapes. */
static void in_gnuplot(sink *o, character c)
{
    if (c.code == '\'') put(o, "'");
    in_line(o, c);
}

static void in_csv(sink *o, character c)
{
    if (c.code == '"') put(o, "\"");
    in_utf8(o, c);
}

static void in_github(sink *o, character c)
{
    if (is_one_of(c.code, "%\n\r"))
        put_code(o, "%%%02X", c.code);
    else
        in_lines(o, c);
}

static void in_github_property(sink *o, character c)
{
    if (is_one_of(c.code, ":,"))
        put_code(o, "%%%02X", c.code);
    else
        in_github(o, c);
}

/* In '...'. */
static void in_shell(sink *o, character c)
{
    if (c.code == '\'')
        put(o, "'\\''");
    else
        as_it_is(o, c);
}

/* In $'...', where every byte can be written; three octal digits end by themselves. */
static void in_shell_escaped(sink *o, character c)
{
    if (is_one_of(c.code, "'\\"))
        put_code(o, "\\%c", c.code);
    else if (is_hidden(c.code))
        put_bytes(o, "\\%03o", c);
    else
        as_it_is(o, c);
}

/* In "...". */
static void in_lua(sink *o, character c)
{
    if (is_one_of(c.code, "\"\\"))
        put_code(o, "\\%c", c.code);
    else if (c.code == '\n')
        put(o, "\\n");
    else if (is_hidden(c.code))
        put_bytes(o, "\\%03u", c);
    else
        as_it_is(o, c);
}

/* pdflatex stops at U+FFFD, and at \textquotedbl in the fonts it usually has; "--" and the like
 * would be one character. */
static void in_latex(sink *o, character c)
{
    static const struct {
        char sign;
        const char *command;
    } commands[] = {{'\\', "\\textbackslash{}"},  {'~', "\\textasciitilde{}"},
                    {'^', "\\textasciicircum{}"}, {'<', "\\textless{}"},
                    {'>', "\\textgreater{}"},     {'"', "\\char34{}"}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (c.code == (uint32_t)commands[i].sign) {
            put(o, commands[i].command);
            return;
        }
    bool doubled = is_one_of(c.code, "-`'") && c.code == o->before;
    if (is_lost(o, c.code) || c.code == 0xfffd) {
        put(o, "?");
        return;
    }
    if (doubled) put(o, "{}");
    if (is_one_of(c.code, "{}$&#%_")) put(o, "\\");
    as_it_is(o, c);
}

static void each(sink *o, void (*write)(sink *o, character c), const char *s, size_t len)
{
    while (len > 0) {
        character c = next_character(s, len);
        write(o, c);
        o->before = is_lost(o, c.code) ? 0xfffd : c.code;
        s += c.len;
        len -= c.len;
    }
}

static void enclosed(sink *o, const char *open, void (*write)(sink *o, character c), const char *s,
                     size_t len, const char *close)
{
    put(o, open);
    each(o, write, s, len);
    put(o, close);
}

/* Whole words: what they need is seen when they are known. */

/* "=" may stand anywhere but in a first word, and ours never is that; in front zsh looks for a
 * command of that name. */
static bool is_plain_word(const char *s, size_t len)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_@%+=:,./-";
    for (size_t i = 0; i < len; i++)
        if (!is_one_of((unsigned char)s[i], plain)) return false;
    return len > 0 && s[0] != '=';
}

static void shell_word(sink *o, const char *s, size_t len)
{
    bool odd = false;
    for (size_t at = 0; at < len;) {
        character c = next_character(s + at, len - at);
        odd |= is_hidden(c.code);
        at += c.len;
    }
    if (odd)
        enclosed(o, "$'", in_shell_escaped, s, len, "'");
    else if (is_plain_word(s, len))
        o->put(o->arg, s, len);
    else
        enclosed(o, "'", in_shell, s, len, "'");
}

static void csv_field(sink *o, const char *s, size_t len)
{
    bool quoted = false;
    for (size_t i = 0; i < len; i++)
        quoted |= is_one_of((unsigned char)s[i], "\",\r\n");
    const char *mark = quoted ? "\"" : "";
    enclosed(o, mark, in_csv, s, len, mark);
}

/* The formats are told apart here and nowhere else. */
void dw_escape(enum dw_syntax syntax, const char *text, size_t len,
               void (*write)(void *arg, const char *bytes, size_t len), void *arg)
{
    sink o = {.put = write, .arg = arg};
    switch (syntax) {
    case DW_IN_UTF8: each(&o, in_utf8, text, len); return;
    case DW_IN_LINE: each(&o, in_line, text, len); return;
    case DW_IN_LINES: each(&o, in_lines, text, len); return;
    case DW_IN_JSON: each(&o, in_json, text, len); return;
    case DW_IN_HTML_JSON: each(&o, in_html_json, text, len); return;
    case DW_IN_XML: each(&o, in_xml, text, len); return;
    case DW_IN_XML_ATTRIBUTE: each(&o, in_xml_attribute, text, len); return;
    case DW_IN_TAP: each(&o, in_tap, text, len); return;
    case DW_IN_MERMAID: each(&o, in_mermaid, text, len); return;
    case DW_IN_PLANTUML: each(&o, in_plantuml, text, len); return;
    case DW_IN_MSCGEN: each(&o, in_mscgen, text, len); return;
    case DW_IN_GNUPLOT: enclosed(&o, "'", in_gnuplot, text, len, "'"); return;
    case DW_IN_CSV: csv_field(&o, text, len); return;
    case DW_IN_GITHUB: each(&o, in_github, text, len); return;
    case DW_IN_GITHUB_PROPERTY: each(&o, in_github_property, text, len); return;
    case DW_IN_SHELL: shell_word(&o, text, len); return;
    case DW_IN_LUA: enclosed(&o, "\"", in_lua, text, len, "\""); return;
    case DW_IN_LATEX: each(&o, in_latex, text, len); return;
    }
}

/* For the core's files. */

static void to_text(void *arg, const char *bytes, size_t len)
{
    dw_text_add_n(arg, bytes, len);
}

void dw_text_escape_n(dw_text *t, enum dw_syntax syntax, const char *s, size_t len)
{
    dw_escape(syntax, s, len, to_text, t);
}

void dw_text_escape(dw_text *t, enum dw_syntax syntax, const char *s)
{
    dw_text_escape_n(t, syntax, s, strlen(s));
}

typedef struct room {
    char *at;
    size_t left; /* for the NUL, too */
} room;

static void to_room(void *arg, const char *bytes, size_t len)
{
    room *r = arg;
    if (len >= r->left) {
        r->left = 1; /* full: what is shorter may not follow */
        return;
    }
    memcpy(r->at, bytes, len);
    r->at += len;
    r->left -= len;
}

char *dw_escape_into(enum dw_syntax syntax, const char *s, char *buf, size_t size)
{
    room r = {buf, size};
    dw_escape(syntax, s, strlen(s), to_room, &r);
    *r.at = 0;
    return buf;
}

bool dw_is_utf8(const char *s)
{
    for (size_t len = strlen(s); len > 0;) {
        if ((unsigned char)*s < 0x80) { /* nearly all */
            s++;
            len--;
            continue;
        }
        character c = next_character(s, len);
        if (c.code == NOT_UTF8) return false;
        s += c.len;
        len -= c.len;
    }
    return true;
}

static void to_file(void *arg, const char *bytes, size_t len)
{
    fwrite(bytes, 1, len, arg);
}

void dw_escape_file(FILE *f, enum dw_syntax syntax, const char *text, size_t len)
{
    dw_escape(syntax, text, len, to_file, f);
}
