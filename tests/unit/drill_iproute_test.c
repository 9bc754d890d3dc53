/* lua/drill/run/drill_iproute.c: ip, tc and ethtool. */
#include "drill.h"

/* What is not done is named, with its own words alone. */
static void drill_iproute_ethtool_does_offloads_only(void **state)
{
    (void)state;
    drill_passes("0 `ethtool -K tun0 tso off`\n");
    drill_ends(DW_DRILL_UNSUPPORTED, "not supported: ethtool -i", "0 `ethtool -i tun0`\n");
    drill_ends(DW_DRILL_UNSUPPORTED, "not supported: ethtool ", "0 `true loud; ethtool`\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_iproute_ethtool_does_offloads_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
