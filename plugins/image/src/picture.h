/* Pictures: what stb reads and writes, held to the limits. */
#ifndef IMAGE_PICTURE_H
#define IMAGE_PICTURE_H

#include "bulkhead.h"

typedef enum format { UNKNOWN, PNG, JPEG, GIF, BMP } format;

/* What can be told without decoding. */
typedef struct facts {
    format format;
    int width;
    int height;
    int channels; /* 1 grey, 2 grey and alpha, 3 colours, 4 colours and alpha */
    bool sixteen_bits;
} facts;

/* Samples of 8 bits, row after row. */
typedef struct picture {
    uint8_t *samples;
    int width;
    int height;
    int channels;
} picture;

typedef struct rectangle {
    int x;
    int y;
    int width;
    int height;
} rectangle;

const char *format_name(format format);
const char *format_mime_type(format format);

/* The format that can be written and that the ending of `path` names; UNKNOWN if there is none. */
format format_of_path(const char *path);

/* NULL where it worked, else why not. */
bh_reply *look(bh_bytes file, facts *facts);
bh_reply *decode(bh_bytes file, picture *picture);
bh_reply *encode(const picture *picture, format format, int quality, bh_bytes *file);
bh_reply *resize(const picture *from, int width, int height, picture *to);
bh_reply *crop(const picture *from, rectangle part, picture *to);

#endif
