/* The tools. */
#include "bulkhead.h"

#include <string.h>

#include "src/files.h"
#include "src/bounds.h"
#include "src/picture.h"

enum { DEFAULT_QUALITY = 85, DEFAULT_THUMBNAIL_SIDE = 256 };

static bh_reply *load(const char *path, picture *picture) {
    bh_bytes file = {NULL, 0};
    bh_reply *problem = read_file(path, &file);
    return problem != NULL ? problem : decode(file, picture);
}

/* Writes where `to` says, and tells what there is now. */
static bh_reply *save(const picture *picture, const bh_json *args) {
    const char *path = bh_string(args, "to", "");
    format format = format_of_path(path);
    if (format == UNKNOWN) return bh_invalid("expected `to` to end in .png, .jpg or .jpeg");
    bh_bytes file = {NULL, 0};
    bh_reply *problem = encode(picture, format, (int)bh_int(args, "quality", DEFAULT_QUALITY), &file);
    bool replace = strcmp(bh_string(args, "ifExists", "fail"), "replace") == 0;
    if (problem == NULL) problem = write_file(path, file, replace);
    if (problem != NULL) return problem;
    bh_json *written = bh_object();
    bh_put_string(written, "path", path);
    bh_put_string(written, "format", format_name(format));
    bh_put_int(written, "width", picture->width);
    bh_put_int(written, "height", picture->height);
    bh_put_int(written, "bytes", (int64_t)file.size);
    return bh_structured(written);
}

/* --- info --- */

#define INFO BH_JSON({"type": "object", "properties": {"path": {"type": "string", "maxLength": 4096}}, "required": ["path"]})
#define FACTS                                                                    \
    BH_JSON({                                                                    \
        "type": "object",                                                        \
        "properties": {                                                          \
            "format": {"type": "string", "enum": ["png", "jpeg", "gif", "bmp"]}, \
            "width": {"type": "integer"},                                        \
            "height": {"type": "integer"},                                       \
            "channels": {"type": "integer", "minimum": 1, "maximum": 4},         \
            "bitsPerChannel": {"type": "integer", "enum": [8, 16]},              \
            "bytes": {"type": "integer"}                                         \
        },                                                                       \
        "required": ["format", "width", "height", "channels", "bitsPerChannel", "bytes"] \
    })

static bh_reply *info(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    bh_bytes file = {NULL, 0};
    facts facts = {.format = UNKNOWN};
    bh_reply *problem = read_file(bh_string(args, "path", ""), &file);
    if (problem == NULL) problem = look(file, &facts);
    if (problem != NULL) return problem;
    bh_json *answer = bh_object();
    bh_put_string(answer, "format", format_name(facts.format));
    bh_put_int(answer, "width", facts.width);
    bh_put_int(answer, "height", facts.height);
    bh_put_int(answer, "channels", facts.channels);
    bh_put_int(answer, "bitsPerChannel", facts.sixteen_bits ? 16 : 8);
    bh_put_int(answer, "bytes", (int64_t)file.size);
    return bh_structured(answer);
}

/* --- thumbnail --- */

#define THUMBNAIL                                                                       \
    BH_JSON({                                                                           \
        "type": "object",                                                               \
        "properties": {                                                                 \
            "path": {"type": "string", "maxLength": 4096},                              \
            "side": {"type": "integer", "minimum": 16, "maximum": 512, "default": 256,  \
                     "description": "The longest side, in pixels"}                      \
        },                                                                              \
        "required": ["path"]                                                            \
    })

/* The largest size of the same shape that fits into a square; never larger than the picture. */
static void fit(const picture *picture, int side, int *width, int *height) {
    int longest = picture->width > picture->height ? picture->width : picture->height;
    int most = side < longest ? side : longest;
    *width = (int)((int64_t)picture->width * most / longest);
    *height = (int)((int64_t)picture->height * most / longest);
    if (*width < 1) *width = 1;
    if (*height < 1) *height = 1;
}

static bh_reply *thumbnail(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    picture whole = {.samples = NULL};
    picture small = {.samples = NULL};
    bh_bytes file = {NULL, 0};
    bh_reply *problem = load(bh_string(args, "path", ""), &whole);
    if (problem != NULL) return problem;
    int side = (int)bh_int(args, "side", DEFAULT_THUMBNAIL_SIDE);
    int width = 0;
    int height = 0;
    fit(&whole, side < MAX_THUMBNAIL_SIDE ? side : MAX_THUMBNAIL_SIDE, &width, &height);
    problem = resize(&whole, width, height, &small);
    format format = small.channels == 2 || small.channels == 4 ? PNG : JPEG;
    if (problem == NULL) problem = encode(&small, format, DEFAULT_QUALITY, &file);
    if (problem == NULL && file.size > MAX_THUMBNAIL_BYTES) {
        problem = encode(&small, format = JPEG, DEFAULT_QUALITY, &file); /* noise with alpha: rather white behind it */
    }
    return problem != NULL ? problem : bh_image(file.data, file.size, format_mime_type(format));
}

