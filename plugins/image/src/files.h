/* Files in granted folders. */
#ifndef IMAGE_FILES_H
#define IMAGE_FILES_H

#include "bulkhead.h"

/* Why `path` is none, or NULL: it begins with /, has no empty, . or .. step, and is not too long. */
bh_reply *path_problem(const char *path);

/* All of the file at `path`. NULL if it worked. */
bh_reply *read_file(const char *path, bh_bytes *contents);

/* Writes `path`. Where there is a file already, it fails, or takes its place at once if `replace` says so. NULL if it
 * worked. */
bh_reply *write_file(const char *path, bh_bytes contents, bool replace);

#endif
