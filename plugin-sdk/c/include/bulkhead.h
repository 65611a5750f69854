/* A Bulkhead plugin in C: functions, and one table that names them.
 *
 *     #include "bulkhead.h"
 *
 *     static bh_reply *greet(bh_context *ctx, const bh_json *args) {
 *         (void)ctx;
 *         return bh_textf("Hello, %s.", bh_string(args, "name", "you"));
 *     }
 *
 *     #define GREET BH_JSON({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]})
 *
 *     BH_PLUGIN(.tools = BH_TOOLS(BH_TOOL("greet", "Greets somebody.", GREET, greet, .read_only = true)))
 *
 * Every call gets a fresh instance: nothing in memory outlives it, and nothing needs to be freed. A call that asks the
 * user is made again from its start with the answer. Text is UTF-8 and ends at its NUL. Running out of memory, like
 * every other trap, ends the call and nothing else. */
#ifndef BULKHEAD_H
#define BULKHEAD_H

#include "bulkhead_json.h"

#if defined(__GNUC__)
#define BH_PRINTF(text, values) __attribute__((format(printf, text, values)))
#else
#define BH_PRINTF(text, values)
#endif

typedef struct bh_context bh_context;
typedef struct bh_reply bh_reply;

/* What every function of a plugin looks like.
 * `args`: a tool's arguments, which have passed its input schema; a prompt's arguments; a template's variables, with
 * percent-encoding undone; what is filled in already, for a completion. Always an object. */
typedef bh_reply *bh_function(bh_context *ctx, const bh_json *args);

/* Bytes. `data` is NULL where there are none at all. */
typedef struct bh_bytes {
    const uint8_t *data;
    size_t size;
} bh_bytes;

/* --- What a plugin offers --- */

/* A claim about a tool; `true` is BH_YES. */
typedef enum bh_claim { BH_UNSAID, BH_YES, BH_NO } bh_claim;

typedef struct bh_tool {
    const char *name;
    const char *description; /* for the model */
    const char *input;       /* JSON Schema of its arguments: an object */
    bh_function *call;
    const char *title;      /* for people */
    const char *output;     /* JSON Schema of what bh_structured gives */
    bh_claim read_only;     /* it changes nothing */
    bh_claim destructive;   /* it may destroy something */
    bh_claim idempotent;    /* twice is the same as once */
    bh_claim open_world;    /* it reaches beyond the server */
    const char *task;       /* "optional" or "required": it runs as a task */
    bool single_use;        /* an answer to its questions is taken once and never replayed */
    const char *requires;   /* JSON array of what a client must be able to do, such as ["elicitation.form"] */
    const char *icons;      /* JSON array of {"src": URL} */
    const char *meta;       /* JSON object */
} bh_tool;

/* An argument of a prompt, or a variable of a template. */
typedef struct bh_argument {
    const char *name;
    const char *description;
    bool required;
    bh_function *complete; /* suggests values, with bh_starting */
} bh_argument;

typedef struct bh_prompt {
    const char *name;
    const char *description;
    bh_function *get;
    const char *title;
    const bh_argument *arguments; /* BH_ARGUMENTS(...) */
    const char *requires;
    const char *icons;
    const char *meta;
} bh_prompt;

/* A resource that always exists, or a family of them: `{name}` in its URI stands for one segment of a path, `{+name}`
 * for the rest of a path with its slashes. */
typedef struct bh_resource {
    const char *uri;
    const char *name;
    const char *description;
    bh_function *read;
    const char *mime_type;
    bh_function *write; /* ctx->body is what to write; answer with bh_written */
    const char *title;
    const bh_argument *variables; /* of a family: those that are completed */
    const char *icons;
    const char *cache; /* JSON, such as {"ttlMs": 60000, "scope": "public"} */
    const char *meta;
} bh_resource;

/* Answers for every URI of a scheme; ctx->uri says which is meant. */
typedef struct bh_scheme {
    const char *scheme;
    bh_function *read;
    bh_function *write;
} bh_scheme;

typedef struct bh_plugin {
    const bh_tool *tools;
    const bh_resource *resources;
    const bh_resource *templates;
    const bh_scheme *schemes;
    const bh_prompt *prompts;
    bh_function *list; /* lists resources that come and go, with bh_list and bh_entry */
} bh_plugin;

#define BH_TOOL(name_, description_, input_, call_, ...) \
    {.name = (name_), .description = (description_), .input = (input_), .call = (call_), __VA_ARGS__}
