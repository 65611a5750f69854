/* The request and its answer over wasi:http. Handles that are left open where something fails end with the call. */
#include <string.h>

#include "../src/host.h"
#include "../wasm/wit.h"

/* What wasi:io takes in one write. */
enum { BH_WRITE_BYTES = 4096 };

/* What is asked for in one read. */
enum { BH_READ_BYTES = 64 * 1024 };

typedef wasi_http_types_error_code_t error_code;
typedef wasi_http_types_borrow_outgoing_request_t borrowed_request;

static const uint64_t nanoseconds_per_ms = 1000000;

/* --- What went wrong --- */

static const char *what_happened(uint8_t tag) {
    switch (tag) {
    case WASI_HTTP_TYPES_ERROR_CODE_DNS_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_DNS_ERROR:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_NOT_FOUND: return "cannot be found";
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_REFUSED: return "refused the connection";
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_UNAVAILABLE:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_IP_UNROUTABLE: return "cannot be reached";
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_READ_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_WRITE_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_RESPONSE_TIMEOUT: return "did not answer in time";
    case WASI_HTTP_TYPES_ERROR_CODE_TLS_PROTOCOL_ERROR:
    case WASI_HTTP_TYPES_ERROR_CODE_TLS_CERTIFICATE_ERROR:
    case WASI_HTTP_TYPES_ERROR_CODE_TLS_ALERT_RECEIVED: return "could not prove who it is (TLS)";
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_TERMINATED:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_RESPONSE_INCOMPLETE: return "closed the connection";
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_RESPONSE_BODY_SIZE: return "answered with too many bytes";
    default: return "could not be asked";
    }
}

static bh_reply *explain(const char *host, const error_code *code) {
    switch (code->tag) {
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_DENIED:
        return bh_denied("this request to %s is not granted to this plugin", host);
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_IP_PROHIBITED:
        return bh_denied("the address of %s is not granted to this plugin", host);
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_LIMIT_REACHED:
        return bh_failed("this plugin has too many requests open");
    default: return bh_failed("%s %s", host, what_happened(code->tag));
    }
}

static bh_reply *broken(const char *host, const wasi_io_streams_stream_error_t *error) {
    error_code code;
    if (wasi_http_types_http_error_code(wasi_io_error_borrow_error(error->val.last_operation_failed), &code)) {
        return explain(host, &code);
    }
    return bh_failed("the connection to %s broke", host);
}

/* --- The request --- */

static bool has_line_end(const char *text) { return strpbrk(text, "\r\n") != NULL; }

static bh_reply *make_fields(const bh_http_request *request, wasi_http_types_own_fields_t *fields) {
    *fields = wasi_http_types_constructor_fields();
    for (const char *const *header = request->headers; header != NULL && header[0] != NULL; header += 2) {
        if (header[1] == NULL || has_line_end(header[1])) return bh_failed("a header of the request is refused: %s", header[0]);
        plugin_string_t name = bh_lower(header[0]);
        wasi_http_types_field_value_t value = {(uint8_t *)header[1], strlen(header[1])};
        wasi_http_types_header_error_t error;
        if (!wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(*fields), &name, &value, &error)) {
            return bh_failed("a header of the request is refused: %s", header[0]);
        }
    }
    return NULL;
}

static wasi_http_types_method_t method_of(const char *name) {
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i], name) == 0) return (wasi_http_types_method_t){.tag = (uint8_t)i};
    }
    return (wasi_http_types_method_t){.tag = WASI_HTTP_TYPES_METHOD_OTHER, .val.other = bh_lower(name)};
}

static bh_reply *make_request(const bh_http_request *request, const bh_url *url,
                              wasi_http_types_own_outgoing_request_t *outgoing) {
    wasi_http_types_own_fields_t fields;
    bh_reply *problem = make_fields(request, &fields);
    if (problem != NULL) return problem;
    *outgoing = wasi_http_types_constructor_outgoing_request(fields);
    borrowed_request self = wasi_http_types_borrow_outgoing_request(*outgoing);
    wasi_http_types_method_t method = method_of(request->method);
    wasi_http_types_scheme_t scheme = {.tag = url->https ? WASI_HTTP_TYPES_SCHEME_HTTPS : WASI_HTTP_TYPES_SCHEME_HTTP};
    plugin_string_t authority = bh_lower(url->authority);
    plugin_string_t path = bh_lower(url->path_with_query);
    bool set = wasi_http_types_method_outgoing_request_set_method(self, &method) &&
               wasi_http_types_method_outgoing_request_set_scheme(self, &scheme) &&
               wasi_http_types_method_outgoing_request_set_authority(self, &authority) &&
               wasi_http_types_method_outgoing_request_set_path_with_query(self, &path);
    return set ? NULL : bh_failed("%s %s is no request", request->method, url->authority);
}

/* A host that does not know one of them refuses it, and keeps its own limit. */
static wasi_http_types_own_request_options_t options(uint32_t timeout_ms) {
    wasi_http_types_own_request_options_t own = wasi_http_types_constructor_request_options();
    wasi_http_types_borrow_request_options_t self = wasi_http_types_borrow_request_options(own);
    wasi_http_types_duration_t timeout = timeout_ms * nanoseconds_per_ms;
    (void)wasi_http_types_method_request_options_set_connect_timeout(self, &timeout);
    (void)wasi_http_types_method_request_options_set_first_byte_timeout(self, &timeout);
    (void)wasi_http_types_method_request_options_set_between_bytes_timeout(self, &timeout);
    return own;
}

