/* Shared objects with adapters of foreign stacks.  Whatever is wrong with one is found here, not
 * when one of its functions is first called. */
#define _GNU_SOURCE /* dlmopen */
#include "foreign_stack.h"

#include "engine/node.h"
#include "engine/registry.h"
#include "engine/sim.h"
#include "engine/status.h"

#include <dlfcn.h>
#include <string.h>

enum { LARGEST_TABLE = 4096, LONGEST_NAME = 63 };

typedef struct member {
    const char *name;
    size_t at;
} member;

#define MEMBER(name)                                                                               \
    {                                                                                              \
#name, offsetof(dw_stack_ops, name)                                                        \
    }
static const member needs[] = {MEMBER(start),  MEMBER(stop),   MEMBER(input),   MEMBER(poll),
                               MEMBER(listen), MEMBER(accept), MEMBER(connect), MEMBER(send),
                               MEMBER(recv),   MEMBER(close)};

static bool is_word(const char *name)
{
    size_t len = name ? strnlen(name, LONGEST_NAME + 1) : 0;
    for (size_t i = 0; i < len; i++)
        if (name[i] <= ' ' || name[i] >= 0x7f) return false;
    return len > 0 && len <= LONGEST_NAME;
}

static const char *missing_member(const dw_stack_ops *ops)
{
    static const char nothing[sizeof(void (*)(void))] = {0};
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (memcmp((const char *)ops + needs[i].at, nothing, sizeof nothing) == 0)
            return needs[i].name;
    return NULL;
}

/* The first table ended with release. */
int dw_stack_check_table(dw_sim *sim, const dw_stack_ops *ops)
{
    if (ops->abi != DW_STACK_ABI)
        return dw_sim_fail(sim, DW_E_ABI,
                           "the stack was built for version %u of stack.h; this drywire has "
                           "version %u",
                           ops->abi, DW_STACK_ABI);
    if (ops->size < sizeof(dw_stack_ops) || ops->size > LARGEST_TABLE)
        return dw_sim_fail(sim, DW_E_ABI,
                           "the stack's table says that it has %u octets; that of stack.h has %zu",
                           ops->size, sizeof(dw_stack_ops));
    if (!is_word(ops->name))
        return dw_sim_fail(sim, DW_E_ABI,
                           "the stack's name must be a word of at most %d characters",
                           LONGEST_NAME);
    const char *missing = missing_member(ops);
    if (missing)
        return dw_sim_fail(sim, DW_E_ABI, "the table of stack \"%s\" is incomplete: it has no %s",
                           ops->name, missing);
    if (ops->tick < 0)
        return dw_sim_fail(sim, DW_E_ABI, "the stack \"%s\" has a tick below 0", ops->name);
    return DW_OK;
}

/* A copy of its own of all that the object is linked with.  Where the C library has no such thing,
 * one host of a process may have it. */
static void *open_copy(const char *path)
{
#ifdef LM_ID_NEWLM
    return dlmopen(LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL);
#else
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
#endif
}

static int open_object(dw_sim *sim, const char *path, void **out)
{
    int status = dw_object_look(sim, path, "stack");
    if (status != DW_OK) return status;
    *out = open_copy(path);
    if (*out) return DW_OK;
    const char *why = dlerror();
    if (why && (strstr(why, "namespace") || strstr(why, "static TLS"))) /* of the loader */
        return dw_sim_fail(sim, DW_E_LIMIT,
                           "cannot load stack: %s: there are too many at one time; close the "
                           "simulations that are over (sim:close())",
                           path);
    return dw_sim_fail(sim, DW_E_ABI, "cannot load stack: %s", why);
}

static int entry_of(dw_sim *sim, const char *path, void *object, const dw_stack_ops **out)
{
    dw_stack_entry_fn entry;
    void *symbol = dlsym(object, DW_STACK_ENTRY);
    if (!symbol)
        return dw_sim_fail(sim, DW_E_ABI, "%s is no adapter of a stack: it has no function %s",
                           path, DW_STACK_ENTRY);
    *(void **)&entry = symbol; /* the conversion that POSIX asks of dlsym's callers */
    *out = entry();
    if (!*out) return dw_sim_fail(sim, DW_E_ABI, "%s: %s returned nothing", path, DW_STACK_ENTRY);
    int status = dw_stack_check_table(sim, *out);
    if (status == DW_OK) return DW_OK;
    char reason[sizeof sim->message];
    memcpy(reason, sim->message, sizeof reason);
    return dw_sim_fail(sim, status, "%.200s: %.250s", path, reason);
}

int dw_stack_open(dw_sim *sim, const char *path, void **object, const dw_stack_ops **ops)
{
    int status = open_object(sim, path, object);
    if (status != DW_OK) return status;
    status = entry_of(sim, path, *object, ops);
    if (status != DW_OK) dlclose(*object);
    return status;
}

int dw_stack_reload(dw_stack *s)
{
    void *object;
    const dw_stack_ops *ops;
    dw_stack_close(s->object);
    s->object = NULL;
    int status = dw_stack_open(s->node->sim, s->path, &object, &ops);
    if (status != DW_OK) return status;
    s->object = object;
    s->ops = ops;
    return DW_OK;
}

void dw_stack_close(void *object)
{
    if (object) dlclose(object);
}
