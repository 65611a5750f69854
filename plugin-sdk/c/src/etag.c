/* An etag from contents. It tells versions apart; it proves nothing. */
#include <string.h>

#include "call.h"

static const uint64_t primes[] = {0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63};

static uint64_t rotate(uint64_t word, int by) { return word << by | word >> (64 - by); }

static void mix(uint64_t lanes[2], uint64_t word) {
    lanes[0] = rotate(lanes[0] ^ word * primes[0], 31) * primes[1];
    lanes[1] = (rotate(lanes[1], 27) ^ word) * primes[2] + primes[3];
}

static uint64_t finish(uint64_t lane) {
    lane = (lane ^ lane >> 33) * primes[1];
    lane = (lane ^ lane >> 29) * primes[2];
    return lane ^ lane >> 32;
}

static void mix_body(uint64_t lanes[2], const uint8_t *bytes, size_t size) {
    size_t at = 0;
    uint64_t word = 0;
    for (; size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        mix(lanes, word);
    }
    word = 0;
    if (size > at) memcpy(&word, bytes + at, size - at);
    mix(lanes, word);
    mix(lanes, size);
}

static void mix_text(uint64_t lanes[2], const char *text) { mix_body(lanes, (const uint8_t *)text, strlen(text)); }

/* All bytes, and where one body ends and the next begins. */
const char *bh_etag_of(const bh_reply *reply) {
    uint64_t lanes[2] = {primes[2], primes[3]};
    if (reply->structured != NULL) mix_text(lanes, reply->structured);
    for (const bh_block *block = reply->first; block != NULL; block = block->next) {
        if (block->text != NULL) {
            mix_text(lanes, block->text);
        } else {
            mix_body(lanes, block->bytes.data, block->bytes.size);
        }
    }
    return bh_format("%016llx%016llx", (unsigned long long)finish(lanes[0]),
                     (unsigned long long)finish(lanes[1] ^ rotate(lanes[0], 17)));
}
