/* Text: copies, UTF-8, percent-encoding. */
#include <string.h>

#include "call.h"

char *bh_copy(const void *data, size_t size) {
    if (size == SIZE_MAX) __builtin_trap();
    char *copy = bh_alloc(size + 1);
    if (size > 0) memcpy(copy, data, size);
    return copy;
}

static bool follows(uint8_t byte) { return (byte & 0xC0) == 0x80; }

static size_t length_by_lead(uint8_t lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead < 0xE0) return 2;
    if (lead >= 0xE0 && lead < 0xF0) return 3;
    if (lead >= 0xF0 && lead < 0xF5) return 4;
    return 0;
}

/* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
static bool second_is_out(uint8_t lead, uint8_t second) {
    return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
           (lead == 0xF4 && second > 0x8F);
}

size_t bh_utf8(const uint8_t *text, size_t size) {
    if (size == 0) return 0;
    size_t length = length_by_lead(text[0]);
    if (length == 0 || length > size) return 0;
    for (size_t at = 1; at < length; at++) {
        if (!follows(text[at])) return 0;
    }
    if (length > 2 && second_is_out(text[0], text[1])) return 0;
    return length;
}

static size_t first_wrong(const uint8_t *text, size_t size) {
    size_t at = 0;
    while (at < size) {
        size_t length = bh_utf8(text + at, size - at);
        if (length == 0) break;
        at += length;
    }
    return at;
}

const char *bh_mended(const char *text) {
    static const char replacement[] = "\xEF\xBF\xBD";
    const uint8_t *from = (const uint8_t *)text;
    size_t size = strlen(text);
    size_t at = first_wrong(from, size);
    if (at == size) return text;
    if (size > (SIZE_MAX - 1) / 3) __builtin_trap();
    char *mended = bh_alloc(size * 3 + 1);
    char *to = mended;
    for (at = 0; at < size;) {
        size_t length = bh_utf8(from + at, size - at);
        size_t written = length > 0 ? length : sizeof replacement - 1;
        memcpy(to, length > 0 ? text + at : replacement, written);
        to += written;
        at += length > 0 ? length : 1;
    }
    return mended;
}

bool bh_starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

const char *bh_url_encode(const char *text) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    size_t size = strlen(text);
    if (size > (SIZE_MAX - 1) / 3) __builtin_trap();
    char *encoded = bh_alloc(size * 3 + 1);
    char *to = encoded;
    for (const char *c = text; *c != '\0'; c++) {
        if (strchr(plain, *c) != NULL) {
            *to++ = *c;
        } else {
            *to++ = '%';
            *to++ = digits[(uint8_t)*c >> 4];
            *to++ = digits[(uint8_t)*c & 15];
        }
    }
    return encoded;
}
