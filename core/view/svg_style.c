/* How an SVG ladder looks: fonts, strokes, and the palette for light and dark pages. */
#include "drywire/plugin.h"
#include "svg_model.h"

static const char style[] =
    "text { font: 11px system-ui, sans-serif }\n"
    ".title { font-size: 15px; font-weight: 600 } .long { font-size: 12px } .name { font-size: "
    "13px; font-weight: 600 }\n"
    ".time { font-size: 9.5px; font-variant-numeric: tabular-nums }\n"
    ".seg, .why, .again { font: 10px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, "
    "monospace; paint-order: stroke; stroke-width: 3px; stroke-linejoin: round }\n"
    ".again { font-style: italic } .state { font-size: 10.5px; font-weight: 600 }\n"
    ".middle { font-size: 9px; paint-order: stroke; stroke-width: 3px; stroke-linejoin: round }\n"
    ".call, .timer { font-size: 10px; font-style: italic } .gap-text, .legend { font-size: 10px }\n"
    ".axis, .life { stroke-width: 1 } .stretched { stroke-dasharray: 1 3 } .tear { fill: none }\n"
    ".gap { stroke-dasharray: 2 4 } .wire { stroke-width: 1.4; fill: none }\n"
    ".cross { fill: none; stroke-width: 2 } .hollow { stroke-width: 1.3 }\n"
    ".lost .wire { stroke-dasharray: 7 3 } .copy .wire { stroke-dasharray: 2 3 }\n"
    ".damaged .wire { stroke-dasharray: 9 3 2 3 } .closed { fill: none }\n"
    ".certain .wire { stroke-dasharray: 7 3 } .likely .wire { stroke-dasharray: 2 3 }\n"
    ".wire.tip { stroke-dasharray: none } .wire.fades { stroke-opacity: .55 } .wire.faint { "
    "stroke-opacity: .28 }\n"
    ".doubt { font-size: 13px; font-weight: 700 } .bar.inferred { opacity: .5 }\n"
    ".state.inferred { font-weight: 400; font-style: italic }\n"
    ".time-wait { stroke-dasharray: 3 2 } .page.cover { fill-opacity: .86 }\n"
    "@media (prefers-reduced-motion: reduce) { .moving { display: none } }\n";

/* Once for a light page and once for a dark one: $n is a colour of the palette. */
static const char colours[] =
    "text { fill: $1 } .page { fill: $0 } .time, .call, .timer, .gap-text, .legend { fill: $2 }\n"
    ".axis, .life, .gap, .present { stroke: $3 } .tear { stroke: $2 } .hollow { fill: $0 }\n"
    ".syn .wire, .syn .hollow { stroke: $4 } .syn .seg, .syn .head { fill: $4 }\n"
    ".fin .wire, .fin .hollow { stroke: $5 } .fin .seg, .fin .head { fill: $5 }\n"
    ".rst .wire, .rst .hollow, .cross { stroke: $6 } .rst .seg, .rst .head, .why { fill: $6 }\n"
    ".data .wire, .data .hollow { stroke: $7 } .data .seg, .data .head { fill: $7 }\n"
    ".ack .wire, .ack .hollow { stroke: $8 } .ack .seg, .ack .head { fill: $8 }\n"
    ".doubt { fill: $6 } .unknown .why, .unknown .doubt { fill: $2 }\n"
    ".seg, .why, .again, .middle { stroke: $0 } .again { fill: $2 } .opening { fill: $9 } .open { "
    "fill: $A "
    "} .closing { fill: $B }\n"
    ".time-wait { fill: $C; stroke: $2 } .listen { fill: $D }\n";

/* Page, ink, soft ink, hairlines; SYN, FIN, RST, data, ACK, which the colour-blind can tell apart
 * by lightness; states: opening, open, closing, TIME-WAIT, LISTEN. */
static const char *const palette[4][14] = {
    {"#fff", "#1d232a", "#6a737d", "#c9d0d7", "#00795c", "#8a3ea8", "#c2321b", "#0063a8", "#454e58",
     "#9ed3c0", "#3f9f80", "#d9b3e6", "#f0dca6", "#dfe5ea"},
    {"#14181d", "#e4e8ec", "#97a1ab", "#3a434d", "#4fd1a8", "#d59aec", "#ff8a73", "#66b8ff",
     "#b6bfc8", "#1f6450", "#37a07f", "#6b3f7d", "#6e5c22", "#2b333b"},
    /* One colour, in as many lightnesses as bars have to be told apart. */
    {"#fff", "#000", "#444", "#bbb", "#000", "#000", "#000", "#000", "#000", "#bbb", "#777", "#999",
     "#fff", "#e6e6e6"},
    {"#000", "#fff", "#bbb", "#555", "#fff", "#fff", "#fff", "#fff", "#fff", "#555", "#999", "#777",
     "#000", "#2a2a2a"}};

static void put_colours(dw_text *out, const char *const *of)
{
    for (const char *s = colours; *s; s++) {
        if (*s != '$') {
            dw_text_add_n(out, s, 1);
            continue;
        }
        s++;
        dw_text_add(out, of[*s >= 'A' ? *s - 'A' + 10 : *s - '0']);
    }
}

const char *dw_svg_state_style(enum dw_state_class state)
{
    switch (state) {
    case DW_STATE_CLOSED: return "closed";
    case DW_STATE_LISTENING: return "listen";
    case DW_STATE_OPENING: return "opening";
    case DW_STATE_OPEN: return "open";
    case DW_STATE_WAITING: return "time-wait";
    case DW_STATE_CLOSING:
    case DW_STATE_OTHER: break;
    }
    return "closing";
}

void dw_svg_style(dw_text *out, bool mono)
{
    const char *const(*pair)[14] = mono ? palette + 2 : palette;
    dw_text_add(out, "<style>\n");
    dw_text_add(out, style);
    put_colours(out, pair[0]);
    dw_text_add(out, "@media (prefers-color-scheme: dark) {\n");
    put_colours(out, pair[1]);
    dw_text_add(out, "}\n</style>\n");
}
