#include "picture.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "jpeg.h"
#include "stb.h"

/* --- Formats --- */

static const struct {
    const char *name;
    const char *mime_type;
    const char *magic;
    size_t magic_size;
} formats[] = {
    [UNKNOWN] = {"unknown", "application/octet-stream", "", 0},
    [PNG] = {"png", "image/png", "\x89PNG\r\n\x1a\n", 8},
    [JPEG] = {"jpeg", "image/jpeg", "\xff\xd8\xff", 3},
    [GIF] = {"gif", "image/gif", "GIF8", 4},
    [BMP] = {"bmp", "image/bmp", "BM", 2},
};

const char *format_name(format format) { return formats[format].name; }

const char *format_mime_type(format format) { return formats[format].mime_type; }

static format format_of(bh_bytes file) {
    for (format one = PNG; one <= BMP; one++) {
        if (file.size >= formats[one].magic_size && memcmp(file.data, formats[one].magic, formats[one].magic_size) == 0) return one;
    }
    return UNKNOWN;
}

format format_of_path(const char *path) {
    const char *ending = strrchr(path, '.');
    if (ending == NULL) return UNKNOWN;
    if (strcasecmp(ending, ".png") == 0) return PNG;
    if (strcasecmp(ending, ".jpg") == 0 || strcasecmp(ending, ".jpeg") == 0) return JPEG;
    return UNKNOWN;
}

/* --- Reading --- */

static bh_reply *no_picture(void) {
    const char *why = stbi_failure_reason();
    return bh_failed("the file is no picture that can be read: %s", why == NULL ? "unknown" : why);
}

/* The file has at most MAX_FILE_BYTES, so its size is an int. */
bh_reply *look(bh_bytes file, facts *facts) {
    facts->format = format_of(file);
    if (facts->format == UNKNOWN) return bh_failed("the file is no PNG, JPEG, GIF or BMP");
    if (facts->format == JPEG && !jpeg_tables_fit(file)) return bh_failed("the file is no picture that can be read: bad table of codes");
    if (!stbi_info_from_memory(file.data, (int)file.size, &facts->width, &facts->height, &facts->channels)) return no_picture();
    facts->sixteen_bits = stbi_is_16_bit_from_memory(file.data, (int)file.size) != 0;
    return NULL;
}

/* Looks before anything is allocated for samples. */
static bh_reply *too_large(const facts *facts) {
    bool sides = facts->width > 0 && facts->height > 0 && facts->width <= MAX_SIDE && facts->height <= MAX_SIDE;
    int64_t bytes = (int64_t)facts->width * facts->height * 4 * (facts->sixteen_bits ? 2 : 1);
    if (sides && bytes <= MAX_DECODED_BYTES) return NULL;
    return bh_failed("a picture of %d x %d is too large to be decoded: 16 megapixels are the most, half of it with 16 bits",
                     facts->width, facts->height);
}

bh_reply *decode(bh_bytes file, picture *picture) {
    facts facts = {.format = UNKNOWN};
    bh_reply *problem = look(file, &facts);
    if (problem == NULL) problem = too_large(&facts);
    if (problem != NULL) return problem;
    int channels = 0;
    picture->samples = stbi_load_from_memory(file.data, (int)file.size, &picture->width, &picture->height, &channels, 0);
    picture->channels = channels;
    if (picture->samples == NULL) return no_picture();
    if (picture->width != facts.width || picture->height != facts.height || channels < 1 || channels > 4) {
        return bh_failed("the file contradicts itself about the picture's size");
    }
    return NULL;
}

/* --- Writing --- */

typedef struct buffer {
    uint8_t *bytes;
    size_t size;
    size_t room;
    bool full; /* there was no memory */
} buffer;

static void collect(void *context, void *data, int size) {
    buffer *to = context;
    size_t more = (size_t)size;
    if (to->full) return;
    if (to->size + more > to->room) {
        to->room = (to->size + more) * 2;
        uint8_t *larger = realloc(to->bytes, to->room);
        if (larger == NULL) {
            to->full = true;
            return;
        }
        to->bytes = larger;
    }
    memcpy(to->bytes + to->size, data, more);
    to->size += more;
}

static bool has_alpha(const picture *picture) { return picture->channels == 2 || picture->channels == 4; }

static size_t sample_count(const picture *picture) {
    return (size_t)picture->width * (size_t)picture->height * (size_t)picture->channels;
}

