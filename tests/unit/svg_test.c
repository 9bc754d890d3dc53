/* core/view/svg_hop.c: arrows of a picture. */
#include "net.h"

/* The width of the loop that the packet draws from its host and back, in pixels. */
static int loop_width_of(const char *svg, const char *title)
{
    int x1, y1, x2, y2;
    const char *at = strstr(svg, title);
    assert_non_null(at);
    at = strstr(at, "<line class=\"wire\"");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "<line class=\"wire\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
                            &x1, &y1, &x2, &y2),
                     4);
    assert_int_equal(y1, y2);
    return x2 - x1;
}

/* A socket that is its own peer has one column, and its packets go round: those that are under way
 * at once one within the other, 9 pixels apart, so that no line covers another. */
static void svg_loops_under_way_at_once_are_nested(void **state)
{
    net n;
    dw_socket *socket;
    (void)state;
    net_new(&n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    dw_flow flow = {.remote = dw_node_address(n.server), .remote_port = 90, .local_port = 90};
    assert_int_equal(dw_socket_connect(n.server, "tcp", &flow, net_hello, &n, &socket), DW_OK);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    char *svg = dw_svg(dw_sim_trace(n.sim), NULL);
    assert_non_null(svg);
    int alone = loop_width_of(svg, "<title>#1 SYN seq=0");
    assert_int_equal(loop_width_of(svg, "<title>#2 SYN,ACK seq=0 ack=1"), alone);
    assert_int_equal(loop_width_of(svg, "<title>#3 PSH,ACK seq=1 ack=1 len=5"), alone);
    assert_int_equal(loop_width_of(svg, "<title>#4 FIN,ACK seq=6 ack=1"), alone - 9);
    dw_free(svg);
    dw_sim_free(n.sim);
}

/* The arrow of a segment that arrives goes from its sender's line to the other host's. */
static void svg_arrow_goes_from_line_to_line(void **state)
{
    int left, y1, right, y2;
    net n;
    (void)state;
    net_exchange(&n);
    char *svg = dw_svg(dw_sim_trace(n.sim), NULL);
    assert_non_null(svg);
    const char *line = strstr(svg, "<line class=\"life\"");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "<line class=\"life\" x1=\"%d\"", &left), 1);
    line = strstr(line + 1, "<line class=\"life\"");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "<line class=\"life\" x1=\"%d\"", &right), 1);
    int x1, x2;
    line = strstr(svg, "<line class=\"wire\"");
    assert_non_null(line);
    assert_int_equal(sscanf(line, "<line class=\"wire\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
                            &x1, &y1, &x2, &y2),
                     4);
    assert_int_equal(x1, left);
    assert_int_equal(x2, right);
    assert_true(y1 < y2);
    dw_free(svg);
    dw_sim_free(n.sim);
}

/* The bar of a connection that is still open reaches to the end of its host's line. */
static void svg_bar_of_an_open_connection_reaches_the_end(void **state)
{
    int x1, y1, x2, end, x, y, width, height;
    net n;
    (void)state;
    net_new(&n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    net_connect(&n, NULL);
    assert_int_equal(dw_sim_run(n.sim, DW_SECOND), DW_OK);
    char *svg = dw_svg(dw_sim_trace(n.sim), NULL);
    assert_non_null(svg);
    const char *line = strstr(svg, "<line class=\"life\"");
    const char *bar = strstr(svg, "<rect class=\"bar open\"");
    assert_non_null(line);
    assert_non_null(bar);
    assert_int_equal(sscanf(line, "<line class=\"life\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"",
                            &x1, &y1, &x2, &end),
                     4);
    assert_int_equal(sscanf(bar,
                            "<rect class=\"bar open\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"",
                            &x, &y, &width, &height),
                     4);
    assert_int_equal(y + height, end);
    dw_free(svg);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(svg_arrow_goes_from_line_to_line),
        cmocka_unit_test(svg_bar_of_an_open_connection_reaches_the_end),
        cmocka_unit_test(svg_loops_under_way_at_once_are_nested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
