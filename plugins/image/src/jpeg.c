#include "jpeg.h"

#include <string.h>

enum { LENGTHS = 16, MOST_CODES = 256 };

enum { RESTART_FIRST = 0xD0, RESTART_LAST = 0xD7, START = 0xD8, END = 0xD9, TABLES = 0xC4 };

/* What is left of a file. */
typedef struct rest {
    const uint8_t *at;
    size_t size;
} rest;

static void skip(rest *file, size_t bytes) {
    size_t most = bytes < file->size ? bytes : file->size;
    file->at += most;
    file->size -= most;
}

/* The tables that begin in the next `length` bytes. As stb does it: the last one may be longer than that, and behind the
 * end of the file there is nothing but zeros. */
static bool tables_fit(rest file, size_t length) {
    for (;;) {
        size_t codes = 0;
        for (size_t i = 1; i <= LENGTHS && i < file.size; i++) codes += file.at[i];
        if (codes > MOST_CODES) return false;
        size_t table = 1 + LENGTHS + codes;
        if (table >= length) return true;
        length -= table;
        skip(&file, table);
    }
}

/* Moves behind the next marker, whatever lies before it, and gives it; END where there is none. */
static uint8_t next_marker(rest *file) {
    const uint8_t *found = file->size == 0 ? NULL : memchr(file->at, 0xFF, file->size);
    if (found == NULL) return END;
    skip(file, (size_t)(found - file->at));
    while (file->size > 0 && *file->at == 0xFF) skip(file, 1);
    if (file->size == 0) return END;
    uint8_t marker = *file->at;
    skip(file, 1);
    return marker;
}

static bool has_length(uint8_t marker) {
    return marker != 0 && marker != START && (marker < RESTART_FIRST || marker > RESTART_LAST);
}

bool jpeg_tables_fit(bh_bytes bytes) {
    rest file = {bytes.data, bytes.size};
    for (uint8_t marker = next_marker(&file); marker != END; marker = next_marker(&file)) {
        if (!has_length(marker)) continue;
        if (file.size < 2) return true;
        size_t length = (size_t)file.at[0] << 8 | file.at[1];
        if (length < 2) return true; /* stb ends here */
        skip(&file, 2);
        if (marker == TABLES && length > 2 && !tables_fit(file, length - 2)) return false;
        skip(&file, length - 2);
    }
    return true;
}