#define BH_PROMPT(name_, description_, get_, ...) \
    {.name = (name_), .description = (description_), .get = (get_), __VA_ARGS__}
#define BH_ARGUMENT(name_, description_, ...) {.name = (name_), .description = (description_), __VA_ARGS__}
#define BH_RESOURCE(uri_, name_, description_, read_, ...) \
    {.uri = (uri_), .name = (name_), .description = (description_), .read = (read_), __VA_ARGS__}
#define BH_TEMPLATE(...) BH_RESOURCE(__VA_ARGS__)
#define BH_SCHEME(scheme_, read_, ...) {.scheme = (scheme_), .read = (read_), __VA_ARGS__}

#define BH_TOOLS(...) ((const bh_tool[]){__VA_ARGS__, {.name = NULL}})
#define BH_PROMPTS(...) ((const bh_prompt[]){__VA_ARGS__, {.name = NULL}})
#define BH_ARGUMENTS(...) ((const bh_argument[]){__VA_ARGS__, {.name = NULL}})
#define BH_RESOURCES(...) ((const bh_resource[]){__VA_ARGS__, {.uri = NULL}})
#define BH_TEMPLATES(...) BH_RESOURCES(__VA_ARGS__)
#define BH_SCHEMES(...) ((const bh_scheme[]){__VA_ARGS__, {.scheme = NULL}})

extern const bh_plugin bh_this_plugin;

/* The plugin. Once, outside of every function. */
#define BH_PLUGIN(...) const bh_plugin bh_this_plugin = {__VA_ARGS__};

/* --- The call --- */

typedef enum bh_level {
    BH_DEBUG, BH_INFO, BH_NOTICE, BH_WARNING, BH_ERROR, BH_CRITICAL, BH_ALERT, BH_EMERGENCY, BH_SILENT
} bh_level;

typedef enum bh_era { BH_LEGACY, BH_MODERN, BH_GUIDE } bh_era;

/* What the calling client said it can do. */
typedef struct bh_client {
    bool elicitation_form; /* shows a form to its user */
    bool elicitation_url;  /* opens a URL for its user */
    bool sampling;         /* runs a model */
    bool sampling_tools;   /* its model may be handed tools */
    bool roots;            /* lists the folders its user works in */
    bool tasks;            /* follows long work as a task */
} bh_client;

/* The call that runs now. Read it, change nothing. Texts are NULL where there is nothing. */
struct bh_context {
    const char *call_id;          /* in every log line and record about it */
    bh_era era;                   /* which dialect the client speaks */
    const char *protocol_version; /* such as 2026-07-28 */
    bh_client client;
    bh_level log_level;       /* lines below it go nowhere */
    bool wants_progress;      /* somebody listens */
    bool as_task;             /* the call runs as a task, so that it may take long */
    const char *root;         /* the context tree that the call belongs to: unique for this caller */
    const char *workspace;    /* the guest path of that root's own folder */
    const char *traceparent;  /* W3C trace context */
    const bh_json *sampling;  /* sampling parameters of the caller's root */
    const bh_json *meta;      /* the request's _meta, without the protocol's own keys */
    const char *uri;          /* resources: which one */
    bh_bytes body;            /* write: what to write */
    const char *if_match;     /* write: the etag it must have now; see bh_if_match */
    const char *cursor;       /* list: where the page begins */
    const char *typed;        /* completion: what the value begins with */
    struct bh_call *call;     /* the SDK's own */
};

/* Says how far the call is. Values must rise. `total` 0 or less: not known. `message` may be NULL. The host passes on
 * at most a few a second. */
void bh_progress(bh_context *ctx, double progress, double total, const char *message);

/* A line for the caller. It costs nothing below the call's level. */
void bh_log(bh_context *ctx, bh_level level, const char *format, ...) BH_PRINTF(3, 4);

/* The same with any JSON, from the part of the plugin that is named `logger` (NULL: from no part). */
void bh_log_json(bh_context *ctx, bh_level level, const char *logger, const bh_json *data);

/* Whether the caller has given up. The host ends the call shortly after in any case. */
bool bh_cancelled(bh_context *ctx);

/* One line for whoever watches the task. */
void bh_task_status(bh_context *ctx, const char *message);

