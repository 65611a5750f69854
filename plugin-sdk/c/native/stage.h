/* What stands in for the host in tests, and what it was told. */
#ifndef BH_STAGE_H
#define BH_STAGE_H

#include "../src/host.h"
#include "bulkhead_test.h"

typedef struct bh_kept_value {
    const char *key;
    bh_bytes value;
    struct bh_kept_value *next;
} bh_kept_value;

typedef struct bh_stage {
    bh_client client;
    bh_json *script; /* key: the client's response */
    bh_json *config;
    bool grants_kv;
    bh_kept_value *kept;
    bool cancelled;
    bh_upstream *upstream;
    bh_json *told;
} bh_stage;

extern bh_stage bh_the_stage;

/* An empty stage; everything that was allocated before is gone. */
void bh_stage_empty(void);

#endif
