/* A plugin that uses every part of the SDK. */
#include <string.h>

#include "../src/call.h"
#include "bulkhead_test.h"

#define NOTHING BH_JSON({"type": "object"})

/* --- Questions --- */

#define NAME BH_JSON({"type": "object", "properties": {"name": {"type": "string"}}})

static bh_reply *meet(bh_context *ctx, const bh_json *args) {
    (void)args;
    bh_elicited one = bh_elicit(ctx, "one", "Who?", NAME);
    bh_elicited other = bh_elicit(ctx, "other", "And who?", NAME);
    if (one.action == BH_PENDING || other.action == BH_PENDING) return bh_stop(ctx);
    return bh_textf("%s, meet %s", bh_string(one.content, "name", "?"), bh_string(other.content, "name", "?"));
}

static bh_reply *fish(bh_context *ctx, const bh_json *args) {
    (void)args;
    const char *name = bh_sample_text(ctx, "fish", "Name a fish.");
    return name == NULL ? bh_stop(ctx) : bh_text(name);
}

static int bookings;

static bh_reply *book(bh_context *ctx, const bh_json *args) {
    (void)args;
    if (bh_kept(ctx, "number") == NULL) {
        bh_json *number = bh_array();
        bh_push_int(number, ++bookings);
        bh_keep(ctx, "number", number);
    }
    const bh_json *rooms = bh_roots(ctx, "rooms");
    if (rooms == NULL) return bh_stop(ctx);
    return bh_textf("booking %lld, %zu rooms", (long long)bh_as_int(bh_first(bh_kept(ctx, "number")), 0), bh_count(rooms));
}

static bh_reply *hoard(bh_context *ctx, const bh_json *args) {
    (void)args;
    char *much = bh_alloc(20001);
    memset(much, 'x', 20000);
    bh_json *list = bh_array();
    bh_push_string(list, much);
    bh_keep(ctx, "much", list);
    bh_roots(ctx, "rooms");
    return bh_stop(ctx);
}

static bh_reply *visit(bh_context *ctx, const bh_json *args) {
    (void)args;
    bh_elicited seen = bh_elicit_url(ctx, "page", "Look", "https://a.example/");
    return seen.action == BH_PENDING ? bh_stop(ctx) : bh_text(seen.action == BH_ACCEPTED ? "seen" : "not seen");
}

static void several_questions_are_one_round(void) {
    bh_test_accept("one", BH_JSON({"name": "Ann"}));
    BH_EXPECT_TEXT(bh_test_tool("meet", "{}").end, "asks");
    bh_test_accept("other", BH_JSON({"name": "Bob"}));
    bh_result result = bh_test_tool("meet", "{}");
    BH_EXPECT_TEXT(result.text, "Ann, meet Bob");
    BH_EXPECT_INT(result.rounds, 2);
    bh_test_answer("one", BH_JSON({"action": "nod"}));
    BH_EXPECT_TEXT(bh_test_tool("meet", "{}").end, "protocol");
}

static void asks_a_model(void) {
    BH_EXPECT_TEXT(bh_test_tool("fish", "{}").end, "asks");
    bh_test_answer("fish", BH_JSON({"role": "assistant", "model": "m", "content": {"type": "text", "text": "Carp"}}));
    BH_EXPECT_TEXT(bh_test_tool("fish", "{}").text, "Carp");
    bh_test_answer("fish", BH_JSON({"content": [{"type": "text", "text": "Ca"}, {"type": "text", "text": "rp"}]}));
    BH_EXPECT_TEXT(bh_test_tool("fish", "{}").text, "Carp");
    bh_test_client()->sampling = false;
    BH_EXPECT_TEXT(bh_test_tool("fish", "{}").end, "missing capability");
}

static void keeps_between_rounds(void) {
    bookings = 0;
    bh_test_answer("rooms", BH_JSON({"roots": [{"uri": "file:///a"}]}));
    bh_result result = bh_test_tool("book", "{}");
    BH_EXPECT_TEXT(result.text, "booking 1, 1 rooms");
    BH_EXPECT_INT(result.rounds, 2);
    BH_EXPECT_INT(bookings, 1);
    bh_test_answer("rooms", BH_JSON({"roots": 1}));
    BH_EXPECT_TEXT(bh_test_tool("book", "{}").end, "protocol");
    BH_EXPECT_TEXT(bh_test_tool("hoard", "{}").end, "failed");
}

static void opens_a_page(void) {
    bh_test_decline("page");
    BH_EXPECT_TEXT(bh_test_tool("visit", "{}").text, "not seen");
    bh_test_answer("page", BH_JSON({"action": "accept"}));
    BH_EXPECT_TEXT(bh_test_tool("visit", "{}").text, "seen");
    bh_test_client()->elicitation_url = false;
    BH_EXPECT_TEXT(bh_test_tool("visit", "{}").end, "missing capability");
}

