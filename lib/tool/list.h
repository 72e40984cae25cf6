#ifndef CDP_TOOL_LIST_H
#define CDP_TOOL_LIST_H

#include <stdio.h>

#include "lib/rule/project.h"

/*
 * list: the names a project defines, one a line, for people and completions.
 */

/* Whether there is such a kind. */
bool cdp_list_known(const char *kind);

/* "audiences, journeys, ..." for messages. */
const char *cdp_list_kinds(void);

/* Print the names of a known kind in the order of the project. */
void cdp_list_print(const struct cdp_project *pr, const char *kind, FILE *fp);

#endif
