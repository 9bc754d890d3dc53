/* What a command line asks for, and which options that uses. */
#ifndef DWL_USES_H
#define DWL_USES_H

#include "options.h"

/* An option that nothing uses of what is asked for would be passed over in silence, so it is
 * refused: EXIT_PASS or, after a message that says what it is for, EXIT_USAGE. */
int check_uses(const options *o, const char *command);

#endif
