/* What is looked at in a JPEG before stb sees it. */
#ifndef IMAGE_JPEG_H
#define IMAGE_JPEG_H

#include "bulkhead.h"

/* Whether each table of Huffman codes in it has at most the 256 codes that there is room for: stb before 2.28 believes
 * whatever the file says. */
bool jpeg_tables_fit(bh_bytes file);

#endif
