/* Strict JSON: RFC 8259, and nothing that two readers could take for different things. */
#include <stdlib.h>
#include <string.h>

#include "call.h"

typedef struct reader {
    const char *text;
    size_t size;
    size_t at;
    const char *problem;
} reader;

static bh_json *value(reader *r, int depth);

static bool refuse(reader *r, const char *problem) {
    if (r->problem == NULL) r->problem = problem;
    return false;
}

static char peek(const reader *r) {
    if (r->at >= r->size) return '\0';
    return r->text[r->at];
}

static bool take(reader *r, char expected) {
    if (r->at >= r->size || r->text[r->at] != expected) return false;
    r->at++;
    return true;
}

static void blanks(reader *r) {
    while (r->at < r->size && strchr(" \t\n\r", r->text[r->at]) != NULL && r->text[r->at] != '\0') r->at++;
}

static bool word(reader *r, const char *expected) {
    size_t length = strlen(expected);
    if (r->size - r->at < length || memcmp(r->text + r->at, expected, length) != 0) return false;
    r->at += length;
    return true;
}

/* --- Numbers --- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool digits(reader *r) {
    size_t from = r->at;
    while (is_digit(peek(r))) r->at++;
    return r->at > from;
}

/* Moves over a number; `*fraction` tells whether it has a point or an exponent. */
static bool number_text(reader *r, bool *fraction) {
    take(r, '-');
    if (take(r, '0')) {
        if (is_digit(peek(r))) return false;
    } else if (!digits(r)) {
        return false;
    }
    *fraction = false;
    if (take(r, '.')) {
        *fraction = true;
        if (!digits(r)) return false;
    }
    if (take(r, 'e') || take(r, 'E')) {
        *fraction = true;
        if (!take(r, '+')) take(r, '-');
        if (!digits(r)) return false;
    }
    return true;
}

/* The integer that `text` spells out, if it fits. */
static bool exact(const char *text, int64_t *integer) {
    bool negative = *text == '-';
    int64_t sum = 0;
    for (const char *c = negative ? text + 1 : text; *c != '\0'; c++) {
        int64_t digit = *c - '0';
        if (__builtin_mul_overflow(sum, (int64_t)10, &sum)) return false;
        if (negative ? __builtin_sub_overflow(sum, digit, &sum) : __builtin_add_overflow(sum, digit, &sum)) return false;
    }
    *integer = sum;
    return true;
}

static bool number(reader *r, bh_json *into) {
    const double safe = 9007199254740992.0; /* 2^53: beyond it a double skips integers */
    size_t from = r->at;
    bool fraction = false;
    if (!number_text(r, &fraction)) return refuse(r, "no number as JSON writes them");
    const char *text = bh_copy(r->text + from, r->at - from);
    into->kind = BH_NUMBER;
    into->number = strtod(text, NULL);
    if (into->number - into->number != 0) return refuse(r, "a number that is too large");
    if (!fraction) {
        into->whole = exact(text, &into->integer);
    } else if (into->number >= -safe && into->number <= safe && into->number == (double)(int64_t)into->number) {
        into->whole = true;
        into->integer = (int64_t)into->number;
    }
    return true;
}

/* --- Texts --- */

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool code_unit(reader *r, uint32_t *unit) {
    if (r->size - r->at < 4) return refuse(r, "\\u wants four hexadecimal digits");
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex(r->text[r->at + (size_t)i]);
        if (digit < 0) return refuse(r, "\\u wants four hexadecimal digits");
        *unit = *unit * 16 + (uint32_t)digit;
    }
    r->at += 4;
    return true;
}

static char *utf8_of(char *to, uint32_t code) {
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t leads[] = {0, 0xC0, 0xE0, 0xF0};
    *to++ = (char)(leads[more] | (code >> (6 * more)));
    while (more-- > 0) *to++ = (char)(0x80 | ((code >> (6 * more)) & 0x3F));
    return to;
}

static char *unicode_escape(reader *r, char *to) {
    uint32_t code = 0;
    uint32_t low = 0;
    if (!code_unit(r, &code)) return NULL;
    if (code == 0) return refuse(r, "U+0000, at which a text of C ends"), NULL;
    if (code >= 0xDC00 && code <= 0xDFFF) return refuse(r, "half of a surrogate pair"), NULL;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (!word(r, "\\u")) return refuse(r, "half of a surrogate pair"), NULL;
        if (!code_unit(r, &low)) return NULL;
        if (low < 0xDC00 || low > 0xDFFF) return refuse(r, "half of a surrogate pair"), NULL;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    return utf8_of(to, code);
}