/* The resource at `uri`, one of this plugin's, has changed; the list of those that come and go has. */
void bh_resource_updated(bh_context *ctx, const char *uri);
void bh_resources_changed(bh_context *ctx);

typedef enum bh_item { BH_ITEM_TOOL, BH_ITEM_PROMPT, BH_ITEM_RESOURCE } bh_item;

/* Hides an item of the contract from listings and calls, or shows it again. False: bh_stop says why. */
bool bh_set_visible(bh_context *ctx, bh_item kind, const char *name, bool visible);

/* Closes the connection that carries the call's events while the call goes on; the client comes back after
 * `retry_ms` milliseconds (0: when it likes). */
void bh_close_stream(bh_context *ctx, uint32_t retry_ms);

/* --- Questions: return bh_stop(ctx) where the answer is not there yet --- */

typedef enum bh_action { BH_PENDING, BH_ACCEPTED, BH_DECLINED, BH_CANCELLED } bh_action;

typedef struct bh_elicited {
    bh_action action;       /* BH_PENDING: return bh_stop(ctx) */
    const bh_json *content; /* what was filled in, if it was accepted */
} bh_elicited;

/* Shows a form. `key` names the answer, unique in this call; `schema` is JSON: an object of texts, numbers, truths. */
bh_elicited bh_elicit(bh_context *ctx, const char *key, const char *message, const char *schema);

/* Asks the user to open `url`. For what must not pass through the client, such as a password. */
bh_elicited bh_elicit_url(bh_context *ctx, const char *key, const char *message, const char *url);

/* Asks the client's model. `params` are those of sampling/createMessage; `maxTokens` is 1024 unless it is given.
 * The model's answer, or NULL: return bh_stop(ctx). */
const bh_json *bh_sample(bh_context *ctx, const char *key, const bh_json *params);

/* The same with one message of the user's. The text of the answer, or NULL: return bh_stop(ctx). */
const char *bh_sample_text(bh_context *ctx, const char *key, const char *prompt);

/* Asks for the folders that the user works in: an array of {"uri", "name"}, or NULL: return bh_stop(ctx). */
const bh_json *bh_roots(bh_context *ctx, const char *key);

/* Keeps `value` for the rounds of this call that follow; the host seals it. At most 12 KiB in all. For what must
 * happen once although the call is made again: look with bh_kept, do it, bh_keep what came of it. */
void bh_keep(bh_context *ctx, const char *key, const bh_json *value);
const bh_json *bh_kept(bh_context *ctx, const char *key);

/* What to return where an operation gave nothing: the open questions, or why it was refused. */
bh_reply *bh_stop(bh_context *ctx);

/* The same in words; "" when nothing was refused. */
const char *bh_problem(bh_context *ctx);

/* "Make this call again as a task." Return it where ctx->as_task is false and the work is long. */
bh_reply *bh_become_task(bh_context *ctx);

/* --- What the operator granted --- */

/* The configured value of `key`, or `fallback`. */
const char *bh_config(bh_context *ctx, const char *key, const char *fallback);

/* Values that outlive the call: the caller's own, unless the operator shares them. False: bh_stop says why. */
bool bh_kv_get(bh_context *ctx, const char *key, bh_bytes *value); /* value->data is NULL if there is none */
bool bh_kv_set(bh_context *ctx, const char *key, const void *data, size_t size);
bool bh_kv_delete(bh_context *ctx, const char *key);
bool bh_kv_increment(bh_context *ctx, const char *key, uint64_t by, uint64_t *now); /* 0 at first, in one step */
bool bh_kv_keys(bh_context *ctx, const bh_json **keys);                             /* an array of texts */

typedef struct bh_http_request {
    const char *method; /* NULL: GET */
    const char *url;    /* http: or https:, percent-encoded */
    const char *const *headers; /* name, value, name, value, NULL; or NULL */
    bh_bytes body;
    uint32_t timeout_ms; /* how long the upstream may keep silent; 0: 30 seconds */
    size_t max_bytes;    /* how much of a body is taken, more is an error; 0: 8 MiB */
} bh_http_request;

typedef struct bh_http_response {
    uint16_t status;
    const bh_json *headers; /* names in lower case; the last of a name */
    bh_bytes body;          /* ends with a NUL that does not count */
} bh_http_response;

/* Sends a request and waits for all of the answer; any status is one. NULL: bh_stop or bh_problem says why. Redirects
 * are not followed. Only in a plugin whose plugin.toml asks for http. */