/* --- Tasks, reports --- */

static bh_reply *work(bh_context *ctx, const bh_json *args) {
    (void)args;
    bh_task_status(ctx, "working");
    bh_log(ctx, BH_WARNING, "%d%%", 50);
    bh_resource_updated(ctx, "a://b");
    bh_resources_changed(ctx);
    bh_close_stream(ctx, 100);
    bh_set_visible(ctx, BH_ITEM_TOOL, "meet", false);
    return bh_text(ctx->as_task ? "as a task" : "at once");
}

static void becomes_a_task_where_there_are_tasks(void) {
    BH_EXPECT_TEXT(bh_test_tool("work", "{}").text, "as a task");
    BH_EXPECT_TEXT(bh_json_write(bh_test_told()),
                   "{\"progress\":[],\"log\":[{\"level\":\"warning\",\"data\":\"50%\"}],\"updated\":[\"a://b\"],\"changed\":1,"
                   "\"visible\":[{\"kind\":\"tool\",\"name\":\"meet\",\"visible\":false}],\"taskStatus\":[\"working\"],"
                   "\"closedStreams\":[100]}");
    bh_test_client()->tasks = false;
    BH_EXPECT_TEXT(bh_test_tool("work", "{}").text, "at once");
}

/* --- What is granted --- */

static bh_reply *remember(bh_context *ctx, const bh_json *args) {
    const char *word = bh_string(args, "word", "");
    bh_bytes before = {NULL, 0};
    uint64_t times = 0;
    const bh_json *keys = NULL;
    if (!bh_kv_get(ctx, "word", &before)) return bh_stop(ctx);
    if (!bh_kv_set(ctx, "word", word, strlen(word))) return bh_stop(ctx);
    if (!bh_kv_increment(ctx, "times", 2, &times)) return bh_stop(ctx);
    if (!bh_kv_keys(ctx, &keys)) return bh_stop(ctx);
    const char *last = before.data == NULL ? "nothing" : bh_copy(before.data, before.size);
    if (strcmp(word, "forget") == 0 && !bh_kv_delete(ctx, "word")) return bh_stop(ctx);
    return bh_textf("%s, %s, %llu, %zu", bh_config(ctx, "who", "nobody"), last, (unsigned long long)times, bh_count(keys));
}

static void reaches_what_is_granted(void) {
    BH_EXPECT_TEXT(bh_test_tool("remember", BH_JSON({"word": "a"})).end, "denied");
    bh_test_grant_kv();
    BH_EXPECT_TEXT(bh_test_tool("remember", BH_JSON({"word": "a"})).text, "nobody, nothing, 2, 2");
    bh_test_config("who", "Ann");
    BH_EXPECT_TEXT(bh_test_tool("remember", BH_JSON({"word": "forget"})).text, "Ann, a, 4, 2");
    BH_EXPECT_TEXT(bh_test_tool("remember", BH_JSON({"word": "b"})).text, "Ann, nothing, 6, 2");
}

static bh_reply *fetch(bh_context *ctx, const bh_json *args) {
    static const char *const headers[] = {"accept", "text/plain", NULL};
    bh_http_request request = {.method = "POST", .url = bh_string(args, "url", ""), .headers = headers, .max_bytes = 5};
    const bh_http_response *response = bh_http_send(ctx, &request);
    return response == NULL ? bh_stop(ctx) : bh_textf("%d %s", response->status, (const char *)response->body.data);
}

static const char *echo(const bh_http_request *request, bh_http_response *response) {
    if (strstr(request->url, "gone") != NULL) return "refused the connection";
    const char *body = strstr(request->url, "long") != NULL ? "longer than five" : request->method;
    response->status = 201;
    response->body = (bh_bytes){(const uint8_t *)body, strlen(body)};
    return NULL;
}

static bh_result fetched(const char *url) { return bh_test_tool("fetch", bh_format("{\"url\": \"%s\"}", url)); }

static void sends_requests(void) {
    BH_EXPECT_TEXT(fetched("https://a.example").end, "denied");
    bh_test_upstream(echo);
    BH_EXPECT_TEXT(fetched("https://a.example").text, "201 POST");
    BH_EXPECT_TEXT(fetched("http://a.example:80/gone#x").text, "a.example refused the connection");
    BH_EXPECT_TEXT(fetched("http://a.example/long").text, "a.example answered with more than 5 bytes");
    static const char *const wrong[] = {"a.example", "ftp://a.example", "https:///b", "https://u:p@a.example/", "http://a/ b",
                                        "http://a/\\r\\nx: y", "http://\\u00fc/"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) BH_EXPECT(strstr(fetched(wrong[i]).text, "is no URL") != NULL);
    BH_EXPECT_TEXT(bh_url_encode("a b&c=\xC3\xBC~"), "a%20b%26c%3D%C3%BC~");
}

