/* Outgoing HTTP: what is checked before a request is sent. */
#include <string.h>

#include "../src/host.h"

/* What an upstream may send before it fills the plugin's memory. */
enum { BH_DEFAULT_MAX_BYTES = 8 * 1024 * 1024 };

/* How long an upstream may keep silent. */
enum { BH_DEFAULT_TIMEOUT_MS = 30 * 1000 };

static bool must_be_encoded(const char *url) {
    for (const uint8_t *c = (const uint8_t *)url; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 0x7F) return true;
    }
    return false;
}

static const char *without_port(const char *authority) {
    const char *colon = strrchr(authority, ':');
    bool has_port = colon != NULL && strspn(colon + 1, "0123456789") == strlen(colon + 1);
    return has_port ? bh_copy(authority, (size_t)(colon - authority)) : authority;
}

/* Reads `https://host[:port]/path?query`; a fragment is dropped. What is wrong with it, or NULL. */
static const char *parse(const char *text, bh_url *url) {
    url->https = bh_starts(text, "https://");
    if (!url->https && !bh_starts(text, "http://")) return "it begins with neither http:// nor https://";
    if (must_be_encoded(text)) return "it holds characters that must be percent-encoded";
    const char *rest = strchr(text, '/') + 2;
    rest = bh_copy(rest, strcspn(rest, "#"));
    size_t end = strcspn(rest, "/?");
    url->authority = bh_copy(rest, end);
    if (end == 0) return "it names no host";
    if (strchr(url->authority, '@') != NULL) return "it holds user information; a secret comes from the host";
    url->path_with_query = bh_format("%s%s", rest[end] == '/' ? "" : "/", rest + end);
    url->host = without_port(url->authority);
    return NULL;
}

const bh_http_response *bh_http_send(bh_context *ctx, const bh_http_request *request) {
    bh_http_request whole = *request;
    if (whole.method == NULL) whole.method = "GET";
    if (whole.timeout_ms == 0) whole.timeout_ms = BH_DEFAULT_TIMEOUT_MS;
    if (whole.max_bytes == 0) whole.max_bytes = BH_DEFAULT_MAX_BYTES;
    bh_url url = {.https = false};
    const char *wrong = parse(whole.url, &url);
    bh_http_response *response = bh_alloc(sizeof *response);
    ctx->call->problem = wrong != NULL ? bh_failed("\"%s\" is no URL for a request: %s", whole.url, wrong)
                                       : bh_host_http(&whole, &url, response);
    return ctx->call->problem == NULL ? response : NULL;
}

const bh_http_response *bh_http_get(bh_context *ctx, const char *url) {
    return bh_http_send(ctx, &(bh_http_request){.url = url});
}
