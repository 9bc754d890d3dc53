/* The command's own pow: the interpreter's ^ operator calls it instead of the C library's, so that
 * a fractional exponent gives the same bits on every machine.  A module in a stock lua5.4 cannot do
 * this. */
#include "binding/stdlib/portable_math.h"

#include <math.h>

__attribute__((visibility("default"))) double pow(double x, double y)
{
    return dwl_pow(x, y);
}
