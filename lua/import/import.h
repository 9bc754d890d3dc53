/* Captures as traces: what a real TCP connection did, for the same pictures, pages and comparisons.
 *
 *   capture.h      the connections of a capture, and the packets of one; it lists its files
 *   import.c       one connection of them as a trace: when packets left and arrived, states, losses
 *   replay.c       a trace as a Lua script that lets two drywire hosts do the same; replay.h
 *                  lists its files
 */
#ifndef DWL_IMPORT_H
#define DWL_IMPORT_H

#include "capture.h"

/* The connection (from 1) that capture_load has loaded, as a trace; notes are sentences on what
 * could not be told for certain, a line each (free).  Where explain is not NULL, what limited each
 * end and how the connection ended go there, in lines.  DW_OK or DW_E_NOMEM. */
int import_trace(const capture *c, uint32_t conn, dw_trace **out, char **notes, FILE *explain);

/* "client", "server": ends 0 and 1 of a connection, where a capture has no better name. */
const char *import_end_name(int e);

/* A Lua script with two hosts that do the same as connection `conn` of the capture, of which trace
 * is what import_trace made: settings, calls, losses.  The file's name, the notes (not NULL), and
 * what is not reproduced, go into its first comment.  DW_OK, DW_E_IO or DW_E_NOMEM. */
int replay_write(const dw_trace *trace, const capture *c, uint32_t conn, const char *source,
                 const char *notes, FILE *f);

#endif
