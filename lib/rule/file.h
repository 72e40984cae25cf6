#ifndef CDP_RULE_FILE_H
#define CDP_RULE_FILE_H

#include "lib/rule/load.h"

/*
 * file: the files of a project: which they are, what they say.
 *
 * Names are relative to the project's directory and lead nowhere else, not
 * by "..", and not by a symbolic link.
 */
struct cdp_file {
	struct cdp_file *next; /* in the order they were read */
	struct cdp_str name;
	struct cdp_str text;
	struct cdp_node *root; /* of a YAML file; NULL if it is empty */
};

/*
 * Read dir/name and append it to the project's files.  0; CDP_EIO;
 * CDP_EDATA if it is over the 16 MiB that a file of a project may have.
 */
int cdp_file_read(struct cdp_loader *ld, struct cdp_str name,
    struct cdp_file **ret, struct cdp_err *err);

/* A file of that name with nothing in it, instead of one that is read: 0. */
int cdp_file_none(struct cdp_loader *ld, struct cdp_str name);

/* Read its text as YAML into root. */
void cdp_file_parse(struct cdp_loader *ld, struct cdp_file *f);

/* Whether a name stays below the directory it starts in, but for links. */
bool cdp_file_inside(struct cdp_str name);

/* dir/name as it is to be shown: without "./". */
struct cdp_str cdp_file_shown(struct cdp_loader *ld, struct cdp_str name);

/*
 * Read and parse every file that the patterns of "include" name, each once,
 * in the order of the patterns and then of the bytes of their names.
 */
void cdp_file_include(struct cdp_loader *ld, const struct cdp_node *node);

/* SHA-256 over all files and definitions, whatever their order. */
void cdp_file_fingerprint(
    struct cdp_project *pr, const struct cdp_define *def, size_t ndef);

#endif
