/* JSON as text. */
#include <stdlib.h>
#include <string.h>

#include "call.h"

typedef struct writer {
    char *text;
    size_t size;
    size_t room;
} writer;

static void put(writer *w, const char *text, size_t size) {
    if (size == 0) return;
    if (size > SIZE_MAX / 4 - w->size) __builtin_trap();
    if (w->size + size > w->room) {
        size_t room = (w->size + size) * 2;
        char *before = w->text;
        w->text = bh_alloc(room);
        if (w->size > 0) memcpy(w->text, before, w->size);
        w->room = room;
    }
    memcpy(w->text + w->size, text, size);
    w->size += size;
}

static void put_text(writer *w, const char *text) { put(w, text, strlen(text)); }

static const char *short_escape(uint8_t c) {
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
    }
}

static void put_quoted(writer *w, const char *text) {
    put(w, "\"", 1);
    for (const char *c = bh_mended(text); *c != '\0'; c++) {
        const char *known = short_escape((uint8_t)*c);
        if (known != NULL) {
            put_text(w, known);
        } else if ((uint8_t)*c < 0x20) {
            put_text(w, bh_format("\\u%04x", (unsigned)(uint8_t)*c));
        } else {
            put(w, c, 1);
        }
    }
    put(w, "\"", 1);
}

/* The number with 15 to 17 digits, as few as read back as the same. */
static const char *exact(double number) {
    const char *text = NULL;
    for (int precision = 15; precision <= 17; precision++) {
        text = bh_format("%.*g", precision, number);
        if (strtod(text, NULL) == number) break;
    }
    return text;
}

static void put_number(writer *w, const bh_json *value) {
    put_text(w, value->whole ? bh_format("%lld", (long long)value->integer) : exact(value->number));
}

static void put_value(writer *w, const bh_json *value, int depth);

static void put_elements(writer *w, const bh_json *value, int depth) {
    for (const bh_json *element = value->first; element != NULL; element = element->next) {
        if (element != value->first) put(w, ",", 1);
        if (value->kind == BH_OBJECT) {
            put_quoted(w, element->name);
            put(w, ":", 1);
        }
        put_value(w, element, depth + 1);
    }
}

static void put_value(writer *w, const bh_json *value, int depth) {
    if (depth > BH_MAX_DEPTH) __builtin_trap(); /* nothing that the host would take */
    switch (bh_kind_of(value)) {
    case BH_NULL: put_text(w, "null"); break;
    case BH_BOOL: put_text(w, value->truth ? "true" : "false"); break;
    case BH_NUMBER: put_number(w, value); break;
    case BH_STRING: put_quoted(w, value->string); break;
    case BH_ARRAY:
        put(w, "[", 1);
        put_elements(w, value, depth);
        put(w, "]", 1);
        break;
    case BH_OBJECT:
        put(w, "{", 1);
        put_elements(w, value, depth);
        put(w, "}", 1);
        break;
    }
}

const char *bh_json_write(const bh_json *value) {
    writer w = {.text = NULL};
    put_value(&w, value, 1);
    put(&w, "", 1);
    return w.text;
}
