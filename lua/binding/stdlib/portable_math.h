/* Elementary functions that give the same bits on every IEEE 754 machine.
 *
 * A C library picks other instructions on other processors, and its results then differ in the last
 * digit.  These use additions, multiplications and divisions of doubles alone, in pairs that carry
 * about 106 bits, and are correctly rounded but for a rare last digit.  They take about a
 * microsecond. */
#ifndef DWL_PORTABLE_MATH_H
#define DWL_PORTABLE_MATH_H

double dwl_exp(double x);
double dwl_log(double x);
double dwl_log2(double x);
double dwl_log10(double x);
double dwl_sinh(double x);
double dwl_cosh(double x);
double dwl_tanh(double x);
double dwl_pow(double x, double y);
double dwl_sin(double x);
double dwl_cos(double x);
double dwl_tan(double x);
double dwl_asin(double x);
double dwl_acos(double x);
double dwl_atan2(double y, double x);

#endif
