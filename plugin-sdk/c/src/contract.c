/* What a plugin offers, as JSON, told once, when it is packed. */
#include <string.h>

#include "call.h"

/* Where a text in the tables is not the JSON that it must be. */
typedef struct check {
    const char *kind; /* "tool", ... */
    const char *name;
    const char *problem;
} check;

static void put_json(bh_json *into, const char *field, const char *text, bh_kind kind, check *c) {
    if (text == NULL) return;
    const char *problem = kind == BH_OBJECT ? "no object" : "no array";
    const bh_json *value = bh_json_read(text, strlen(text), &problem);
    if (bh_kind_of(value) == kind) {
        bh_put(into, field, value);
    } else if (c->problem == NULL) {
        c->problem = bh_format("%s \"%s\": %s: %s", c->kind, c->name, field, problem);
    }
}

static void put_text(bh_json *into, const char *field, const char *text) {
    if (text != NULL) bh_put_string(into, field, text);
}

static void put_claim(bh_json *into, const char *field, bh_claim claim) {
    if (claim != BH_UNSAID) bh_put_bool(into, field, claim == BH_YES);
}

static void put_annotations(bh_json *into, const bh_tool *tool) {
    bh_json *claims = bh_object();
    put_claim(claims, "readOnlyHint", tool->read_only);
    put_claim(claims, "destructiveHint", tool->destructive);
    put_claim(claims, "idempotentHint", tool->idempotent);
    put_claim(claims, "openWorldHint", tool->open_world);
    if (bh_count(claims) > 0) bh_put(into, "annotations", claims);
}

static void put_tool(bh_json *into, const bh_tool *tool, check *c) {
    c->kind = "tool";
    c->name = tool->name;
    put_text(into, "name", tool->name);
    put_text(into, "title", tool->title);
    put_text(into, "description", tool->description);
    put_json(into, "inputSchema", tool->input == NULL ? BH_JSON({"type": "object"}) : tool->input, BH_OBJECT, c);
    put_json(into, "outputSchema", tool->output, BH_OBJECT, c);
    put_annotations(into, tool);
    put_json(into, "icons", tool->icons, BH_ARRAY, c);
    put_json(into, "_meta", tool->meta, BH_OBJECT, c);
    if (tool->task != NULL) bh_put_string(bh_put_object(into, "execution"), "taskSupport", tool->task);
    if (tool->single_use) bh_put_bool(into, "singleUse", true);
    put_json(into, "requiredCapabilities", tool->requires, BH_ARRAY, c);
}

static void put_arguments(bh_json *into, const bh_argument *arguments) {
    bh_json *list = bh_put_array(into, "arguments");
    for (const bh_argument *argument = arguments; argument != NULL && argument->name != NULL; argument++) {
        bh_json *entry = bh_push_object(list);
        put_text(entry, "name", argument->name);
        put_text(entry, "description", argument->description);
        bh_put_bool(entry, "required", argument->required);
    }
}

static void put_prompt(bh_json *into, const bh_prompt *prompt, check *c) {
    c->kind = "prompt";
    c->name = prompt->name;
    put_text(into, "name", prompt->name);
    put_text(into, "title", prompt->title);
    put_text(into, "description", prompt->description);
    put_arguments(into, prompt->arguments);
    put_json(into, "icons", prompt->icons, BH_ARRAY, c);
    put_json(into, "_meta", prompt->meta, BH_OBJECT, c);
    put_json(into, "requiredCapabilities", prompt->requires, BH_ARRAY, c);
}

static void put_resource(bh_json *into, const char *where, const bh_resource *resource, check *c) {
    c->kind = "resource";
    c->name = resource->uri;
    put_text(into, where, resource->uri);
    put_text(into, "name", resource->name);
    put_text(into, "title", resource->title);
    put_text(into, "description", resource->description);
    put_text(into, "mimeType", resource->mime_type);
    put_json(into, "icons", resource->icons, BH_ARRAY, c);
    put_json(into, "_meta", resource->meta, BH_OBJECT, c);
    put_json(into, "cache", resource->cache, BH_OBJECT, c);
}

static void put_resources(bh_json *list, const char *where, const bh_resource *resources, check *c) {
    for (const bh_resource *one = resources; one != NULL && one->uri != NULL; one++) {
        put_resource(bh_push_object(list), where, one, c);
    }
}

const char *bh_contract(const bh_plugin *plugin, const char **problem) {
    check c = {.problem = NULL};
    bh_json *contract = bh_object();
    bh_json *tools = bh_put_array(contract, "tools");
    for (const bh_tool *one = plugin->tools; one != NULL && one->name != NULL; one++) put_tool(bh_push_object(tools), one, &c);
    bh_json *prompts = bh_put_array(contract, "prompts");
    for (const bh_prompt *one = plugin->prompts; one != NULL && one->name != NULL; one++) {
        put_prompt(bh_push_object(prompts), one, &c);
    }
    put_resources(bh_put_array(contract, "resources"), "uri", plugin->resources, &c);
    put_resources(bh_put_array(contract, "resourceTemplates"), "uriTemplate", plugin->templates, &c);
    bh_json *schemes = bh_put_array(contract, "schemes");
    for (const bh_scheme *one = plugin->schemes; one != NULL && one->scheme != NULL; one++) bh_push_string(schemes, one->scheme);
    bh_put_bool(contract, "dynamicResources", plugin->list != NULL);
    *problem = c.problem;
    return c.problem == NULL ? bh_json_write(contract) : NULL;
}