static bh_reply *write_all(wasi_http_types_own_output_stream_t stream, bh_bytes bytes, const char *host) {
    for (size_t at = 0; at < bytes.size;) {
        size_t size = bytes.size - at < BH_WRITE_BYTES ? bytes.size - at : BH_WRITE_BYTES;
        plugin_list_u8_t chunk = bh_lower_bytes((bh_bytes){bytes.data + at, size});
        wasi_io_streams_stream_error_t error;
        if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream),
                                                                           &chunk, &error)) {
            /* Closed: the upstream has heard enough; its answer says why. */
            return error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED ? NULL : broken(host, &error);
        }
        at += size;
    }
    return NULL;
}

static bh_reply *upload(wasi_http_types_own_outgoing_body_t body, bh_bytes bytes, const char *host) {
    if (bytes.size > 0) {
        wasi_http_types_own_output_stream_t stream;
        if (!wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream)) {
            return bh_failed("the request has no body to write");
        }
        bh_reply *problem = write_all(stream, bytes, host);
        if (problem != NULL) return problem;
        wasi_io_streams_output_stream_drop_own(stream);
    }
    error_code code;
    return wasi_http_types_static_outgoing_body_finish(body, NULL, &code) ? NULL : explain(host, &code);
}

/* --- The answer --- */

static bh_reply *await(wasi_http_types_own_future_incoming_response_t future, const char *host,
                       wasi_http_types_own_incoming_response_t *incoming) {
    wasi_http_types_borrow_future_incoming_response_t self = wasi_http_types_borrow_future_incoming_response(future);
    wasi_http_types_own_pollable_t ready = wasi_http_types_method_future_incoming_response_subscribe(self);
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(ready));
    wasi_io_poll_pollable_drop_own(ready);
    wasi_http_types_result_result_own_incoming_response_error_code_void_t result;
    if (!wasi_http_types_method_future_incoming_response_get(self, &result) || result.is_err) {
        return bh_failed("%s gave no answer", host);
    }
    if (result.val.ok.is_err) return explain(host, &result.val.ok.val.err);
    *incoming = result.val.ok.val.ok;
    return NULL;
}

static const char *lower_case(const char *text) {
    char *lower = bh_copy(text, strlen(text));
    for (char *c = lower; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    }
    return lower;
}

static const bh_json *headers_of(wasi_http_types_borrow_incoming_response_t incoming) {
    wasi_http_types_own_headers_t own = wasi_http_types_method_incoming_response_headers(incoming);
    wasi_http_types_list_tuple2_field_name_field_value_t entries;
    wasi_http_types_method_fields_entries(wasi_http_types_borrow_fields(own), &entries);
    bh_json *headers = bh_object();
    for (size_t i = 0; i < entries.len; i++) {
        wasi_http_types_field_value_t value = entries.ptr[i].f1;
        bh_put_string(headers, lower_case(bh_lift(entries.ptr[i].f0)), bh_copy(value.ptr, value.len));
    }
    return headers;
}

/* One chunk after another, each copied behind what there is; the buffer doubles. */
static bh_reply *read_all(wasi_io_streams_borrow_input_stream_t stream, size_t most, const char *host, bh_bytes *body) {
    size_t room = BH_READ_BYTES;
    char *buffer = bh_alloc(room + 1);
    size_t size = 0;
    for (;;) {
        plugin_list_u8_t chunk;
        wasi_io_streams_stream_error_t error;
        if (!wasi_io_streams_method_input_stream_blocking_read(stream, BH_READ_BYTES, &chunk, &error)) {
            if (error.tag != WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return broken(host, &error);
            *body = (bh_bytes){(const uint8_t *)buffer, size};
            return NULL;
        }
        if (chunk.len > most - size) return bh_failed("%s answered with more than %zu bytes", host, most);
        if (size + chunk.len > room) {
            room = (size + chunk.len) * 2;
            char *larger = bh_alloc(room + 1);
            memcpy(larger, buffer, size);
            buffer = larger;
        }
        if (chunk.len > 0) memcpy(buffer + size, chunk.ptr, chunk.len);
        size += chunk.len;
        plugin_list_u8_free(&chunk);
    }
}

static bh_reply *download(wasi_http_types_own_incoming_response_t incoming, size_t most, const char *host,
                          bh_http_response *response) {
    wasi_http_types_borrow_incoming_response_t self = wasi_http_types_borrow_incoming_response(incoming);
    response->status = wasi_http_types_method_incoming_response_status(self);
    response->headers = headers_of(self);
    wasi_http_types_own_incoming_body_t body;
    wasi_http_types_own_input_stream_t stream;
    if (!wasi_http_types_method_incoming_response_consume(self, &body) ||
        !wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(body), &stream)) {
        return bh_failed("%s gave no body", host);
    }
    return read_all(wasi_io_streams_borrow_input_stream(stream), most, host, &response->body);
}

bh_reply *bh_host_http(const bh_http_request *request, const bh_url *url, bh_http_response *response) {
    wasi_http_types_own_outgoing_request_t outgoing;
    bh_reply *problem = make_request(request, url, &outgoing);
    if (problem != NULL) return problem;
    wasi_http_types_own_outgoing_body_t body;
    if (!wasi_http_types_method_outgoing_request_body(wasi_http_types_borrow_outgoing_request(outgoing), &body)) {
        return bh_failed("the request has no body to write");
    }
    wasi_http_types_own_request_options_t limits = options(request->timeout_ms);
    wasi_http_types_own_future_incoming_response_t future;
    error_code code;
    if (!wasi_http_outgoing_handler_handle(outgoing, &limits, &future, &code)) return explain(url->host, &code);
    problem = upload(body, request->body, url->host);
    if (problem != NULL) return problem;
    wasi_http_types_own_incoming_response_t incoming;
    problem = await(future, url->host, &incoming);
    return problem != NULL ? problem : download(incoming, request->max_bytes, url->host, response);
}