/* --- convert, resize, crop --- */

#define PATH {"type": "string", "maxLength": 4096}
#define SIDE {"type": "integer", "minimum": 1, "maximum": 16384}
#define OFFSET {"type": "integer", "minimum": 0, "maximum": 16384}
#define FROM_AND_TO                                                                                                  \
    "from": PATH,                                                                                                    \
    "to": {"type": "string", "maxLength": 4096, "description": "Ends in .png, .jpg or .jpeg"},                       \
    "quality": {"type": "integer", "minimum": 1, "maximum": 100, "default": 85, "description": "Of a JPEG"},         \
    "ifExists": {"type": "string", "enum": ["fail", "replace"], "default": "fail"}

#define CONVERT BH_JSON_OF({"type": "object", "properties": {FROM_AND_TO}, "required": ["from", "to"]})
#define RESIZE                                                                                                       \
    BH_JSON_OF({                                                                                                     \
        "type": "object",                                                                                            \
        "description": "The picture keeps its shape if only one of width and height is given",                       \
        "properties": {FROM_AND_TO, "width": SIDE, "height": SIDE},                                                  \
        "required": ["from", "to"]                                                                                   \
    })
#define CROP                                                                                                         \
    BH_JSON_OF({                                                                                                     \
        "type": "object",                                                                                            \
        "properties": {FROM_AND_TO, "x": OFFSET, "y": OFFSET, "width": SIDE, "height": SIDE},                        \
        "required": ["from", "to", "x", "y", "width", "height"]                                                      \
    })
#define WRITTEN                                                             \
    BH_JSON({                                                               \
        "type": "object",                                                   \
        "properties": {                                                     \
            "path": {"type": "string"},                                     \
            "format": {"type": "string", "enum": ["png", "jpeg"]},          \
            "width": {"type": "integer"},                                   \
            "height": {"type": "integer"},                                  \
            "bytes": {"type": "integer"}                                    \
        },                                                                  \
        "required": ["path", "format", "width", "height", "bytes"]          \
    })

static bh_reply *convert(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    picture whole = {.samples = NULL};
    bh_reply *problem = load(bh_string(args, "from", ""), &whole);
    return problem != NULL ? problem : save(&whole, args);
}

/* The side that keeps the shape where the other one is given. */
static int64_t other_side(int64_t given, int given_before, int other_before) {
    int64_t side = given * other_before / given_before;
    return side < 1 ? 1 : side > MAX_SIDE ? MAX_SIDE + 1 : side;
}

static bh_reply *resize_to(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    int64_t width = bh_int(args, "width", 0);
    int64_t height = bh_int(args, "height", 0);
    if (width == 0 && height == 0) return bh_invalid("expected width, height or both");
    picture whole = {.samples = NULL};
    picture resized = {.samples = NULL};
    bh_reply *problem = load(bh_string(args, "from", ""), &whole);
    if (problem != NULL) return problem;
    if (width == 0) width = other_side(height, whole.height, whole.width);
    if (height == 0) height = other_side(width, whole.width, whole.height);
    problem = resize(&whole, (int)width, (int)height, &resized);
    return problem != NULL ? problem : save(&resized, args);
}

static bh_reply *crop_to(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    rectangle part = {(int)bh_int(args, "x", 0), (int)bh_int(args, "y", 0), (int)bh_int(args, "width", 0),
                      (int)bh_int(args, "height", 0)};
    picture whole = {.samples = NULL};
    picture cropped = {.samples = NULL};
    bh_reply *problem = load(bh_string(args, "from", ""), &whole);
    if (problem == NULL) problem = crop(&whole, part, &cropped);
    return problem != NULL ? problem : save(&cropped, args);
}

BH_PLUGIN(
    .tools = BH_TOOLS(
        BH_TOOL("info", "Tells the format, size and channels of a picture, without decoding it.", INFO, info,
                .title = "Look at a picture", .output = FACTS, .read_only = true, .idempotent = true),
        BH_TOOL("thumbnail", "Shows a picture, made small.", THUMBNAIL, thumbnail, .title = "Show a picture",
                .read_only = true, .idempotent = true),
        BH_TOOL("convert", "Writes a picture as PNG or JPEG, as the name of the new file says.", CONVERT, convert,
                .title = "Convert a picture", .output = WRITTEN, .destructive = true),
        BH_TOOL("resize", "Writes a picture in another size.", RESIZE, resize_to, .title = "Resize a picture",
                .output = WRITTEN, .destructive = true),
        BH_TOOL("crop", "Writes a part of a picture.", CROP, crop_to, .title = "Crop a picture", .output = WRITTEN,
                .destructive = true)))
