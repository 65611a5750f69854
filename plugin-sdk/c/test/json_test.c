#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bulkhead_test.h"

BH_PLUGIN(.list = NULL)

/* Reads from memory of exactly the text's size, so that the address sanitizer sees a step too far. */
static const bh_json *read_exactly(const char *text, size_t size, const char **problem) {
    char *exact = malloc(size == 0 ? 1 : size);
    memcpy(exact, text, size);
    const bh_json *value = bh_json_read(exact, size, problem);
    free(exact);
    return value;
}

static const bh_json *read_text(const char *text) { return read_exactly(text, strlen(text), NULL); }

static void reads_and_writes_back(void) {
    static const char *const same[] = {
        "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "-0.1", "1e+100",
        "\"\"", "\"a\\\"\\\\\\n\\r\\t\"", "\"\\u0001\"", "\"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\"", "[]", "{}",
        "[1,[2,[]],{\"a\":{}}]", "{\"a\":1,\"b\":[true,null]}", "4.94065645841247e-324", "1.7976931348623157e+308", "0.1"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) BH_EXPECT_TEXT(bh_json_write(read_text(same[i])), same[i]);
    static const char *const other[][2] = {
        {" { \"a\" : [ 1 , 2 ] } ", "{\"a\":[1,2]}"},
        {"\"\\u00fc\\ud83d\\ude00\\/\"", "\"\xC3\xBC\xF0\x9F\x98\x80/\""},
        {"\"\\b\\f\"", "\"\\u0008\\u000c\""},
        {"1e2", "100"},
        {"2.0", "2"},
        {"18446744073709551615", "1.8446744073709552e+19"},
        {"123456789012345678901234567890", "1.2345678901234568e+29"},
    };
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) BH_EXPECT_TEXT(bh_json_write(read_text(other[i][0])), other[i][1]);
}

static void refuses_what_is_no_json(void) {
    static const char *const wrong[] = {
        "", " ", "nul", "truex", "tru", "+1", "01", "-", "-a", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1e999", "-1e999",
        "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
        "\"\\u0000\"", "\"\n\"", "\"\t\"", "\"\x80\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"",
        "[", "[1", "[1,", "[,]", "[1,]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}",
        "{\"a\" 1}", "{\"a\":1 \"b\":2}", "'a'", "1 2", "{} []", "\xEF\xBB\xBF{}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":2,\"\\u0061\":3}",
        "[1]//", "/**/1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *problem = NULL;
        BH_EXPECT(read_exactly(wrong[i], strlen(wrong[i]), &problem) == NULL);
        BH_EXPECT(problem != NULL);
    }
    BH_EXPECT(read_exactly("\"a\0b\"", 5, NULL) == NULL);
    BH_EXPECT(read_exactly("1\0", 2, NULL) == NULL);
}

static const char *nested(char open, char close, int depth) {
    char *text = bh_alloc((size_t)depth * 2 + 1);
    memset(text, open, (size_t)depth);
    memset(text + depth, close, (size_t)depth);
    return text;
}

static void nests_no_deeper_than_the_host_reads(void) {
    BH_EXPECT(read_text(nested('[', ']', 64)) != NULL);
    BH_EXPECT(read_text(nested('[', ']', 65)) == NULL);
    char *many = bh_alloc(100001);
    memset(many, '[', 100000);
    BH_EXPECT(read_text(many) == NULL);
}

static void a_large_object_is_read_in_no_time(void) {
    enum { MEMBERS = 50000, LONGEST = 12 };
    char *text = bh_alloc(MEMBERS * LONGEST + 3);
    char *to = text;
    *to++ = '{';
    for (int i = 0; i < MEMBERS; i++) {
        const char *member = bh_format("%s\"%d\":1", i == 0 ? "" : ",", i);
        to = (char *)memcpy(to, member, strlen(member)) + strlen(member);
    }
    *to = '}';
    BH_EXPECT_INT((int64_t)bh_count(read_text(text)), MEMBERS);
}

