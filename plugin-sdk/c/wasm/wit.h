/* Between the generated types and the SDK's. */
#ifndef BH_WIT_H
#define BH_WIT_H

#include "../src/call.h"
#include "plugin.h"

/* Text from the host, with a NUL after it. Text that holds a NUL ends the call: C would see half of it. */
const char *bh_lift(plugin_string_t text);
const char *bh_lift_option(plugin_option_string_t text);
/* The same of an argument that the bindings pass as a pointer; NULL for NULL. */
const char *bh_lift_maybe(const plugin_string_t *text);
const bh_json *bh_lift_pairs(plugin_list_tuple2_string_string_t pairs);
bh_context *bh_lift_context(const bulkhead_plugin_types_call_context_t *call);

plugin_string_t bh_lower(const char *text);
plugin_option_string_t bh_lower_option(const char *text);
plugin_list_u8_t bh_lower_bytes(bh_bytes bytes);
bulkhead_plugin_types_content_block_t bh_lower_block(const bh_block *block);
bulkhead_plugin_types_input_required_t bh_lower_questions(const bh_reply *reply);
bulkhead_plugin_types_error_t bh_lower_error(const bh_reply *reply);

#endif
