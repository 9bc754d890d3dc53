/* What the workloads share. */
#ifndef BENCH_H
#define BENCH_H

#include <drywire/drywire.h>

#include <stddef.h>
#include <stdio.h>

double dw_bench_cpu_seconds(void);
/* Octets that are in use. */
size_t dw_bench_heap(void);
/* A line: so many units took so long. */
void dw_bench_report(const char *name, double units, double seconds);
/* Ends the program where something fails. */
void dw_bench_check(int status, const char *what);

void dw_bench_explore(void); /* explore.c */

#endif
