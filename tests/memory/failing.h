/* Allocations that fail on purpose, so that every place that asks for memory is seen without any.
 *
 * A test program that links failing.c with the options in CMakeLists.txt (the linker's --wrap) has
 * each allocation that drywire's own code asks of the C library counted here, with those that Lua
 * makes, and in the command jansson and libuv, to which it gives an allocator.  It works under any
 * sanitizer, since the allocation itself is still theirs. */
#ifndef DW_TEST_FAILING_H
#define DW_TEST_FAILING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Whose allocations: Lua's are so many that they are counted for themselves. */
enum failing_kind { FAILING_C, FAILING_LUA, FAILING_KINDS };

/* The nth allocation of a kind from now on fails (from 1), or with `later` that one and all after
 * it.  0: none does. */
void failing_set(enum failing_kind kind, uint64_t nth, bool later);
/* How many there were since. */
uint64_t failing_count(enum failing_kind kind);
/* Whether any failed. */
bool failing_happened(void);
/* With true: where the first one that fails is, goes to standard error. */
void failing_show(bool show);
#endif
