/* What every unit test includes. */
#ifndef DW_TEST_H
#define DW_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
