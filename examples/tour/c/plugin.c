/* The tour: one stop for each thing that a plugin can do. */
#include "bulkhead.h"

#include <string.h>
#include <strings.h>

/* --- Tools --- */

#define GREET                                                    \
    BH_JSON({                                                    \
        "type": "object",                                        \
        "properties": {                                          \
            "name": {"type": "string", "minLength": 1},          \
            "excited": {"type": "boolean", "default": false}     \
        },                                                       \
        "required": ["name"]                                     \
    })

static bh_reply *greet(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    return bh_textf("Hello, %s%s", bh_string(args, "name", ""), bh_bool(args, "excited", false) ? "!" : ".");
}

#define ADD                                                              \
    BH_JSON({                                                            \
        "type": "object",                                                \
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, \
        "required": ["a", "b"]                                           \
    })
#define SUM BH_JSON({"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]})

static bool is_int(const bh_json *value) { return bh_as_int(value, 0) == bh_as_int(value, 1); }

static bh_reply *add(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    const bh_json *a = bh_get(args, "a");
    const bh_json *b = bh_get(args, "b");
    int64_t sum = 0;
    if (!is_int(a) || !is_int(b)) return bh_invalid("a and b are integers of 64 bits");
    if (__builtin_add_overflow(bh_as_int(a, 0), bh_as_int(b, 0), &sum)) {
        return bh_error("the sum does not fit into 64 bits");
    }
    bh_json *answer = bh_object();
    bh_put_int(answer, "sum", sum);
    return bh_structured(answer);
}

#define COUNT                                                                          \
    BH_JSON({                                                                          \
        "type": "object",                                                              \
        "properties": {"to": {"type": "integer", "minimum": 1, "maximum": 100}},       \
        "required": ["to"]                                                             \
    })

static bh_reply *count(bh_context *ctx, const bh_json *args) {
    int64_t to = bh_int(args, "to", 1);
    for (int64_t k = 1; k <= to; k++) {
        if (bh_cancelled(ctx)) return bh_error("cancelled");
        bh_progress(ctx, (double)k, (double)to, bh_format("%lld", (long long)k));
    }
    bh_log(ctx, BH_INFO, "counted to %lld", (long long)to);
    return bh_textf("%lld", (long long)to);
}

#define NOTHING BH_JSON({"type": "object", "properties": {}})
#define WHO BH_JSON({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]})

static bh_reply *ask(bh_context *ctx, const bh_json *args) {
    (void)args;
    bh_elicited who = bh_elicit(ctx, "who", "Who are you?", WHO);
    if (who.action == BH_PENDING) return bh_stop(ctx);
    if (who.action != BH_ACCEPTED) return bh_text("Nobody.");
    return bh_textf("Hello, %s.", bh_string(who.content, "name", ""));
}

#define TITLE BH_JSON({"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]})
#define PAGE                                                                              \
    BH_JSON({                                                                             \
        "type": "object",                                                                 \
        "properties": {"status": {"type": "integer"}, "title": {"type": ["string", "null"]}}, \
        "required": ["status", "title"]                                                   \
    })

/* Where `tag` begins, in letters of any case; NULL if it does not. */
static const char *find_tag(const char *html, const char *tag) {
    while (*html != '\0' && strncasecmp(html, tag, strlen(tag)) != 0) html++;
    return *html == '\0' ? NULL : html;
}

/* The text of the first <title>, or NULL. */
static const char *title_of(const char *html) {
    const char *tag = find_tag(html, "<title");
    const char *start = tag == NULL ? NULL : strchr(tag, '>');
    const char *end = start == NULL ? NULL : find_tag(start, "</title");
    return end == NULL ? NULL : bh_copy(start + 1, (size_t)(end - start - 1));
}

static bh_reply *title(bh_context *ctx, const bh_json *args) {
    const char *url = bh_string(args, "url", "");
    const bh_http_response *page = bh_http_get(ctx, url);
    if (page == NULL) return bh_error("%s could not be reached: %s", url, bh_problem(ctx));
    bh_json *answer = bh_object();
    bh_put_int(answer, "status", page->status);
    bh_put_string(answer, "title", title_of((const char *)page->body.data));
    return bh_structured(answer);
}

static bh_reply *fail(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    (void)args;
    return bh_error("this tool always fails");
}

/* --- Resources --- */

static bh_reply *facts(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    (void)args;
    return bh_text("The tour has five stops.");
}

static bh_reply *stop(bh_context *ctx, const bh_json *variables) {
    const char *n = bh_string(variables, "n", "");
    if (strlen(n) != 1 || *n < '1' || *n > '5') return bh_not_found("there is no stop at %s", ctx->uri);
    return bh_textf("Stop %s of 5.", n);
}

/* --- A prompt --- */

static bh_reply *introduce(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    return bh_textf("Introduce %s in a %s way.", bh_string(args, "name", ""), bh_string(args, "tone", "friendly"));
}

static bh_reply *tone(bh_context *ctx, const bh_json *filled) {
    (void)filled;
    static const char *const tones[] = {"formal", "friendly", "funny", NULL};
    return bh_starting(ctx, tones);
}

BH_PLUGIN(
    .tools = BH_TOOLS(
        BH_TOOL("greet", "Greets somebody.", GREET, greet, .read_only = true),
        BH_TOOL("add", "Adds two integers.", ADD, add, .output = SUM),
        BH_TOOL("count", "Counts, and tells how far it is.", COUNT, count),
        BH_TOOL("ask", "Asks who you are.", NOTHING, ask),
        BH_TOOL("title", "Tells the title of a web page.", TITLE, title, .output = PAGE, .open_world = true),
        BH_TOOL("fail", "Fails.", NOTHING, fail)),
    .resources = BH_RESOURCES(
        BH_RESOURCE("tour://facts", "facts", "What there is to know.", facts, .mime_type = "text/plain")),
    .templates = BH_TEMPLATES(
        BH_TEMPLATE("tour://stops/{n}", "stops", "One stop of the tour.", stop, .mime_type = "text/plain")),
    .prompts = BH_PROMPTS(
        BH_PROMPT("introduce", "Introduces somebody.", introduce,
                  .arguments = BH_ARGUMENTS(
                      BH_ARGUMENT("name", "Who is introduced.", .required = true),
                      BH_ARGUMENT("tone", "In which tone; friendly if it is left out.", .complete = tone)))))