/* --- Resources --- */

static bh_reply *note(bh_context *ctx, const bh_json *variables) {
    (void)ctx;
    const char *name = bh_string(variables, "name", "");
    if (strcmp(name, "bytes") == 0) return bh_blob("\0\1", 2, NULL);
    if (strcmp(name, "json") == 0) return bh_structured(variables);
    return bh_text(name);
}

static bh_reply *write_note(bh_context *ctx, const bh_json *variables) {
    bool exists = strcmp(bh_string(variables, "name", ""), "old") == 0;
    bh_reply *conflict = bh_if_match(ctx, exists ? "v1" : NULL);
    return conflict != NULL ? conflict : bh_written(bh_format("v%zu", ctx->body.size));
}

static bh_reply *any(bh_context *ctx, const bh_json *args) {
    (void)args;
    bh_reply *reply = bh_text(ctx->uri);
    bh_etag(reply, "fixed");
    return reply;
}

static bh_reply *list(bh_context *ctx, const bh_json *args) {
    (void)args;
    bh_reply *page = bh_list(ctx->cursor == NULL ? "more" : NULL);
    bh_entry(page, ctx->cursor == NULL ? "note://1" : "note://2", "a note", "text/plain", NULL);
    return page;
}

static bh_reply *names(bh_context *ctx, const bh_json *filled) {
    (void)filled;
    static const char *const known[] = {"old", "older", "new", NULL};
    return bh_starting(ctx, known);
}

static void reads_resources(void) {
    bh_result text = bh_test_read("note://a%20b");
    BH_EXPECT_TEXT(text.text, "a b");
    BH_EXPECT_TEXT(text.mime_type, "text/plain");
    BH_EXPECT_INT((int64_t)strlen(text.etag), 32);
    BH_EXPECT(strcmp(text.etag, bh_test_read("note://ab").etag) != 0);
    BH_EXPECT_TEXT(bh_test_read("note://a%20b").etag, text.etag);
    BH_EXPECT_INT((int64_t)bh_test_read("note://bytes").bytes.size, 2);
    BH_EXPECT_TEXT(bh_test_read("note://json").mime_type, "application/json");
    BH_EXPECT_TEXT(bh_test_read("note://%00").end, "not found");
    BH_EXPECT_TEXT(bh_test_read("ANY:thing").text, "ANY:thing");
    BH_EXPECT_TEXT(bh_test_read("any:thing").etag, "fixed");
    BH_EXPECT_TEXT(bh_test_read("anyway:thing").end, "not found");
    BH_EXPECT_TEXT(bh_test_list(NULL).text, "note://1");
    BH_EXPECT_TEXT(bh_test_list("more").text, "note://2");
    BH_EXPECT_TEXT(bh_test_complete_uri("note://{name}", "name", "old").text, "old\nolder");
}

static void writes_resources(void) {
    BH_EXPECT_TEXT(bh_test_write("note://old", "abc", NULL).etag, "v3");
    BH_EXPECT_TEXT(bh_test_write("note://old", "abc", "*").end, "done");
    BH_EXPECT_TEXT(bh_test_write("note://old", "abc", "v1").end, "done");
    BH_EXPECT_TEXT(bh_test_write("note://old", "abc", "v0").end, "conflict");
    BH_EXPECT_TEXT(bh_test_write("note://new", "abc", "*").end, "conflict");
    BH_EXPECT_TEXT(bh_test_write("any:thing", "abc", NULL).end, "denied");
    BH_EXPECT_TEXT(bh_test_write("none:thing", "abc", NULL).end, "not found");
}

