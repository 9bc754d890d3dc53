/* Loading plugins.  Whatever is wrong with a shared object is found here, not when one of its
 * functions is first called. */
#define _GNU_SOURCE /* dladdr */
#include "drywire/plugin.h"
#include "registry.h"
#include "sim.h"
#include "status.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h> /* ElfW: of this machine's word size */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Whether count rows of some size from an offset on lie in the file. */
static bool lies_within(uint64_t size, uint64_t offset, uint64_t count, uint64_t row)
{
    return offset <= size && (count == 0 || row <= (size - offset) / count);
}

static bool is_elf(FILE *f)
{
    unsigned char magic[SELFMAG];
    bool elf = fread(magic, sizeof magic, 1, f) == 1 && memcmp(magic, ELFMAG, SELFMAG) == 0;
    rewind(f);
    return elf;
}

/* The loader maps what the headers promise, and dies where the file is shorter than that.  false:
 * it is.  Anything else that is wrong the loader says by itself. */
static bool is_whole(FILE *f, uint64_t size)
{
    ElfW(Ehdr) h;
    if (fread(&h, sizeof h, 1, f) != 1 || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0) return true;
    if (h.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)) return true;
    if (h.e_phentsize != sizeof(ElfW(Phdr))) return true;
    if (!lies_within(size, h.e_phoff, h.e_phnum, h.e_phentsize)) return false;
    if (!lies_within(size, h.e_shoff, h.e_shnum, h.e_shentsize)) return false;
    for (unsigned i = 0; i < h.e_phnum; i++) {
        ElfW(Phdr) p;
        if (fseek(f, (long)(h.e_phoff + i * sizeof p), SEEK_SET) != 0) return false;
        if (fread(&p, sizeof p, 1, f) != 1 || !lies_within(size, p.p_offset, 1, p.p_filesz))
            return false;
    }
    return true;
}

/* A device or a pipe would be waited for. */
int dw_object_look(dw_sim *sim, const char *path, const char *what)
{
    struct stat st;
    errno = 0;
    FILE *f = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
    if (!f)
        return dw_sim_fail(sim, DW_E_NOENT, "cannot load %s: %s: %s", what, path,
                           errno ? strerror(errno) : "it is not a file");
    bool elf = is_elf(f), whole = is_whole(f, (uint64_t)st.st_size);
    fclose(f);
    if (!elf)
        return dw_sim_fail(sim, DW_E_ABI, "cannot load %s: %s is no shared object", what, path);
    return whole ? DW_OK
                 : dw_sim_fail(sim, DW_E_ABI, "cannot load %s: %s is cut short", what, path);
}

/* Without a slash the loader would search the system's directories. */
char *dw_object_path(const char *path)
{
    const char *front = strchr(path, '/') ? "" : "./";
    size_t size = strlen(front) + strlen(path) + 1;
    char *file = malloc(size);
    if (file) snprintf(file, size, "%s%s", front, path);
    return file;
}

/* A plugin uses functions of plugin.h (dw_packet_append).  Where they are in a shared object that
 * was opened for its opener alone, as Lua opens modules, they are made known here. */
static void offer_own_functions(void)
{
    Dl_info own;
    if (dladdr((const void *)(uintptr_t)&dw_host_dlopen, &own) && own.dli_fname) {
        void *object = dlopen(own.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
        if (object) dlclose(object); /* it stays open, and known */
    }
}

static int open_object(dw_sim *sim, const char *path, void **out)
{
    int status = dw_object_look(sim, path, "plugin");
    if (status != DW_OK) return status;
    offer_own_functions();
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) return dw_sim_fail(sim, DW_E_ABI, "cannot load plugin: %s", dlerror());
    *out = object;
    return DW_OK;
}

static int find_entry(dw_sim *sim, const char *path, void *object, dw_plugin_entry_fn *entry)
{
    void *symbol = dlsym(object, DW_PLUGIN_ENTRY);
    if (!symbol)
        return dw_sim_fail(sim, DW_E_ABI, "%s is not a drywire plugin: it has no function %s", path,
                           DW_PLUGIN_ENTRY);
    *(void **)entry = symbol; /* the conversion that POSIX asks of dlsym's callers */
    return DW_OK;
}

int dw_host_dlopen(dw_sim *sim, const char *path, dw_plugin_entry_fn *entry)
{
    char *file = dw_object_path(path);
    void *object = NULL,
         **libraries = realloc(sim->libraries, (sim->library_count + 1) * sizeof *libraries);
    if (libraries) sim->libraries = libraries;
    if (!file || !libraries) {
        free(file);
        return dw_sim_no_memory(sim);
    }
    int status = open_object(sim, file, &object);
    free(file);
    if (status != DW_OK) return status;
    status = find_entry(sim, path, object, entry);
    if (status == DW_OK)
        libraries[sim->library_count++] = object;
    else
        dlclose(object);
    return status;
}

void dw_host_dlclose_all(dw_sim *sim)
{
    for (uint32_t i = 0; i < sim->library_count; i++)
        dlclose(sim->libraries[i]);
    free(sim->libraries);
    sim->libraries = NULL;
    sim->library_count = 0;
}
