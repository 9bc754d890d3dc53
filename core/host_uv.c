/* The only core file that may see the operating system through libuv: loading plugins. */
#include "internal.h"

#include <stdlib.h>
#include <uv.h>

int dw_host_dlopen(dw_sim *sim, const char *path, dw_plugin_entry_fn *entry)
{
    uv_lib_t *lib = malloc(sizeof *lib);
    void **libraries = realloc(sim->libraries, (sim->library_count + 1) * sizeof *libraries);
    if (libraries) sim->libraries = libraries;
    if (!lib || !libraries) {
        free(lib);
        return dw_sim_no_memory(sim);
    }
    if (uv_dlopen(path, lib) != 0) {
        int status = dw_sim_fail(sim, DW_E_NOENT, "cannot load plugin: %s", uv_dlerror(lib));
        uv_dlclose(lib);
        free(lib);
        return status;
    }
    void *symbol;
    if (uv_dlsym(lib, DW_PLUGIN_ENTRY, &symbol) != 0) {
        int status = dw_sim_fail(sim, DW_E_ABI, "%s is not a drywire plugin: it has no function %s",
                                 path, DW_PLUGIN_ENTRY);
        uv_dlclose(lib);
        free(lib);
        return status;
    }
    libraries[sim->library_count++] = lib;
    *(void **)entry = symbol; /* the conversion that POSIX asks of dlsym's callers */
    return DW_OK;
}

void dw_host_dlclose_all(dw_sim *sim)
{
    for (uint32_t i = 0; i < sim->library_count; i++) {
        uv_dlclose(sim->libraries[i]);
        free(sim->libraries[i]);
    }
    free(sim->libraries);
    sim->libraries = NULL;
    sim->library_count = 0;
}