static void templates_cover_what_they_say(void) {
    static const char *const table[][3] = {
        {"t://{id}/data", "t://123/data", "{\"id\":\"123\"}"},
        {"t://{id}/data", "t:///data", "null"},
        {"t://{id}/data", "t://1/2/data", "null"},
        {"t://{id}/data", "t://1/data/", "null"},
        {"a://{x}-{y}", "a://1-2-3", "{\"y\":\"3\",\"x\":\"1-2\"}"},
        {"file:///{+path}", "file:///a/b%20c.txt", "{\"path\":\"a/b c.txt\"}"},
        {"file:///{+path}.txt", "file:///a.b.txt", "{\"path\":\"a.b\"}"},
        {"file:///{path}", "file:///a/b", "null"},
        {"a://{x}", "a://%zz", "null"},
        {"a://{x}", "a://%2", "null"},
        {"a://{x}", "a://%ff", "null"},
        {"a://{x}", "a://%00", "null"},
        {"a://{x}", "a://\xC3\xBC", "{\"x\":\"\xC3\xBC\"}"},
        {"a://b", "a://b", "{}"},
        {"a://{x", "a://b", "null"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        BH_EXPECT_TEXT(bh_json_write(bh_variables(table[i][0], table[i][1])), table[i][2]);
    }
}

/* --- The table --- */

static bh_reply *nothing(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    (void)args;
    return NULL;
}

static void an_answer_is_never_missing(void) {
    BH_EXPECT_TEXT(bh_test_tool("nothing", "{}").end, "failed");
    BH_EXPECT_TEXT(bh_test_tool("none", "{}").end, "not found");
    BH_EXPECT_TEXT(bh_test_tool("nothing", "[]").end, "invalid");
    BH_EXPECT_TEXT(bh_test_prompt("none", "{}").end, "not found");
}

static void the_contract_has_every_item(void) {
    const bh_json *contract = bh_test_contract();
    const bh_json *tool = bh_first(bh_get(contract, "tools"));
    BH_EXPECT_TEXT(bh_json_write(tool),
                   "{\"name\":\"meet\",\"title\":\"Meet\",\"description\":\"Introduces two people.\",\"inputSchema\":{\"type\":\"object\"},"
                   "\"annotations\":{\"readOnlyHint\":true,\"destructiveHint\":false},\"singleUse\":true,"
                   "\"requiredCapabilities\":[\"elicitation.form\"]}");
    BH_EXPECT_TEXT(bh_json_write(bh_get(contract, "resourceTemplates")),
                   "[{\"uriTemplate\":\"note://{name}\",\"name\":\"notes\",\"description\":\"Notes.\",\"mimeType\":\"text/plain\","
                   "\"cache\":{\"ttlMs\":1000,\"scope\":\"public\"}}]");
    BH_EXPECT_TEXT(bh_json_write(bh_get(contract, "schemes")), "[\"any\"]");
    BH_EXPECT(bh_bool(contract, "dynamicResources", false));
}

static void a_schema_that_is_no_json_is_told(void) {
    const bh_plugin broken = {.tools = BH_TOOLS(BH_TOOL("t", "d", BH_JSON({"type": }), nothing, .title = NULL))};
    const char *problem = NULL;
    BH_EXPECT(bh_contract(&broken, &problem) == NULL);
    BH_EXPECT_TEXT(problem, "tool \"t\": inputSchema: expected a value, at byte 9");
}

BH_PLUGIN(
    .tools = BH_TOOLS(
        BH_TOOL("meet", "Introduces two people.", NOTHING, meet, .title = "Meet", .read_only = true, .destructive = BH_NO,
                .single_use = true, .requires = BH_JSON(["elicitation.form"])),
        BH_TOOL("fish", "Asks for a fish.", NOTHING, fish, .open_world = true),
        BH_TOOL("book", "Books once.", NOTHING, book, .idempotent = BH_NO),
        BH_TOOL("hoard", "Keeps too much.", NOTHING, hoard, .meta = BH_JSON({"a": 1})),
        BH_TOOL("visit", "Opens a page.", NOTHING, visit, .icons = BH_JSON([{"src": "https://a.example/i.png"}])),
        BH_TOOL("work", "Works.", NOTHING, work, .task = "optional"),
        BH_TOOL("remember", "Remembers.", NOTHING, remember, .output = NULL),
        BH_TOOL("fetch", "Fetches.", NOTHING, fetch, .output = NULL),
        BH_TOOL("nothing", "Gives nothing.", NOTHING, nothing, .output = NULL)),
    .templates = BH_TEMPLATES(BH_TEMPLATE("note://{name}", "notes", "Notes.", note, .mime_type = "text/plain", .write = write_note,
                                          .cache = BH_JSON({"ttlMs": 1000, "scope": "public"}),
                                          .variables = BH_ARGUMENTS(BH_ARGUMENT("name", NULL, .complete = names)))),
    .schemes = BH_SCHEMES(BH_SCHEME("any", any, .write = NULL)),
    .list = list)

BH_TESTS(BH_TEST(several_questions_are_one_round), BH_TEST(asks_a_model), BH_TEST(keeps_between_rounds), BH_TEST(opens_a_page),
         BH_TEST(becomes_a_task_where_there_are_tasks), BH_TEST(reaches_what_is_granted), BH_TEST(sends_requests),
         BH_TEST(reads_resources), BH_TEST(writes_resources), BH_TEST(templates_cover_what_they_say),
         BH_TEST(an_answer_is_never_missing), BH_TEST(the_contract_has_every_item), BH_TEST(a_schema_that_is_no_json_is_told))
