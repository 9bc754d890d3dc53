/* Text in other formats: what each needs to carry a text of any bytes. */
#ifndef DRYWIRE_TEXT_H
#define DRYWIRE_TEXT_H

#include "base.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a text is to stand.  Hosts, notes, tests and files may be named by any bytes; in each of
 * these places they can neither end the text early nor be taken for anything but text. */
enum dw_syntax {
    DW_IN_UTF8,          /* any text: only what is no UTF-8 is replaced */
    DW_IN_LINE,          /* one line for people: a terminal's, a comment's */
    DW_IN_LINES,         /* several: line ends and tabs stay */
    DW_IN_JSON,          /* between the quotation marks of a JSON string */
    DW_IN_HTML_JSON,     /* likewise, inside a script element */
    DW_IN_XML,           /* an element's text, in HTML too */
    DW_IN_XML_ATTRIBUTE, /* between its quotation marks, either kind */
    DW_IN_TAP,           /* a test's description */
    DW_IN_MERMAID,       /* names and messages of sequence diagrams ... */
    DW_IN_PLANTUML,      /* ... in quotation marks, too ... */
    DW_IN_MSCGEN,        /* ... between quotation marks */
    DW_IN_GNUPLOT,       /* with its quotation marks */
    DW_IN_CSV,           /* a field, with quotation marks where it needs them */
    DW_IN_GITHUB,        /* the message of a workflow command of GitHub's ... */
    DW_IN_GITHUB_PROPERTY,
    DW_IN_SHELL, /* a word, quoted where it needs to be: bash, ksh, zsh, POSIX 2024; sh of before
                    for words without control characters and bad UTF-8 */
    DW_IN_LUA,   /* with its quotation marks */
    DW_IN_LATEX, /* text of a paragraph; what cannot be shown is "?" */
};

/* Hand `text` (any bytes, `len` of them) to write, in pieces, as it has to stand there.
 *
 * What a format's own reader gets back: everything, for JSON, shell and Lua, XML and its
 * attributes; but bytes that are no UTF-8 (not for shell and Lua) and characters that nobody sees
 * in XML (controls, what is called unseen below, U+FFFE, U+FFFF) come back as U+FFFD.  Everywhere
 * else control characters, line ends, and what is unseen are U+FFFD, as is a backslash in mscgen.
 *
 * Unseen is what turns the direction of text around (U+202E and its like), has no width (U+200B,
 * U+FEFF ...) or is a tag or filler: Unicode's format characters.  A joiner or variation selector
 * behind a letter that is not ASCII, as emoji, Persian and Devanagari have them, is none. */
DW_API void dw_escape(enum dw_syntax syntax, const char *text, size_t len,
                      void (*write)(void *arg, const char *bytes, size_t len), void *arg);

/* The same into a stream. */
DW_API void dw_escape_file(FILE *f, enum dw_syntax syntax, const char *text, size_t len);

#ifdef __cplusplus
}
#endif
#endif
