/* lua/binding/stdlib/portable_math.c: within a unit in the last place of the C library's, and the
 * same bits with every compiler (tests/cli/golden.sh runs the script that prints them). */
#include "binding/stdlib/portable_math.h"
#include "base/rng.h"
#include "test.h"

#include <drywire/drywire.h>

#include <math.h>

static double units_apart(double a, double b)
{
    if (a == b || (a != a && b != b)) return 0;
    return fabs(a - b) / (nextafter(fabs(b), INFINITY) - fabs(b));
}

typedef double (*function)(double);

static void compare(function ours, function theirs, double low, double high)
{
    dw_rng rng;
    dw_rng_seed(&rng, 1, "math", "test");
    for (int i = 0; i < 20000; i++) {
        double x = low + (high - low) * ((double)(dw_rng_next(&rng) >> 11) * 0x1p-53);
        double apart = units_apart(ours(x), theirs(x));
        if (apart > 1) fail_msg("at %a: %a, not %a", x, ours(x), theirs(x));
    }
}

/* The C library's own are two units off near the end of the range. */
static double exact_sinh(double x)
{
    return (double)sinhl(x);
}

static double exact_cosh(double x)
{
    return (double)coshl(x);
}

static double exact_tanh(double x)
{
    return (double)tanhl(x);
}

static void functions_agree_with_the_c_library(void **state)
{
    (void)state;
    compare(dwl_exp, exp, -700, 700);
    compare(dwl_exp, exp, -1e-5, 1e-5);
    compare(dwl_log, log, 0, 10);
    compare(dwl_log, log, 0.999, 1.001);
    compare(dwl_log2, log2, 0, 1e10);
    compare(dwl_log10, log10, 0, 1e300);
    compare(dwl_sin, sin, -1000, 1000);
    compare(dwl_sin, sin, -1e-3, 1e-3);
    compare(dwl_cos, cos, -1e6, 1e6);
    compare(dwl_tan, tan, -10, 10);
    compare(dwl_asin, asin, -1, 1);
    compare(dwl_acos, acos, -1, 1);
    compare(dwl_sinh, exact_sinh, -712, 712);
    compare(dwl_sinh, exact_sinh, -1e-5, 1e-5);
    compare(dwl_cosh, exact_cosh, -712, 712);
    compare(dwl_tanh, exact_tanh, -23, 23);
    compare(dwl_tanh, exact_tanh, -1e-5, 1e-5);
}

static void functions_of_two_arguments(void **state)
{
    dw_rng rng;
    (void)state;
    dw_rng_seed(&rng, 2, "math", "test");
    for (int i = 0; i < 20000; i++) {
        double x = (double)(dw_rng_next(&rng) >> 11) * 0x1p-50,
               y = (double)(dw_rng_next(&rng) >> 11) * 0x1p-46 - 64;
        assert_true(units_apart(dwl_pow(x, y), pow(x, y)) <= 1);
        assert_true(units_apart(dwl_atan2(y, x), atan2(y, x)) <= 1);
        assert_true(units_apart(dwl_atan2(y, -x), atan2(y, -x)) <= 1);
    }
}

static void exact_results_are_exact(void **state)
{
    (void)state;
    assert_true(dwl_pow(2, 10) == 1024 && dwl_pow(3, 20) == 3486784401.0 &&
                dwl_pow(10, -2) == 0.01);
    assert_true(dwl_pow(-2, 3) == -8 && dwl_pow(4, 0.5) == 2 && dwl_pow(27, 1.0 / 3) == 3);
    assert_true(dwl_log2(8) == 3 && dwl_log10(1000) == 3 && dwl_log(1) == 0 && dwl_exp(0) == 1);
    assert_true(dwl_sin(0) == 0 && dwl_cos(0) == 1 && dwl_acos(1) == 0 &&
                dwl_atan2(1, 1) == atan2(1, 1));
}

/* C99 annex F. */
static void special_values(void **state)
{
    static const double v[] = {0, -0.0, 1,     -1,     2,        -2,        0.5, -0.5,
                               3, -3,   1e300, -1e300, INFINITY, -INFINITY, NAN};
    enum { COUNT = sizeof v / sizeof v[0] };
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        assert_true(units_apart(dwl_exp(v[i]), exp(v[i])) <= 1);
        assert_true(units_apart(dwl_log(v[i]), log(v[i])) <= 1);
        assert_true(units_apart(dwl_asin(v[i]), asin(v[i])) <= 1);
        for (int k = 0; k < COUNT; k++) {
            if (units_apart(dwl_pow(v[i], v[k]), pow(v[i], v[k])) > 1)
                fail_msg("pow(%g, %g) = %g", v[i], v[k], dwl_pow(v[i], v[k]));
            if (units_apart(dwl_atan2(v[i], v[k]), atan2(v[i], v[k])) > 1)
                fail_msg("atan2(%g, %g) = %g", v[i], v[k], dwl_atan2(v[i], v[k]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_agree_with_the_c_library),
        cmocka_unit_test(functions_of_two_arguments),
        cmocka_unit_test(exact_results_are_exact),
        cmocka_unit_test(special_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
