#include "bulkhead_test.h"

#include <string.h>

static void greets(void) {
    BH_EXPECT_TEXT(bh_test_tool("greet", BH_JSON({"name": "Ada"})).text, "Hello, Ada.");
    BH_EXPECT_TEXT(bh_test_tool("greet", BH_JSON({"name": "Ada", "excited": true})).text, "Hello, Ada!");
}

static void adds_64_bits(void) {
    bh_result sum = bh_test_tool("add", BH_JSON({"a": 9007199254740993, "b": 1}));
    BH_EXPECT_INT(bh_int(sum.structured, "sum", 0), 9007199254740994);
    BH_EXPECT(bh_test_tool("add", BH_JSON({"a": 9223372036854775807, "b": 1})).is_error);
    BH_EXPECT_TEXT(bh_test_tool("add", BH_JSON({"a": 9223372036854775808, "b": 1})).end, "invalid");
}

static void counts(void) {
    BH_EXPECT_TEXT(bh_test_tool("count", BH_JSON({"to": 3})).text, "3");
    BH_EXPECT_TEXT(bh_json_write(bh_get(bh_test_told(), "progress")),
                   "[{\"progress\":1,\"total\":3,\"message\":\"1\"},{\"progress\":2,\"total\":3,\"message\":\"2\"},"
                   "{\"progress\":3,\"total\":3,\"message\":\"3\"}]");
    BH_EXPECT_TEXT(bh_json_write(bh_get(bh_test_told(), "log")), "[{\"level\":\"info\",\"data\":\"counted to 3\"}]");
}

static void stops_when_cancelled(void) {
    bh_test_cancel();
    BH_EXPECT(bh_test_tool("count", BH_JSON({"to": 3})).is_error);
    BH_EXPECT_INT((int64_t)bh_count(bh_get(bh_test_told(), "progress")), 0);
}

static void asks(void) {
    BH_EXPECT_TEXT(bh_test_tool("ask", "{}").end, "asks");
    bh_test_accept("who", BH_JSON({"name": "Bob"}));
    bh_result accepted = bh_test_tool("ask", "{}");
    BH_EXPECT_TEXT(accepted.text, "Hello, Bob.");
    BH_EXPECT_INT(accepted.rounds, 2);
    bh_test_decline("who");
    BH_EXPECT_TEXT(bh_test_tool("ask", "{}").text, "Nobody.");
    bh_test_client()->elicitation_form = false;
    BH_EXPECT_TEXT(bh_test_tool("ask", "{}").end, "missing capability");
}

static const char *page(const bh_http_request *request, bh_http_response *response) {
    static const char html[] = "<html><TITLE lang=en>A page</title>";
    static const char bare[] = "<p>";
    response->status = 200;
    const char *body = strstr(request->url, "bare") == NULL ? html : bare;
    response->body = (bh_bytes){(const uint8_t *)body, strlen(body)};
    return NULL;
}

static void reads_titles(void) {
    bh_result denied = bh_test_tool("title", BH_JSON({"url": "http://a.example/"}));
    BH_EXPECT(denied.is_error);
    BH_EXPECT(strstr(denied.text, "could not be reached") != NULL);
    bh_test_upstream(page);
    BH_EXPECT_TEXT(bh_json_write(bh_test_tool("title", BH_JSON({"url": "http://a.example/"})).structured),
                   "{\"status\":200,\"title\":\"A page\"}");
    BH_EXPECT_TEXT(bh_json_write(bh_test_tool("title", BH_JSON({"url": "http://a.example/bare"})).structured),
                   "{\"status\":200,\"title\":null}");
    BH_EXPECT(bh_test_tool("title", BH_JSON({"url": "http://a.example/\r\nx: y"})).is_error);
}

static void fails(void) {
    bh_result result = bh_test_tool("fail", "{}");
    BH_EXPECT(result.is_error);
    BH_EXPECT_TEXT(result.text, "this tool always fails");
}

static void has_resources(void) {
    bh_result facts = bh_test_read("tour://facts");
    BH_EXPECT_TEXT(facts.text, "The tour has five stops.");
    BH_EXPECT_TEXT(facts.mime_type, "text/plain");
    BH_EXPECT_TEXT(bh_test_read("tour://stops/5").text, "Stop 5 of 5.");
    BH_EXPECT_TEXT(bh_test_read("tour://stops/6").end, "not found");
    BH_EXPECT_TEXT(bh_test_read("tour://stops/1/2").end, "not found");
    BH_EXPECT_TEXT(bh_test_read("tour://elsewhere").end, "not found");
}

static void introduces(void) {
    BH_EXPECT_TEXT(bh_test_prompt("introduce", BH_JSON({"name": "Ada"})).text, "Introduce Ada in a friendly way.");
    BH_EXPECT_TEXT(bh_test_prompt("introduce", BH_JSON({"name": "Ada", "tone": "funny"})).text,
                   "Introduce Ada in a funny way.");
    BH_EXPECT_TEXT(bh_test_prompt("introduce", "{}").end, "invalid");
    BH_EXPECT_TEXT(bh_test_complete("introduce", "tone", "f").text, "formal\nfriendly\nfunny");
    BH_EXPECT_TEXT(bh_test_complete("introduce", "tone", "fr").text, "friendly");
    BH_EXPECT_TEXT(bh_test_complete("introduce", "name", "").text, "");
}

static void tells_its_contract(void) {
    BH_EXPECT_INT((int64_t)bh_count(bh_get(bh_test_contract(), "tools")), 6);
}

BH_TESTS(BH_TEST(greets), BH_TEST(adds_64_bits), BH_TEST(counts), BH_TEST(stops_when_cancelled), BH_TEST(asks),
         BH_TEST(reads_titles), BH_TEST(fails), BH_TEST(has_resources), BH_TEST(introduces), BH_TEST(tells_its_contract))
