/* Which segments a picture says the window of: one that is closed, and the first that is open
 * again; all or none where that is asked for. */
#include "windows.h"

#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/flow.h"

#include <stdlib.h>

/* A reset announces none, and what a script made changes no host's. */
static bool announces(const dw_packet_view *v)
{
    bool made = v->copy_of || dw_cause_is(v->cause, &dw_cause_inject);
    return v->d.flag_names && !v->d.malformed && !made && !dw_flags_that(&v->d, DW_FLAG_RESETS);
}

/* By direction of each incarnation: whether what it announced last is nothing. */
static void find_closed(const dw_cut *cut, bool (*closed)[2], bool *shown)
{
    for (size_t i = 0; i < cut->count; i++) {
        const dw_packet_view *v = &cut->packets[i];
        uint32_t of = dw_cut_incarnation(cut, v);
        if (!of || !announces(v)) continue;
        dw_flow_end e = dw_sender_end(&v->d);
        bool *was = &closed[of][!dw_flow_at_end(cut->incarnations.list[of].flow, &e)];
        shown[i] = *was || v->d.window == 0;
        *was = v->d.window == 0;
    }
}

int dw_windows_find(const dw_cut *cut, enum dw_choice choice, bool **out)
{
    bool *shown = calloc(cut->count + 1, sizeof *shown);
    bool(*closed)[2] = calloc((size_t)cut->incarnations.count + 1, sizeof *closed);
    bool fine = shown && closed;
    if (fine && choice == DW_AS_USUAL) find_closed(cut, closed, shown);
    for (size_t i = 0; fine && choice == DW_YES && i < cut->count; i++)
        shown[i] = cut->packets[i].d.flag_names != NULL;
    free(closed);
    if (!fine) {
        free(shown);
        return DW_E_NOMEM;
    }
    *out = shown;
    return DW_OK;
}
