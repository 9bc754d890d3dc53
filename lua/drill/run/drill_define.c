/* What a script leaves to how it is started: the profile, and names that stand for values. */
#include "drill_run.h"

#include "drywire/plugin.h"

#include <stdlib.h>
#include <string.h>

static bool contains(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++)
        if (text[i] == word[0] && memcmp(text + i, word, n) == 0) return true;
    return false;
}

/* The profile that the script's first comment names, or NULL. */
static const char *profile_named(const char *text, size_t len)
{
    static const char key[] = "profile=";
    char head[2000];
    snprintf(head, sizeof head, "%.*s", len < sizeof head ? (int)len : (int)sizeof head - 1, text);
    text = head + strspn(head, " \t\r\n");
    if (strncmp(text, DW_DRILL_HOST, sizeof DW_DRILL_HOST - 1) != 0) return NULL;
    const char *end = text + strcspn(text, "\n");
    const char *at = strstr(text, key);
    const char *const *names = dw_protocol_builtin("tcp")->profiles;
    if (!at || at > end) return NULL;
    at += sizeof key - 1;
    for (; *names; names++)
        if (strlen(*names) == strcspn(at, " \t\r\n") && strncmp(at, *names, strlen(*names)) == 0)
            return *names;
    return NULL;
}

const char *dw_drill_guess_profile(const char *text, size_t len)
{
    const char *named = profile_named(text, len);
    if (named) return named;
    static const char *const freebsd[] = {"net.inet.", "kern.ipc.", "sockstat", "TCP_NOOPT"};
    for (size_t i = 0; i < sizeof freebsd / sizeof freebsd[0]; i++)
        if (contains(text, len, freebsd[i])) return "freebsd";
    return "linux";
}

/* What a server's cookie is: as it begins with the key of the suites for Linux, and with one of
 * zeros. */
static void cookie(char *out, size_t size, const char *name, const uint64_t key[2],
                   const dw_addr *client, const dw_addr *server)
{
    uint8_t c[8];
    dw_siphash_addresses(key, client, server, c);
    snprintf(out, size, "%s=%02x%02x%02x%02x%02x%02x%02x%02x", name, c[0], c[1], c[2], c[3], c[4],
             c[5], c[6], c[7]);
}

/* The addresses that the script's options, and the command line's, choose.  Returns DW_E_NOMEM, or
 * another error when they are wrong, as the run itself will say. */
static int addresses(const char *path, const char *text, size_t len, const dw_drill_config *config,
                     const char *const *defines, dw_drill_options *options)
{
    char why[300];
    dw_drill_script script;
    dw_drill_outcome outcome = {0};
    int status = dw_drill_parse_options(path, text, len, defines, &script, why, sizeof why);
    dw_drill_default_options(options, config);
    if (status == DW_OK && !dw_drill_do_options(options, &script, config, &outcome))
        status = outcome.verdict == DW_DRILL_NO_MEMORY ? DW_E_NOMEM : DW_E_INVAL;
    dw_drill_free(&script);
    return status;
}

/* Those that depend on the addresses. */
static size_t name_addresses(dw_drill_names *names, size_t n, uint32_t family, bool mapped,
                             const dw_addr *local, const dw_addr *remote)
{
    static const uint64_t suites[2] = {0xb2b2b2b2a1a1a1a1, 0xd4d4d4d4c3c3c3c3}, zero[2] = {0};
    bool v6 = family == 6;
    cookie(names->cookie, sizeof names->cookie, "TFO_COOKIE", suites, remote, local);
    cookie(names->zero, sizeof names->zero, "TFO_COOKIE_ZERO", zero, remote, local);
    names->list[n++] = names->cookie;
    names->list[n++] = names->zero;
    names->list[n++] = v6 ? "CODE=addr_unreachable" : "CODE=host_unreachable";
    names->list[n++] = v6 || mapped ? "CMSG_LEVEL_IP=SOL_IPV6" : "CMSG_LEVEL_IP=SOL_IP";
    names->list[n++] =
        v6 || mapped ? "CMSG_TYPE_RECVERR=IPV6_RECVERR" : "CMSG_TYPE_RECVERR=IP_RECVERR";
    names->list[n] = NULL;
    return n;
}

/* What #ifdef asks for in scripts for several systems. */
static const char *name_of_system(const char *profile)
{
    if (strcmp(profile, "freebsd") == 0) return "FreeBSD";
    return strcmp(profile, "linux") == 0 ? "Linux" : "STANDARD";
}

bool dw_drill_predefine(const char *profile, const char *path, const char *text, size_t len,
                        const dw_drill_config *config, dw_drill_names *out)
{
    static const char *const predefined[] = {"TFO_COOKIE", "CODE", "CMSG_"};
    size_t n = 0;
    bool asked = false;
    out->list[n++] = name_of_system(profile);
    for (const char *const *d = config->defines; d && *d && n < DW_DRILL_MAX_NAMES - 8; d++)
        out->list[n++] = *d;
    out->list[n] = NULL;
    for (size_t i = 0; i < sizeof predefined / sizeof predefined[0]; i++)
        asked = asked || contains(text, len, predefined[i]);
    if (!asked) return true;
    dw_drill_options options;
    dw_addr any = dw_addr_v4(0);
    name_addresses(out, n, 4, false, &any, &any);
    int status = addresses(path, text, len, config, out->list, &options);
    if (status == DW_OK)
        name_addresses(out, n, options.family, options.mapped, &options.local, &options.remote);
    return status != DW_E_NOMEM;
}
