#include "bulkhead.h"

#define GREET                                                        \
    BH_JSON({                                                        \
        "type": "object",                                            \
        "properties": {                                              \
            "name": {                                                \
                "type": "string",                                    \
                "minLength": 1,                                      \
                "maxLength": 100,                                    \
                "description": "Who is greeted"                      \
            }                                                        \
        },                                                           \
        "required": ["name"]                                         \
    })

static bh_reply *greet(bh_context *ctx, const bh_json *args) {
    (void)ctx;
    return bh_textf("Hello, %s.", bh_string(args, "name", "you"));
}

BH_PLUGIN(.tools = BH_TOOLS(BH_TOOL("greet", "Greets somebody by name.", GREET, greet, .read_only = true)))