/* JPEG has no alpha: what lies behind becomes white. */
static bh_reply *without_alpha(const picture *from, picture *to) {
    *to = *from;
    to->channels = from->channels - 1;
    to->samples = malloc(sample_count(to));
    if (to->samples == NULL) return bh_failed("there is no memory for the picture");
    const uint8_t *in = from->samples;
    uint8_t *out = to->samples;
    for (size_t left = (size_t)from->width * (size_t)from->height; left > 0; left--, in += from->channels) {
        unsigned alpha = in[from->channels - 1];
        for (int c = 0; c < to->channels; c++) *out++ = (uint8_t)((in[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
    return NULL;
}

static bh_reply *encode_jpeg(const picture *from, int quality, buffer *to) {
    picture solid = *from;
    bh_reply *problem = has_alpha(from) ? without_alpha(from, &solid) : NULL;
    if (problem != NULL) return problem;
    int done = stbi_write_jpg_to_func(collect, to, solid.width, solid.height, solid.channels, solid.samples, quality);
    return done ? NULL : bh_failed("the picture could not be written as JPEG");
}

static bh_reply *encode_png(const picture *from, buffer *to) {
    int done = stbi_write_png_to_func(collect, to, from->width, from->height, from->channels, from->samples,
                                      from->width * from->channels);
    return done ? NULL : bh_failed("the picture could not be written as PNG");
}

bh_reply *encode(const picture *from, format format, int quality, bh_bytes *file) {
    buffer to = {.bytes = NULL};
    bh_reply *problem = format == JPEG ? encode_jpeg(from, quality, &to) : encode_png(from, &to);
    if (problem == NULL && to.full) problem = bh_failed("there is no memory for the file");
    *file = (bh_bytes){to.bytes, to.size};
    return problem;
}

/* --- Changing --- */

static bh_reply *make_room(picture *to) {
    int64_t bytes = (int64_t)to->width * to->height * 4;
    bool sides = to->width > 0 && to->height > 0 && to->width <= MAX_SIDE && to->height <= MAX_SIDE;
    if (!sides || bytes > MAX_DECODED_BYTES) return bh_invalid("%d x %d is no size that a picture may get", to->width, to->height);
    to->samples = malloc(sample_count(to));
    return to->samples == NULL ? bh_failed("there is no memory for the picture") : NULL;
}

static bool scale(const picture *from, picture *to) {
#if HAS_RESIZE2
    static const stbir_pixel_layout layouts[] = {0, STBIR_1CHANNEL, STBIR_RA, STBIR_RGB, STBIR_RGBA};
    return stbir_resize_uint8_srgb(from->samples, from->width, from->height, 0, to->samples, to->width, to->height, 0,
                                   layouts[from->channels]) != NULL;
#else
    int alpha = has_alpha(from) ? from->channels - 1 : STBIR_ALPHA_CHANNEL_NONE;
    return stbir_resize_uint8_srgb(from->samples, from->width, from->height, 0, to->samples, to->width, to->height, 0,
                                   from->channels, alpha, 0) != 0;
#endif
}

bh_reply *resize(const picture *from, int width, int height, picture *to) {
    *to = (picture){.width = width, .height = height, .channels = from->channels};
    bh_reply *problem = make_room(to);
    if (problem != NULL) return problem;
    return scale(from, to) ? NULL : bh_failed("there is no memory to change the picture's size");
}

bh_reply *crop(const picture *from, rectangle part, picture *to) {
    bool inside = part.x >= 0 && part.y >= 0 && part.width > 0 && part.height > 0 && part.width <= from->width &&
                  part.height <= from->height && part.x <= from->width - part.width && part.y <= from->height - part.height;
    if (!inside) return bh_invalid("the part does not lie inside the picture of %d x %d", from->width, from->height);
    *to = (picture){.width = part.width, .height = part.height, .channels = from->channels};
    bh_reply *problem = make_room(to);
    if (problem != NULL) return problem;
    size_t pixel = (size_t)from->channels;
    size_t row = (size_t)part.width * pixel;
    for (int y = 0; y < part.height; y++) {
        size_t start = ((size_t)(part.y + y) * (size_t)from->width + (size_t)part.x) * pixel;
        memcpy(to->samples + (size_t)y * row, from->samples + start, row);
    }
    return NULL;
}
