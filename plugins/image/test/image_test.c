/* Pictures that are made here, cut short and broken: every call ends in an answer or an error. */
#include "bulkhead_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../src/bounds.h"
#include "../src/picture.h"

/* --- A folder of its own, and pictures in it --- */

static const char *folder(void) {
    static char path[] = "/tmp/bulkhead-image-XXXXXX";
    static bool made;
    if (!made && mkdtemp(path) == NULL) abort();
    made = true;
    return path;
}

static const char *at(const char *name) { return bh_format("%s/%s", folder(), name); }

static void put(const char *name, bh_bytes bytes) {
    FILE *file = fopen(at(name), "wb");
    if (file == NULL || fwrite(bytes.data, 1, bytes.size, file) != bytes.size || fclose(file) != 0) abort();
}

static picture gradient(int width, int height, int channels) {
    picture p = {malloc((size_t)width * (size_t)height * (size_t)channels), width, height, channels};
    for (int i = 0; i < width * height * channels; i++) p.samples[i] = (uint8_t)(i * 7 + i / width);
    return p;
}

static bh_bytes encoded(int width, int height, int channels, format format) {
    picture p = gradient(width, height, channels);
    bh_bytes file = {NULL, 0};
    if (encode(&p, format, 90, &file) != NULL) abort();
    free(p.samples);
    return file;
}

static void put_picture(const char *name, int width, int height, int channels) {
    bh_bytes file = encoded(width, height, channels, format_of_path(name));
    put(name, file);
    free((void *)file.data);
}

static void forget(const char *name) { unlink(at(name)); }

/* --- Calls --- */

static const char *arguments(const char *from, const char *to, const char *more) {
    return bh_format("{\"from\": \"%s\", \"to\": \"%s\"%s}", at(from), at(to), more);
}

static bh_result look_at(const char *path) { return bh_test_tool("info", bh_format("{\"path\": \"%s\"}", path)); }

static void tells_what_it_is(void) {
    put_picture("a.png", 40, 30, 4);
    bh_result result = look_at(at("a.png"));
    BH_EXPECT_TEXT(bh_string(result.structured, "format", ""), "png");
    BH_EXPECT_INT(bh_int(result.structured, "width", 0), 40);
    BH_EXPECT_INT(bh_int(result.structured, "height", 0), 30);
    BH_EXPECT_INT(bh_int(result.structured, "channels", 0), 4);
    put_picture("a.jpg", 17, 5, 3);
    BH_EXPECT_TEXT(bh_string(look_at(at("a.jpg")).structured, "format", ""), "jpeg");
    BH_EXPECT_TEXT(look_at(at("none.png")).end, "not found");
    BH_EXPECT_TEXT(look_at(folder()).end, "invalid");
}

static void refuses_tricks_with_paths(void) {
    const char *tricks[] = {"a.png", "", "/", "/a/../b.png", "/a/./b.png", "/a//b.png", "/..", "/a/"};
    for (size_t i = 0; i < sizeof tricks / sizeof *tricks; i++) BH_EXPECT_TEXT(look_at(tricks[i]).end, "invalid");
    BH_EXPECT_TEXT(bh_test_tool("info", "{\"path\": \"/a\\u0000.png\"}").end, "invalid");
    put_picture("a.png", 4, 4, 3);
    if (symlink(at("a.png"), at("link.png")) != 0) abort();
    BH_EXPECT_TEXT(look_at(at("link.png")).end, "denied");
    forget("link.png");
}

static void shows_it_small(void) {
    put_picture("wide.png", 900, 300, 3);
    bh_result result = bh_test_tool("thumbnail", bh_format("{\"path\": \"%s\", \"side\": 90}", at("wide.png")));
    facts facts = {.format = UNKNOWN};
    BH_EXPECT_TEXT(result.mime_type, "image/jpeg");
    BH_EXPECT(look(result.bytes, &facts) == NULL);
    BH_EXPECT_INT(facts.width, 90);
    BH_EXPECT_INT(facts.height, 30);
    BH_EXPECT(result.bytes.size <= MAX_THUMBNAIL_BYTES);
    free((void *)result.bytes.data);
    put_picture("clear.png", 3, 900, 4);
    result = bh_test_tool("thumbnail", bh_format("{\"path\": \"%s\"}", at("clear.png")));
    BH_EXPECT_TEXT(result.mime_type, "image/png");
    free((void *)result.bytes.data);
}