static void looks_things_up(void) {
    const bh_json *value = read_text("{\"s\":\"x\",\"i\":-7,\"d\":2.5,\"w\":3.0,\"b\":true,\"n\":null,\"a\":[1,\"two\"],\"o\":{\"s\":\"y\"}}");
    BH_EXPECT_TEXT(bh_string(value, "s", "?"), "x");
    BH_EXPECT_TEXT(bh_string(value, "i", "?"), "?");
    BH_EXPECT_TEXT(bh_string(value, "none", NULL), NULL);
    BH_EXPECT_TEXT(bh_string(bh_get(value, "o"), "s", "?"), "y");
    BH_EXPECT_TEXT(bh_string(bh_get(bh_get(value, "none"), "none"), "s", "?"), "?");
    BH_EXPECT_INT(bh_int(value, "i", 0), -7);
    BH_EXPECT_INT(bh_int(value, "w", 0), 3);
    BH_EXPECT_INT(bh_int(value, "d", 9), 9);
    BH_EXPECT(bh_number(value, "d", 0) == 2.5);
    BH_EXPECT(bh_number(value, "i", 0) == -7);
    BH_EXPECT(bh_bool(value, "b", false));
    BH_EXPECT(bh_kind_of(bh_get(value, "n")) == BH_NULL);
    BH_EXPECT_INT((int64_t)bh_count(bh_get(value, "a")), 2);
    BH_EXPECT_TEXT(bh_as_string(bh_next(bh_first(bh_get(value, "a"))), "?"), "two");
    BH_EXPECT(bh_name(bh_first(bh_get(value, "a"))) == NULL);
    BH_EXPECT_TEXT(bh_name(bh_first(value)), "s");
}

static void puts_things_together(void) {
    bh_json *object = bh_object();
    bh_put_string(object, "s", "a\"\xFF");
    bh_put_string(object, "none", NULL);
    bh_put_int(object, "i", INT64_MIN);
    bh_put_number(object, "inf", INFINITY);
    bh_json *list = bh_put_array(object, "l");
    bh_push_bool(list, true);
    bh_put_int(bh_push_object(list), "x", 1);
    bh_push(list, object);
    bh_put_int(object, "i", 2);
    BH_EXPECT_TEXT(bh_json_write(object),
                   "{\"s\":\"a\\\"\xEF\xBF\xBD\",\"none\":null,\"i\":2,\"inf\":null,\"l\":[true,{\"x\":1},"
                   "{\"s\":\"a\\\"\xEF\xBF\xBD\",\"none\":null,\"i\":-9223372036854775808,\"inf\":null,\"l\":[true,{\"x\":1}]}]}");
}

/* --- At random --- */

static uint32_t dice(void) {
    static uint32_t state = 88172645;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* What is read at all is written in a way that reads back as the same. */
static void is_stable(const char *text, size_t size) {
    const bh_json *value = read_exactly(text, size, NULL);
    if (value == NULL) return;
    const char *once = bh_json_write(value);
    const bh_json *again = read_text(once);
    BH_EXPECT(again != NULL);
    BH_EXPECT_TEXT(bh_json_write(again), once);
}

static void survives_what_is_broken_at_random(void) {
    static const char seed[] = "{\"a\":[1,-2.5e3,\"\\u00fc\\ud83d\\ude00x\\n\",null,true],\"b\":{\"c\":\"\xC3\xBC\",\"d\":[[]]},\"e\":12345678901}";
    static const char likely[] = "{}[]\",:\\u0d8e+-.1 \x80\xC3\xED\x00";
    for (int i = 0; i < 20000; i++) {
        char text[sizeof seed];
        memcpy(text, seed, sizeof seed);
        for (uint32_t flips = dice() % 4 + 1; flips > 0; flips--) {
            text[dice() % (sizeof text - 1)] = dice() % 2 == 0 ? likely[dice() % sizeof likely] : (char)dice();
        }
        is_stable(text, dice() % 3 == 0 ? dice() % sizeof text : sizeof text - 1);
    }
}

static void writes_numbers_that_read_back(void) {
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = (uint64_t)dice() << 32 | dice();
        double number = 0;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) continue;
        bh_json *list = bh_array();
        bh_push_number(list, number);
        BH_EXPECT(bh_as_number(bh_first(read_text(bh_json_write(list))), 0) == number);
    }
}

BH_TESTS(BH_TEST(reads_and_writes_back), BH_TEST(refuses_what_is_no_json), BH_TEST(nests_no_deeper_than_the_host_reads),
         BH_TEST(a_large_object_is_read_in_no_time), BH_TEST(looks_things_up), BH_TEST(puts_things_together),
         BH_TEST(survives_what_is_broken_at_random), BH_TEST(writes_numbers_that_read_back))