const bh_http_response *bh_http_get(bh_context *ctx, const char *url);
const bh_http_response *bh_http_send(bh_context *ctx, const bh_http_request *request);

/* `text` as a part of a query or a path: all but letters, digits and -._~ percent-encoded. */
const char *bh_url_encode(const char *text);

/* --- Replies --- */

/* Text: a tool's answer, a resource's contents, a prompt's message. */
bh_reply *bh_text(const char *text);
bh_reply *bh_textf(const char *format, ...) BH_PRINTF(1, 2);

/* A tool's structured answer, of the shape that its output schema has. As a resource's contents: the JSON's text. */
bh_reply *bh_structured(const bh_json *value);

/* A picture, a sound, any bytes (for a resource). Not copied. */
bh_reply *bh_image(const void *data, size_t size, const char *mime_type);
bh_reply *bh_audio(const void *data, size_t size, const char *mime_type);
bh_reply *bh_blob(const void *data, size_t size, const char *mime_type);

/* More blocks after the first. */
void bh_add_text(bh_reply *reply, const char *text);
void bh_add_image(bh_reply *reply, const void *data, size_t size, const char *mime_type);
void bh_add_audio(bh_reply *reply, const void *data, size_t size, const char *mime_type);
void bh_add_link(bh_reply *reply, const char *uri, const char *name, const char *mime_type);
void bh_add_embedded(bh_reply *reply, const char *uri, const char *mime_type, const char *text);
void bh_add_embedded_blob(bh_reply *reply, const char *uri, const char *mime_type, const void *data, size_t size);

typedef enum bh_role { BH_USER, BH_ASSISTANT } bh_role;

/* About the block that was added last: who says it (in a prompt), whom it is meant for, 0 (least) to 1 (most
 * important). */
void bh_says(bh_reply *reply, bh_role role);
void bh_audience(bh_reply *reply, bh_role role);
void bh_priority(bh_reply *reply, double priority);

/* About the whole reply. `meta` is a JSON object. The etag is made from the contents unless it is given. */
void bh_meta(bh_reply *reply, const bh_json *meta);
void bh_describe(bh_reply *reply, const char *description); /* a prompt's */
void bh_etag(bh_reply *reply, const char *etag);
void bh_cache_public(bh_reply *reply, uint64_t ttl_ms);
void bh_cache_private(bh_reply *reply, uint64_t ttl_ms);

/* The tool ran and failed: the text says how, for the model to read. */
bh_reply *bh_error(const char *format, ...) BH_PRINTF(1, 2);

/* Why there is no answer: the arguments make no sense (say what was expected); there is no such thing; a write's
 * if-match is not the etag; the plugin itself refuses; it was tried and failed. */
bh_reply *bh_invalid(const char *format, ...) BH_PRINTF(1, 2);
bh_reply *bh_not_found(const char *format, ...) BH_PRINTF(1, 2);
bh_reply *bh_conflict(const char *format, ...) BH_PRINTF(1, 2);
bh_reply *bh_denied(const char *format, ...) BH_PRINTF(1, 2);
bh_reply *bh_failed(const char *format, ...) BH_PRINTF(1, 2);

/* A JSON-RPC error. `code` lies outside -32768 to -32000, or is -32602 or -32603. `data` may be NULL. */
bh_reply *bh_protocol_error(int32_t code, const char *message, const bh_json *data);

/* A write has happened; `etag` is the new one. */
bh_reply *bh_written(const char *etag);

/* NULL if a write may happen: `current` is the etag of what exists, NULL if nothing does. Else what to return. */
bh_reply *bh_if_match(bh_context *ctx, const char *current);

/* A page of resources that come and go. `next` is where the next page begins, NULL on the last. */
bh_reply *bh_list(const char *next);
void bh_entry(bh_reply *list, const char *uri, const char *name, const char *mime_type, const char *description);

/* The `values` (up to a NULL) that begin with what was typed. */
bh_reply *bh_starting(bh_context *ctx, const char *const *values);

/* --- Memory: the call's, all of it given back at its end --- */

/* `size` bytes of zero, aligned for anything. Never NULL. */
void *bh_alloc(size_t size);

/* A copy of `size` bytes, and a NUL after them. */
char *bh_copy(const void *data, size_t size);

/* As printf does it, without %n, %a, %p, wide characters and long double. */
char *bh_format(const char *format, ...) BH_PRINTF(1, 2);

#endif
