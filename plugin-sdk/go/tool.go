package bulkhead

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"reflect"
)

// ToolResult is what a tool answered, where text or a struct does not say enough.
type ToolResult struct {
	Content []Content
	// Structured is any JSON that fits the tool's output schema; nil for none. Where it stands without content, the host
	// adds the same as text.
	Structured any
	// IsError says that the tool ran and failed; the content says how, for the model to read.
	IsError bool
	// Meta is the result's _meta: a JSON object, nil for none.
	Meta any
}

// ToolItem is a registered tool. Its methods say more about it, and give it back.
type ToolItem struct {
	listing
	input, output func() any
	hints         object
	task          string
	singleUse     bool
	needs         Capabilities
	run           func(ctx *Context, arguments string) (*ToolResult, error)
}

// Tool registers a tool. In is a struct: its fields are the arguments, and its tags make the input schema:
//
//	`json:"name"`               its name; with omitempty or omitzero, or as a pointer, it may be left out
//	`doc:"Who is greeted."`     its description
//	`jsonschema:"minLength=1"`  keywords: minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, minLength,
//	                            maxLength, minItems, maxItems, format, title, enum=a|b, default=a and, as the last, pattern
//
// Out is text (string), a number, a bool, a [Content] or a list of them, a *[ToolResult], or a struct, which is a
// structured answer and makes the output schema. An error that is returned is told to the model, as a tool's failure.
func Tool[In, Out any](name, description string, run func(ctx *Context, in In) (Out, error)) *ToolItem {
	distinct("tool", name, offered.tools, func(item *ToolItem) string { return item.name })
	in, out := reflect.TypeFor[In](), reflect.TypeFor[Out]()
	wantStruct("tool", name, in)
	answer := answerOf(name, out)
	item := &ToolItem{name: name, description: description}
	item.input = func() any { return schemaOf(in, inArguments) }
	if structured(out) {
		item.output = func() any { return schemaOf(out, inAnswer) }
	}
	item.run = func(ctx *Context, arguments string) (*ToolResult, error) {
		var in In
		if err := decode(jsontext.Value(arguments), &in); err != nil {
			return nil, Invalidf("%v", err)
		}
		out, err := run(ctx, in)
		if err != nil {
			return nil, err
		}
		return answer(out), nil
	}
	offered.tools = append(offered.tools, item)
	return item
}

// structured says whether a type is told as JSON.
func structured(shape reflect.Type) bool {
	return shape.Kind() == reflect.Struct && shape != reflect.TypeFor[Content]()
}

// answerOf is how a tool's answers become results.
func answerOf(tool string, shape reflect.Type) func(any) *ToolResult {
	switch shape {
	case reflect.TypeFor[*ToolResult]():
		return func(out any) *ToolResult { return out.(*ToolResult) }
	case reflect.TypeFor[Content]():
		return func(out any) *ToolResult { return &ToolResult{Content: []Content{out.(Content)}} }
	case reflect.TypeFor[[]Content]():
		return func(out any) *ToolResult { return &ToolResult{Content: out.([]Content)} }
	}
	if structured(shape) {
		return func(out any) *ToolResult { return &ToolResult{Structured: out} }
	}
	switch kind := shape.Kind(); {
	case kind == reflect.String, kind >= reflect.Bool && kind <= reflect.Float64:
		return func(out any) *ToolResult { return &ToolResult{Content: []Content{Text(fmt.Sprint(out))}} }
	}
	panic(fmt.Sprintf("bulkhead: tool %q answers with a %v: expected text, a number, a bool, Content, []Content, "+
		"*ToolResult or a struct", tool, shape))
}

// Title is a name for people.
func (t *ToolItem) Title(title string) *ToolItem { t.title = title; return t }

// ReadOnly claims that the tool changes nothing.
func (t *ToolItem) ReadOnly() *ToolItem { return t.hint("readOnlyHint", true) }

// Destructive claims that the tool may destroy something, or, with false, that it does not.
func (t *ToolItem) Destructive(may bool) *ToolItem { return t.hint("destructiveHint", may) }

// Idempotent claims that twice is the same as once.
func (t *ToolItem) Idempotent() *ToolItem { return t.hint("idempotentHint", true) }

// OpenWorld claims that the tool reaches beyond the server, or, with false, that it does not.
func (t *ToolItem) OpenWorld(reaches bool) *ToolItem { return t.hint("openWorldHint", reaches) }

func (t *ToolItem) hint(name string, value bool) *ToolItem {
	t.hints = t.hints.set(member{name, value})
	return t
}

// Icon adds a picture: an https: or data: URL.
func (t *ToolItem) Icon(src string) *ToolItem { t.icons = append(t.icons, src); return t }

// Meta is the tool's _meta: a JSON object.
func (t *ToolItem) Meta(meta any) *ToolItem { t.meta = meta; return t }

// InputSchema takes the place of the schema that In makes.
func (t *ToolItem) InputSchema(schema any) *ToolItem {
	t.input = func() any { return schema }
	return t
}

// OutputSchema takes the place of the schema that Out makes.
func (t *ToolItem) OutputSchema(schema any) *ToolItem {
	t.output = func() any { return schema }
	return t
}

// TaskOptional lets a client run the tool as a task.
func (t *ToolItem) TaskOptional() *ToolItem { t.task = "optional"; return t }

// TaskRequired runs the tool as a task and in no other way.
func (t *ToolItem) TaskRequired() *ToolItem { t.task = "required"; return t }

// SingleUse takes an answer to the tool's questions once, and never replays it.
func (t *ToolItem) SingleUse() *ToolItem { t.singleUse = true; return t }

// Needs hides the tool from clients that lack any of these.
func (t *ToolItem) Needs(capabilities Capabilities) *ToolItem { t.needs = capabilities; return t }

func (t *ToolItem) entry() object {
	entry := object{{"name", t.name}}.with("title", t.title).with("description", t.description)
	entry = append(entry, member{"inputSchema", t.input()})
	if t.output != nil {
		entry = append(entry, member{"outputSchema", t.output()})
	}
	if len(t.hints) > 0 {
		entry = append(entry, member{"annotations", t.hints})
	}
	if t.task != "" {
		entry = append(entry, member{"execution", object{{"taskSupport", t.task}}})
	}
	if t.singleUse {
		entry = append(entry, member{"singleUse", true})
	}
	if names := t.needs.names(); len(names) > 0 {
		entry = append(entry, member{"requiredCapabilities", names})
	}
	return t.rest(entry)
}

func (t *ToolItem) call(ctx *Context, arguments string) (*ToolResult, error) {
	if t.task == "required" || t.task == "optional" && ctx.Client().Tasks {
		if err := ctx.BecomeTask(); err != nil {
			return nil, err
		}
	}
	result, err := t.run(ctx, arguments)
	if err == nil && result == nil {
		result = &ToolResult{}
	}
	return result, err
}

// jsonText is the JSON text of any value; empty for nil.
func jsonText(value any) (string, error) {
	if value == nil {
		return "", nil
	}
	text, err := json.Marshal(value, json.Deterministic(true))
	return string(text), err
}