static char *escape(reader *r, char *to) {
    static const char from[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    r->at++;
    if (c == 'u') return unicode_escape(r, to);
    const char *found = c == '\0' ? NULL : strchr(from, c);
    if (found == NULL) return refuse(r, "an escape that JSON does not know"), NULL;
    *to++ = meant[found - from];
    return to;
}

/* Where the text that begins here ends at the latest. */
static size_t end_of_text(const reader *r) {
    size_t at = r->at;
    while (at < r->size && r->text[at] != '"') at += r->text[at] == '\\' ? 2 : 1;
    return at < r->size ? at : r->size;
}

/* A text, after its first quote. No escape is shorter than what it stands for. */
static const char *text(reader *r) {
    char *start = bh_alloc(end_of_text(r) - r->at + 1);
    char *to = start;
    while (r->at < r->size) {
        uint8_t c = (uint8_t)r->text[r->at];
        if (take(r, '"')) return start;
        if (c < 0x20) return refuse(r, "a control character inside a text"), NULL;
        if (take(r, '\\')) {
            if (r->at >= r->size) break;
            to = escape(r, to);
            if (to == NULL) return NULL;
            continue;
        }
        size_t length = bh_utf8((const uint8_t *)r->text + r->at, r->size - r->at);
        if (length == 0) return refuse(r, "bytes that are not UTF-8"), NULL;
        memcpy(to, r->text + r->at, length);
        to += length;
        r->at += length;
    }
    return refuse(r, "a text without its end"), NULL;
}

/* --- Arrays and objects --- */

static void append(bh_json *into, bh_json *element) {
    if (into->last == NULL) {
        into->first = element;
    } else {
        into->last->next = element;
    }
    into->last = element;
    into->count++;
}

static bool array(reader *r, bh_json *into, int depth) {
    into->kind = BH_ARRAY;
    blanks(r);
    if (take(r, ']')) return true;
    for (;;) {
        bh_json *element = value(r, depth + 1);
        if (element == NULL) return false;
        append(into, element);
        blanks(r);
        if (take(r, ']')) return true;
        if (!take(r, ',')) return refuse(r, "expected , or ]");
    }
}

static int by_name(const void *one, const void *other) {
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Sorted, so that a large object costs no more than its size times a logarithm. */
static bool has_duplicates(const bh_json *object) {
    if (object->count < 2) return false;
    const char **names = bh_alloc(object->count * sizeof *names);
    size_t count = 0;
    for (const bh_json *member = object->first; member != NULL; member = member->next) names[count++] = member->name;
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) return true;
    }
    return false;
}

static bool member(reader *r, bh_json *into, int depth) {
    blanks(r);
    if (!take(r, '"')) return refuse(r, "expected a name in quotes");
    const char *name = text(r);
    if (name == NULL) return false;
    blanks(r);
    if (!take(r, ':')) return refuse(r, "expected :");
    bh_json *element = value(r, depth + 1);
    if (element == NULL) return false;
    element->name = name;
    append(into, element);
    return true;
}

static bool object(reader *r, bh_json *into, int depth) {
    into->kind = BH_OBJECT;
    blanks(r);
    if (take(r, '}')) return true;
    do {
        if (!member(r, into, depth)) return false;
        blanks(r);
    } while (take(r, ','));
    if (!take(r, '}')) return refuse(r, "expected , or }");
    return has_duplicates(into) ? refuse(r, "a name that comes twice in one object") : true;
}

static bool truth(bh_json *into, bool truth) {
    into->kind = BH_BOOL;
    into->truth = truth;
    return true;
}

static bool any(reader *r, bh_json *into, int depth) {
    if (take(r, '{')) return object(r, into, depth);
    if (take(r, '[')) return array(r, into, depth);
    if (take(r, '"')) {
        into->kind = BH_STRING;
        into->string = text(r);
        return into->string != NULL;
    }
    if (word(r, "true")) return truth(into, true);
    if (word(r, "false")) return truth(into, false);
    if (word(r, "null")) return true;
    if (peek(r) == '-' || is_digit(peek(r))) return number(r, into);
    return refuse(r, "expected a value");
}

static bh_json *value(reader *r, int depth) {
    if (depth > BH_MAX_DEPTH) return refuse(r, "nesting deeper than 64"), NULL;
    blanks(r);
    bh_json *fresh = bh_alloc(sizeof *fresh);
    return any(r, fresh, depth) ? fresh : NULL;
}

const bh_json *bh_json_read(const char *text, size_t size, const char **problem) {
    reader r = {.text = text, .size = size};
    const bh_json *root = value(&r, 1);
    if (root != NULL) {
        blanks(&r);
        if (r.at < r.size) refuse(&r, "text after the value");
    }
    if (r.problem == NULL) return root;
    if (problem != NULL) *problem = bh_format("%s, at byte %zu", r.problem, r.at);
    return NULL;
}
