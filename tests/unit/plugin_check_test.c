/* Tables of plugins: whole ones are registered, each way of being wrong has its sentence. */
#include "drywire/drywire.h"
#include "engine/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No table is ever called here; a function is there or is not. */
static void nothing(void)
{
}

#define SOME(member) *(void (**)(void)) & (member) = nothing

typedef struct tables {
    dw_plugin plugin;
    dw_protocol_ops protocol;
    dw_socket_ops sockets;
    dw_congestion_ops congestion;
} tables;

static tables whole(void)
{
    tables t = {
        .plugin = {.abi = DW_PLUGIN_ABI, .size = sizeof(dw_plugin), .name = "mine"},
        .protocol = {.size = sizeof(dw_protocol_ops), .layer = DW_LAYER_TRANSPORT, .number = 253},
        .sockets = {.size = sizeof(dw_socket_ops)},
        .congestion = {.size = sizeof(dw_congestion_ops), .name = "mine"}};
    SOME(t.protocol.attach);
    SOME(t.protocol.detach);
    SOME(t.protocol.input);
    SOME(t.sockets.connect);
    SOME(t.sockets.listen);
    SOME(t.sockets.accept);
    SOME(t.sockets.send);
    SOME(t.sockets.recv);
    SOME(t.sockets.shutdown);
    SOME(t.sockets.close);
    SOME(t.sockets.abort);
    SOME(t.sockets.error);
    SOME(t.sockets.state);
    SOME(t.sockets.info);
    SOME(t.congestion.init);
    SOME(t.congestion.on_ack);
    SOME(t.congestion.ssthresh);
    SOME(t.congestion.on_timeout);
    return t;
}

/* What registering says; "" when it is taken. */
static const char *said(tables *t)
{
    static char message[300];
    dw_sim *sim;
    assert_int_equal(dw_sim_new(NULL, &sim), DW_OK);
    t->plugin.protocol = &t->protocol;
    t->protocol.sockets = t->sockets.size == UINT32_MAX ? NULL : &t->sockets;
    t->plugin.congestion = &t->congestion;
    int status = dw_plugin_add(sim, &t->plugin);
    snprintf(message, sizeof message, "%s", status == DW_OK ? "" : dw_sim_message(sim));
    assert_true(status == DW_OK || status == DW_E_ABI);
    dw_sim_free(sim);
    return message;
}

#define REFUSED(change, sentence)                                                                  \
    do {                                                                                           \
        tables t = whole();                                                                        \
        change;                                                                                    \
        assert_string_equal(said(&t), sentence);                                                   \
    } while (0)

#define PROTOCOL "plugin \"mine\": the protocol's table is "
#define SOCKETS "plugin \"mine\": the protocol's table of sockets is "
#define CONGESTION "plugin \"mine\": the congestion control's table is "

static void plugin_check_whole_tables_are_taken(void **state)
{
    (void)state;
    REFUSED((void)0, "");
    REFUSED(t.sockets.size = UINT32_MAX, ""); /* none */
    /* Optional ends may be left out, and newer headers have longer tables. */
    REFUSED(t.congestion.size = offsetof(dw_congestion_ops, state_size), "");
    REFUSED(t.sockets.size = offsetof(dw_socket_ops, open), "");
    REFUSED(t.protocol.size = sizeof(dw_protocol_ops) + 64, "");
}

static void plugin_check_builtin_tables_are_whole(void **state)
{
    (void)state;
    dw_sim *sim;
    assert_int_equal(dw_sim_new(NULL, &sim), DW_OK);
    for (size_t i = 0; dw_plugin_builtin(i); i++)
        if (dw_plugin_check(sim, dw_plugin_builtin(i)) != DW_OK)
            fail_msg("%s", dw_sim_message(sim));
    dw_sim_free(sim);
}

static void plugin_check_plugin_is_refused(void **state)
{
    (void)state;
    const char *word = "the plugin's table is incomplete: its name must be a word of at most 63 "
                       "characters";
    char lengthy[100];
    memset(lengthy, 'x', sizeof lengthy);
    REFUSED(t.plugin.abi = DW_PLUGIN_ABI + 1,
            "the plugin was built for ABI 4; this drywire has ABI 3");
    REFUSED(t.plugin.size = 8, "the plugin's table is incomplete, or no table");
    REFUSED(t.plugin.size = 4000000000u, "the plugin's table is incomplete, or no table");
    REFUSED(t.plugin.name = NULL, word);
    REFUSED(t.plugin.name = "", word);
    REFUSED(t.plugin.name = "two words", word);
    REFUSED(t.plugin.name = lengthy, word); /* and has no end */
}

