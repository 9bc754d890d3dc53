/* What a run leaves behind. */
#include "leaks.h"
#include "base/error.h"

#include <stdio.h>

static void ignore(void *ctx, const char *name, int64_t value)
{
    (void)ctx;
    (void)name;
    (void)value;
}

static bool has_connection(dw_sim *sim, uint32_t conn, char *out, size_t size)
{
    for (uint32_t i = 0; dw_node_at(sim, i); i++) {
        dw_node *node = dw_node_at(sim, i);
        if (dw_node_connection(node, "tcp", conn, ignore, NULL) == DW_E_NOENT) continue;
        snprintf(out, size, "connection #%u of host \"%s\" is still there at the end", conn,
                 dw_node_name(node));
        return true;
    }
    return false;
}

bool dwl_leaves(const dwl_sim *s, char *out, size_t size)
{
    if (!s->sim || !dw_sim_idle(s->sim)) return false;
    for (uint32_t conn = 1; conn <= dw_sim_connections(s->sim); conn++)
        if (has_connection(s->sim, conn, out, size)) return true;
    return false;
}

void dwl_check_left(lua_State *L, const dwl_sim *s)
{
    char left[200];
    if (s->state->leaks && dwl_leaves(s, left, sizeof left)) dwl_fail_expectation(L, "%s", left);
}
