/* Which scripts the words of a command line mean. */
#ifndef DWL_SCRIPTS_H
#define DWL_SCRIPTS_H

#include "options.h"

#include <sys/types.h>

typedef struct found_script {
    char *path, *title; /* title: of the first comment, "" without one */
    bool required;      /* by another one of the list, by a name that stands in its text */
    bool whole;         /* --filter leaves it as it is; false: only cases of its may match */
    bool may_have_cases, excluded;
    dev_t device;
    ino_t inode;
} found_script;

typedef struct script_list {
    found_script *items;
    size_t count;
} script_list;

/* The files among the words (o->rest), those that a pattern among them matches, and those with this
 * ending in directories among them and below, in order of their paths and each once; without what
 * --filter and --exclude leave out.  Left out are also hidden directories, build trees and symbolic
 * links to directories.  EXIT_PASS, or EXIT_USAGE after a message. */
int find_scripts(const char *command, const options *o, const char *ending, script_list *list);
void free_scripts(script_list *list);
/* Whether the name of a script, "path: title", is what --filter looks for. */
bool filter_takes(const options *o, const char *path, const char *title);

#endif