static void converts(void) {
    put_picture("a.png", 20, 10, 4);
    forget("b.jpg");
    bh_result result = bh_test_tool("convert", arguments("a.png", "b.jpg", ""));
    BH_EXPECT_TEXT(result.end, "done");
    BH_EXPECT_INT(bh_int(look_at(at("b.jpg")).structured, "channels", 0), 3);
    BH_EXPECT_TEXT(bh_test_tool("convert", arguments("a.png", "b.gif", "")).end, "invalid");
}

static void writes_over_a_file_only_if_told(void) {
    put_picture("a.png", 20, 10, 3);
    put_picture("there.png", 1, 1, 3);
    BH_EXPECT_TEXT(bh_test_tool("convert", arguments("a.png", "there.png", "")).end, "conflict");
    BH_EXPECT_INT(bh_int(look_at(at("there.png")).structured, "width", 0), 1);
    bh_result result = bh_test_tool("convert", arguments("a.png", "there.png", ", \"ifExists\": \"replace\""));
    BH_EXPECT_TEXT(result.end, "done");
    BH_EXPECT_INT(bh_int(look_at(at("there.png")).structured, "width", 0), 20);
    BH_EXPECT(access(at("there.png.part"), F_OK) != 0);
}

static void resizes(void) {
    put_picture("a.png", 20, 10, 3);
    bh_result result = bh_test_tool("resize", arguments("a.png", "r.png", ", \"width\": 40, \"ifExists\": \"replace\""));
    BH_EXPECT_INT(bh_int(result.structured, "height", 0), 20);
    BH_EXPECT_TEXT(bh_test_tool("resize", arguments("a.png", "r.png", "")).end, "invalid");
    result = bh_test_tool("resize", arguments("a.png", "r.png", ", \"width\": 16384"));
    BH_EXPECT_TEXT(result.end, "invalid");
}

static void crops(void) {
    put_picture("a.png", 20, 10, 3);
    const char *part = ", \"x\": 15, \"y\": 2, \"width\": 5, \"height\": 8, \"ifExists\": \"replace\"";
    BH_EXPECT_INT(bh_int(bh_test_tool("crop", arguments("a.png", "c.png", part)).structured, "width", 0), 5);
    bh_bytes file = encoded(20, 10, 3, PNG);
    picture whole = {.samples = NULL};
    picture cut = {.samples = NULL};
    BH_EXPECT(decode(file, &whole) == NULL);
    BH_EXPECT(crop(&whole, (rectangle){15, 2, 5, 8}, &cut) == NULL);
    BH_EXPECT(memcmp(cut.samples, whole.samples + (2 * 20 + 15) * 3, 15) == 0);
    BH_EXPECT(memcmp(cut.samples + 15, whole.samples + (3 * 20 + 15) * 3, 15) == 0);
    const rectangle outside[] = {{16, 2, 5, 8}, {0, 3, 5, 8}, {-1, 0, 5, 5}, {0, 0, 0, 5}, {0, 0, 21, 1}, {0x7FFFFFFF, 0, 5, 5}};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) BH_EXPECT(crop(&whole, outside[i], &cut) != NULL);
    free((void *)file.data);
}

/* --- Hostile files --- */

static bh_bytes gif(void) {
    static const uint8_t bytes[] = {'G', 'I', 'F', '8', '9', 'a', 2, 0, 2, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, ',', 0,
                                    0, 0, 0, 2, 0, 2, 0, 0, 2, 3, 0x44, 0x02, 0x05, 0, ';'};
    return (bh_bytes){bytes, sizeof bytes};
}

static bh_bytes bmp(void) {
    static const uint8_t bytes[] = {'B', 'M', 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0,
                                    0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                    1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0};
    return (bh_bytes){bytes, sizeof bytes};
}

/* Whether it could be decoded; the address sanitizer looks at the way there. The copy has exactly the file's size. */
static bool survives(bh_bytes file) {
    uint8_t *exact = malloc(file.size + 1);
    memcpy(exact, file.data, file.size);
    exact = realloc(exact, file.size == 0 ? 1 : file.size);
    picture p = {.samples = NULL};
    bool decoded = decode((bh_bytes){exact, file.size}, &p) == NULL;
    free(p.samples);
    free(exact);
    return decoded;
}

