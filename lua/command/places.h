/* Places in a script, as whoever runs it finds them. */
#ifndef DWL_PLACES_H
#define DWL_PLACES_H

/* What went wrong with a script, in which lines begin with places ("wrong.lua:4: ..."), as seen
 * from the script's directory so that they are the same wherever it lies; with that directory in
 * front, as in path.  For free. */
char *with_directories(const char *path, const char *problem);

#endif
