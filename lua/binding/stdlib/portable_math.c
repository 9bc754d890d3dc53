/* Portable elementary functions (see portable_math.h), in double-double arithmetic: Dekker, "A
 * floating-point technique for extending the available precision", 1971. */
#include "portable_math.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* hi + lo, where lo is at most half a unit in the last place of hi. */
typedef struct dd {
    double hi, lo;
} dd;

static const dd ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
static const dd ln10 = {0x1.26bb1bbb55516p+1, -0x1.f48ad494ea3e9p-53};
static const dd half_pi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
static const double half_pi_rest = -0x1.f1976b7ed8fbcp-110;

static dd quick_sum(double a, double b)
{
    double s = a + b;
    return (dd){s, b - (s - a)};
}

static dd two_sum(double a, double b)
{
    double s = a + b, v = s - a;
    return (dd){s, (a - (s - v)) + (b - v)};
}

static dd two_product(double a, double b)
{
    const double splitter = 134217729.0; /* 2^27 + 1 */
    double t = splitter * a, ah = t - (t - a), al = a - ah;
    t = splitter * b;
    double bh = t - (t - b), bl = b - bh, p = a * b;
    return (dd){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

static dd add(dd a, dd b)
{
    dd s = two_sum(a.hi, b.hi), t = two_sum(a.lo, b.lo);
    s = quick_sum(s.hi, s.lo + t.hi);
    return quick_sum(s.hi, s.lo + t.lo);
}

static dd negated(dd a)
{
    return (dd){-a.hi, -a.lo};
}

static dd times(dd a, dd b)
{
    dd p = two_product(a.hi, b.hi);
    return quick_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static dd times_double(dd a, double b)
{
    dd p = two_product(a.hi, b);
    return quick_sum(p.hi, p.lo + a.lo * b);
}

static dd over(dd a, dd b)
{
    double q = a.hi / b.hi;
    dd rest = add(a, negated(times_double(b, q)));
    double q2 = rest.hi / b.hi;
    rest = add(rest, negated(times_double(b, q2)));
    dd s = quick_sum(q, q2);
    return quick_sum(s.hi, s.lo + rest.hi / b.hi);
}

static dd of(double a)
{
    return (dd){a, 0};
}

static double rounded(dd a)
{
    return a.hi + a.lo;
}

static bool special(double x)
{
    return !(x - x == 0); /* infinite, or not a number */
}

/* exp of a, as a number from 1/sqrt 2 to sqrt 2 and a power of two. */
static dd exp_dd(dd a, int *power)
{
    enum { HALVINGS = 8, TERMS = 11 };
    double k = floor(a.hi / ln2.hi + 0.5);
    dd r = add(a, negated(times_double(ln2, k)));
    r = times_double(r, 1.0 / (1 << HALVINGS));
    /* exp(r) - 1, so that squaring loses nothing: (1 + s)^2 - 1 = 2 s + s^2. */
    dd s = of(0);
    for (int n = TERMS; n >= 1; n--)
        s = over(times(r, add(of(1), s)), of(n));
    for (int i = 0; i < HALVINGS; i++)
        s = add(times_double(s, 2), times(s, s));
    *power = (int)k;
    return add(of(1), s);
}

/* log of a positive number m * 2^e: 2 artanh((m - 1) / (m + 1)) + e ln 2. */
static dd log_dd(double x)
{
    enum { TERMS = 24 };
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752) {
        m *= 2;
        e--;
    }
    dd s = over(two_sum(m, -1), two_sum(m, 1)), square = times(s, s), sum = of(0);
    for (int n = TERMS; n >= 0; n--)
        sum = add(times(sum, square), over(of(1), of(2 * n + 1)));
    sum = times_double(times(sum, s), 2);
    return add(times_double(ln2, e), sum);
}

double dwl_exp(double x)
{
    int power;
    if (x != x) return x;
    if (x > 709.8) return INFINITY;
    if (x < -745.2) return 0;
    dd e = exp_dd(of(x), &power);
    return ldexp(rounded(e), power);
}

/* (exp(x) - exp(-x)) / 2, or their sum, for x from 0 up, as a number and a power of two. */
static dd half_exps(double x, double sign, int *power)
{
    dd grown = exp_dd(of(x), power);
    dd shrunk = times_double(over(of(1), grown), sign * ldexp(1, -2 * *power));
    *power -= 1;
    return add(grown, shrunk);
}

/* Below this the first two terms of a series say all that a double can hold. */
static const double small_angle = 0x1p-20;

double dwl_sinh(double x)
{
    int power;
    double size = fabs(x);
    if (special(x)) return x;
    if (size < small_angle) return x + x * x * x / 6;
    if (size > 711) return copysign(INFINITY, x);
    dd s = half_exps(size, -1, &power);
    return copysign(ldexp(rounded(s), power), x);
}

double dwl_cosh(double x)
{
    int power;
    if (special(x)) return x * x;
    if (fabs(x) > 711) return INFINITY;
    dd s = half_exps(fabs(x), 1, &power);
    return ldexp(rounded(s), power);
}

double dwl_tanh(double x)
{
    int power;
    double size = fabs(x);
    if (x != x) return x;
    if (size < small_angle) return x - x * x * x / 3;
    if (size > 22) return copysign(1, x);
    dd s = half_exps(size, -1, &power), c = half_exps(size, 1, &power);
    return copysign(rounded(over(s, c)), x);
}

static bool log_special(double x, double *result)
{
    *result = INFINITY;
    if (x == 0) *result = -INFINITY;
    if (x != x || x < 0) *result = NAN;
    return !(x > 0) || special(x);
}

double dwl_log(double x)
{
    double result;
    return log_special(x, &result) ? result : rounded(log_dd(x));
}

double dwl_log2(double x)
{
    double result;
    return log_special(x, &result) ? result : rounded(over(log_dd(x), ln2));
}

double dwl_log10(double x)
{
    double result;
    return log_special(x, &result) ? result : rounded(over(log_dd(x), ln10));
}

static bool is_odd(double y)
{
    return fabs(y) < 9007199254740992.0 && fmod(y, 2) != 0;
}

/* The cases of C99 annex F.9.4.4 in which x or y is zero, infinite or not a number. */
static bool pow_special(double x, double y, double *result)
{
    if (y == 0 || x == 1) {
        *result = 1;
        return true;
    }
    if (x != x || y != y) {
        *result = NAN;
        return true;
    }
    if (special(y)) {
        double a = fabs(x);
        *result = (a > 1) == (y > 0) ? INFINITY : 0;
        if (a == 1) *result = 1;
        return true;
    }
    if (x == 0 || special(x)) {
        double size = (x == 0) == (y > 0) ? 0 : INFINITY;
        *result = is_odd(y) ? copysign(size, x) : size;
        return true;
    }
    *result = NAN;
    return x < 0 && floor(y) != y;
}

double dwl_pow(double x, double y)
{
    double result;
    int power;
    if (pow_special(x, y, &result)) return result;
    double sign = x < 0 && is_odd(y) ? -1 : 1;
    dd exponent = times_double(log_dd(fabs(x)), y);
    if (exponent.hi > 710) return sign * INFINITY;
    if (exponent.hi < -746) return sign * 0.0;
    dd e = exp_dd(exponent, &power);
    return sign * ldexp(rounded(e), power);
}

/* sin and cos of r, at most pi/4: their series. */
static void sin_cos_series(dd r, dd *sine, dd *cosine)
{
    enum { TERMS = 15 };
    dd square = times(r, r), s = of(0), c = of(0);
    for (int n = TERMS; n >= 1; n--) {
        s = negated(times(over(square, of((double)(2 * n) * (2 * n + 1))), add(of(1), s)));
        c = negated(times(over(square, of((double)(2 * n - 1) * (2 * n))), add(of(1), c)));
    }
    *sine = times(r, add(of(1), s));
    *cosine = add(of(1), c);
}

/* Beyond 2^30 the argument's own last digit is a large part of a turn; it is reduced by the double
 * nearest to 2 pi, which is the same everywhere but no longer exact. */
static void sin_cos(double x, dd *sine, dd *cosine)
{
    if (fabs(x) > 1073741824.0) x = fmod(x, 4 * half_pi.hi);
    double k = floor(x / half_pi.hi + 0.5);
    dd r = add(of(x), negated(two_product(k, half_pi.hi)));
    r = add(r, negated(two_product(k, half_pi.lo)));
    r = add(r, of(-k * half_pi_rest));
    dd s, c;
    sin_cos_series(r, &s, &c);
    switch ((int64_t)k & 3) {
    case 0: *sine = s, *cosine = c; break;
    case 1: *sine = c, *cosine = negated(s); break;
    case 2: *sine = negated(s), *cosine = negated(c); break;
    default: *sine = negated(c), *cosine = s; break;
    }
}

double dwl_sin(double x)
{
    dd s, c;
    if (special(x)) return NAN;
    if (x == 0) return x;
    sin_cos(x, &s, &c);
    return rounded(s);
}

double dwl_cos(double x)
{
    dd s, c;
    if (special(x)) return NAN;
    sin_cos(x, &s, &c);
    return rounded(c);
}

double dwl_tan(double x)
{
    dd s, c;
    if (special(x)) return NAN;
    if (x == 0) return x;
    sin_cos(x, &s, &c);
    return rounded(over(s, c));
}

/* atan of a/b for 0 <= a <= b: a guess good to 1e-5, then what is left of it from the series. */
static dd atan_dd(dd a, dd b)
{
    dd x = over(a, b), s, c;
    double t = x.hi, q = t * t;
    double guess = t * (0.99986601 +
                        q * (-0.33029950 + q * (0.18014100 + q * (-0.08513300 + q * 0.02083510))));
    sin_cos_series(of(guess), &s, &c);
    dd d = over(add(times(x, c), negated(s)), add(c, times(x, s)));
    dd square = times(d, d);
    dd series = add(of(1), times(square, add(over(of(-1), of(3)), times_double(square, 0.2))));
    return add(of(guess), times(d, series));
}

/* atan2 of two numbers that are neither both zero nor infinite, for y >= 0. */
static dd angle(dd y, dd x)
{
    bool left = x.hi < 0;
    if (left) x = negated(x);
    dd a;
    if (y.hi > x.hi)
        a = add(half_pi, negated(atan_dd(x, y)));
    else
        a = atan_dd(y, x);
    return left ? add(times_double(half_pi, 2), negated(a)) : a;
}

/* The size of the angle in quarters of pi where x or y is infinite. */
static int infinite_quarters(double y, double x)
{
    if (!special(y)) return x > 0 ? 0 : 4;
    if (!special(x)) return 2;
    return x > 0 ? 1 : 3;
}

double dwl_atan2(double y, double x)
{
    if (x != x || y != y) return NAN;
    if (y == 0) return signbit(x) ? copysign(2 * half_pi.hi, y) : y;
    if (special(x) || special(y)) return copysign(infinite_quarters(y, x) * half_pi.hi / 2, y);
    /* Keep products in range; only the ratio counts. */
    int e = ilogb(fabs(x) > fabs(y) ? x : y);
    dd a = angle(of(scalbn(fabs(y), -e)), of(scalbn(x, -e)));
    double result = rounded(a);
    /* A tiny ratio is its own angle. */
    if (x > 0 && fabs(y / x) < 0x1p-500) result = fabs(y / x);
    return copysign(result, y);
}

/* sqrt(1 - x^2): one Newton step on the double's root. */
static dd other_leg(double x)
{
    dd square = times(two_sum(1, -x), two_sum(1, x));
    if (square.hi <= 0) return of(0);
    double root = sqrt(square.hi);
    dd rest = add(square, negated(two_product(root, root)));
    return quick_sum(root, rest.hi / (2 * root));
}

double dwl_asin(double x)
{
    if (!(fabs(x) <= 1)) return NAN;
    if (fabs(x) < 0x1p-27) return x;
    return copysign(rounded(angle(of(fabs(x)), other_leg(x))), x);
}

double dwl_acos(double x)
{
    if (!(fabs(x) <= 1)) return NAN;
    return rounded(angle(other_leg(x), of(x)));
}