static void each_prefix(bh_bytes file) {
    BH_EXPECT(survives(file));
    for (size_t size = 0; size < file.size; size++) survives((bh_bytes){file.data, size});
}

static uint32_t dice(void) {
    static uint32_t state = 2463534242;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void broken_at_random(bh_bytes file, int times) {
    uint8_t *copy = malloc(file.size);
    for (int i = 0; i < times; i++) {
        memcpy(copy, file.data, file.size);
        for (uint32_t flips = dice() % 8 + 1; flips > 0; flips--) copy[dice() % file.size] = (uint8_t)dice();
        survives((bh_bytes){copy, file.size});
    }
    free(copy);
}

static void a_table_of_codes_that_is_too_long_is_refused(void) {
    bh_bytes file = encoded(17, 9, 3, JPEG);
    uint8_t *at = (uint8_t *)file.data;
    while (at[0] != 0xFF || at[1] != 0xC4) at++;
    BH_EXPECT(survives(file));
    memset(at + 5, 17, 16); /* 272 codes, of 256 */
    picture p = {.samples = NULL};
    bh_reply *problem = decode(file, &p);
    BH_EXPECT(problem != NULL);
    BH_EXPECT(!survives(file));
    free((void *)file.data);
}

static void files_cut_short_are_errors(void) {
    bh_bytes files[] = {encoded(9, 7, 4, PNG), encoded(9, 7, 1, PNG), encoded(17, 9, 3, JPEG), encoded(9, 7, 1, JPEG)};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        each_prefix(files[i]);
        free((void *)files[i].data);
    }
    each_prefix(gif());
    each_prefix(bmp());
}

static void files_broken_at_random_are_survived(void) {
    bh_bytes files[] = {encoded(9, 7, 4, PNG), encoded(9, 7, 1, PNG), encoded(17, 9, 3, JPEG), encoded(9, 7, 1, JPEG)};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        broken_at_random(files[i], 1500);
        free((void *)files[i].data);
    }
    broken_at_random(gif(), 3000);
    broken_at_random(bmp(), 3000);
}

static void what_is_too_large_is_not_decoded(void) {
    bh_bytes file = encoded(9, 7, 3, PNG);
    uint8_t *bytes = (uint8_t *)file.data;
    const uint8_t size[] = {0, 0, 0x40, 0, 0, 0, 0x40, 0}; /* 16384 x 16384 */
    memcpy(bytes + 16, size, sizeof size);
    put("large.png", file);
    bh_result result = bh_test_tool("thumbnail", bh_format("{\"path\": \"%s\"}", at("large.png")));
    BH_EXPECT_TEXT(result.end, "failed");
    BH_EXPECT(strstr(result.text, "too large") != NULL);
    memset(bytes + 16, 0x7F, 8);
    BH_EXPECT(!survives(file));
    free(bytes);
    put("text.png", (bh_bytes){(const uint8_t *)"no picture", 10});
    BH_EXPECT_TEXT(look_at(at("text.png")).end, "failed");
    if (truncate(at("text.png"), MAX_FILE_BYTES + 1) != 0) abort();
    BH_EXPECT(strstr(look_at(at("text.png")).text, "is the most") != NULL);
}

static void cleans_up(void) {
    const char *names[] = {"a.png", "a.jpg", "b.jpg", "c.png", "r.png", "wide.png", "clear.png", "there.png", "large.png", "text.png"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) forget(names[i]);
    BH_EXPECT(rmdir(folder()) == 0);
}

BH_TESTS(BH_TEST(tells_what_it_is), BH_TEST(refuses_tricks_with_paths), BH_TEST(shows_it_small), BH_TEST(converts),
         BH_TEST(writes_over_a_file_only_if_told), BH_TEST(resizes), BH_TEST(crops), BH_TEST(a_table_of_codes_that_is_too_long_is_refused),
         BH_TEST(files_cut_short_are_errors),
         BH_TEST(files_broken_at_random_are_survived), BH_TEST(what_is_too_large_is_not_decoded), BH_TEST(cleans_up))