static void plugin_check_protocol_is_refused(void **state)
{
    (void)state;
    static const dw_cause nameless = {NULL, NULL, "text"}, wordless = {"name", NULL, NULL};
    static const dw_defect vague[] = {{"x", NULL, NULL}, {NULL, NULL, NULL}};
    static const char *const names[] = {"x", NULL};
    REFUSED(t.protocol.size = 8, PROTOCOL "incomplete: it is too short");
    REFUSED(t.protocol.size = UINT32_MAX, PROTOCOL "wrong: it says that it is larger than any");
    REFUSED(t.protocol.attach = NULL, PROTOCOL "incomplete: it has no attach");
    REFUSED(t.protocol.detach = NULL, PROTOCOL "incomplete: it has no detach");
    REFUSED(t.protocol.input = NULL, PROTOCOL "incomplete: it has no input");
    REFUSED(t.protocol.layer = DW_LAYER_NETWORK, PROTOCOL "incomplete: it has no output");
    REFUSED(t.protocol.layer = 3, PROTOCOL "wrong: there is no such layer");
    REFUSED(t.protocol.number = 300, PROTOCOL "wrong: a transport has a number of one octet");
    REFUSED(t.protocol.fields = names, PROTOCOL "incomplete: it has no rewrite");
    REFUSED(t.protocol.arrows = (const uint16_t[]){0}, PROTOCOL "incomplete: it has no states");
    REFUSED(t.protocol.state_classes = (const uint8_t[]){0},
            PROTOCOL "incomplete: it has no states");
    REFUSED(t.protocol.flag_classes = (const uint8_t[]){0}, PROTOCOL "incomplete: it has no flags");
    REFUSED(t.protocol.profiles = names, PROTOCOL "incomplete: it has no profile");
    REFUSED(t.protocol.cause_count = 3, PROTOCOL "incomplete: it has no causes");
    REFUSED(t.protocol.cause_count = SIZE_MAX, PROTOCOL "wrong: it has too many causes");
    REFUSED(t.protocol.cause_count = 1;
            t.protocol.causes = &nameless, PROTOCOL "incomplete: a cause has no name, or no text");
    REFUSED(t.protocol.cause_count = 1;
            t.protocol.causes = &wordless, PROTOCOL "incomplete: a cause has no name, or no text");
    REFUSED(t.protocol.defects = vague, PROTOCOL "incomplete: defect \"x\" has no text");
}

static void plugin_check_option_is_refused(void **state)
{
    (void)state;
    dw_option list[2] = {{.name = "x", .doc = "doc"}};
    REFUSED(t.protocol.options = list, PROTOCOL "incomplete: it has no options_of");
    REFUSED(t.sockets.options = list, "");
    list[0].doc = NULL;
    REFUSED(t.sockets.options = list, SOCKETS "incomplete: option \"x\" has no doc");
    list[0] = (dw_option){.name = "x", .doc = "doc", .kind = 9};
    REFUSED(t.sockets.options = list, SOCKETS "wrong: option \"x\" is of no kind");
    list[0] = (dw_option){.name = "x", .doc = "doc", .kind = DW_OPTION_CHOICE};
    REFUSED(t.sockets.options = list, SOCKETS "incomplete: option \"x\" has no choices");
    list[0] = (dw_option){.name = "x", .doc = "doc", .min = 2, .max = 1};
    REFUSED(t.sockets.options = list, SOCKETS "wrong: option \"x\" has min above max");
}

static void plugin_check_sockets_are_refused(void **state)
{
    (void)state;
    REFUSED(t.sockets.size = 0, SOCKETS "incomplete: it is too short");
    REFUSED(t.sockets.connect = NULL, SOCKETS "incomplete: it has no connect");
    REFUSED(t.sockets.listen = NULL, SOCKETS "incomplete: it has no listen");
    REFUSED(t.sockets.accept = NULL, SOCKETS "incomplete: it has no accept");
    REFUSED(t.sockets.send = NULL, SOCKETS "incomplete: it has no send");
    REFUSED(t.sockets.recv = NULL, SOCKETS "incomplete: it has no recv");
    REFUSED(t.sockets.shutdown = NULL, SOCKETS "incomplete: it has no shutdown");
    REFUSED(t.sockets.close = NULL, SOCKETS "incomplete: it has no close");
    REFUSED(t.sockets.abort = NULL, SOCKETS "incomplete: it has no abort");
    REFUSED(t.sockets.error = NULL, SOCKETS "incomplete: it has no error");
    REFUSED(t.sockets.state = NULL, SOCKETS "incomplete: it has no state");
    REFUSED(t.sockets.info = NULL, SOCKETS "incomplete: it has no info");
}

static void plugin_check_congestion_is_refused(void **state)
{
    (void)state;
    REFUSED(t.congestion.size = 8, CONGESTION "incomplete: it is too short");
    REFUSED(t.congestion.name = NULL, CONGESTION "incomplete: it has no name");
    REFUSED(t.congestion.name = "yours", CONGESTION "wrong: it has another name, \"yours\"");
    REFUSED(t.congestion.init = NULL, CONGESTION "incomplete: it has no init");
    REFUSED(t.congestion.on_ack = NULL, CONGESTION "incomplete: it has no on_ack");
    REFUSED(t.congestion.ssthresh = NULL, CONGESTION "incomplete: it has no ssthresh");
    REFUSED(t.congestion.on_timeout = NULL, CONGESTION "incomplete: it has no on_timeout");
    REFUSED(t.congestion.state_size = 4000000000u,
            CONGESTION "wrong: it asks for more than 32768 octets of state");
}

static void plugin_check_plugin_of_nothing_is_refused(void **state)
{
    (void)state;
    dw_sim *sim;
    dw_plugin empty = {.abi = DW_PLUGIN_ABI, .size = sizeof empty, .name = "mine"};
    assert_int_equal(dw_sim_new(NULL, &sim), DW_OK);
    assert_int_equal(dw_plugin_add(sim, &empty), DW_E_ABI);
    assert_string_equal(dw_sim_message(sim),
                        "plugin \"mine\" offers neither a protocol nor a congestion control");
    dw_sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plugin_check_whole_tables_are_taken),
        cmocka_unit_test(plugin_check_builtin_tables_are_whole),
        cmocka_unit_test(plugin_check_plugin_is_refused),
        cmocka_unit_test(plugin_check_protocol_is_refused),
        cmocka_unit_test(plugin_check_option_is_refused),
        cmocka_unit_test(plugin_check_sockets_are_refused),
        cmocka_unit_test(plugin_check_congestion_is_refused),
        cmocka_unit_test(plugin_check_plugin_of_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
