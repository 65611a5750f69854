package bulkhead

import (
	"fmt"
	"reflect"
)

// Message is one message of a prompt, or to a model.
type Message struct {
	Role    Role
	Content Content
}

// Says is a message of text.
func Says(role Role, text string) Message { return Message{role, Text(text)} }

// PromptResult is a filled prompt.
type PromptResult struct {
	Description string
	Messages    []Message
	// Meta is the result's _meta: a JSON object, nil for none.
	Meta any
}

// PromptItem is a registered prompt. Its methods say more about it, and give it back.
type PromptItem struct {
	listing
	arguments   func() []object
	completions completions
	needs       Capabilities
	fill        func(ctx *Context, arguments map[string]string) (*PromptResult, error)
}

// Prompt registers a prompt. In is a struct of strings, numbers and booleans: its fields are the arguments. Out is text
// (string), which the user says, a [Message] or a list of them, or a *[PromptResult].
func Prompt[In, Out any](name, description string, fill func(ctx *Context, in In) (Out, error)) *PromptItem {
	distinct("prompt", name, offered.prompts, func(item *PromptItem) string { return item.name })
	in := reflect.TypeFor[In]()
	wantStruct("prompt", name, in)
	result := resultOf(name, reflect.TypeFor[Out]())
	item := &PromptItem{name: name, description: description}
	item.arguments = func() []object { return argumentsOf(in) }
	item.fill = func(ctx *Context, arguments map[string]string) (*PromptResult, error) {
		var in In
		if err := decodeText(arguments, &in); err != nil {
			return nil, err
		}
		out, err := fill(ctx, in)
		if err != nil {
			return nil, err
		}
		return result(out), nil
	}
	offered.prompts = append(offered.prompts, item)
	return item
}

func resultOf(prompt string, shape reflect.Type) func(any) *PromptResult {
	switch {
	case shape == reflect.TypeFor[*PromptResult]():
		return func(out any) *PromptResult { return out.(*PromptResult) }
	case shape == reflect.TypeFor[Message]():
		return func(out any) *PromptResult { return &PromptResult{Messages: []Message{out.(Message)}} }
	case shape == reflect.TypeFor[[]Message]():
		return func(out any) *PromptResult { return &PromptResult{Messages: out.([]Message)} }
	case shape.Kind() == reflect.String:
		return func(out any) *PromptResult {
			return &PromptResult{Messages: []Message{Says(User, fmt.Sprint(out))}}
		}
	}
	panic(fmt.Sprintf("bulkhead: prompt %q gives a %v: expected text, Message, []Message or *PromptResult", prompt, shape))
}

func argumentsOf(in reflect.Type) []object {
	arguments := []object{}
	for _, field := range fieldsOf(in) {
		argument := object{{"name", field.name}}.with("description", field.doc)
		arguments = append(arguments, append(argument, member{"required", field.required(inArguments)}))
	}
	return arguments
}

// Title is a name for people.
func (p *PromptItem) Title(title string) *PromptItem { p.title = title; return p }

// Icon adds a picture: an https: or data: URL.
func (p *PromptItem) Icon(src string) *PromptItem { p.icons = append(p.icons, src); return p }

// Meta is the prompt's _meta: a JSON object.
func (p *PromptItem) Meta(meta any) *PromptItem { p.meta = meta; return p }

// Needs hides the prompt from clients that lack any of these.
func (p *PromptItem) Needs(capabilities Capabilities) *PromptItem { p.needs = capabilities; return p }

// Complete suggests values for an argument.
func (p *PromptItem) Complete(argument string, suggest Suggest) *PromptItem {
	p.completions.add(p.name, argument, suggest)
	return p
}

func (p *PromptItem) entry() object {
	entry := object{{"name", p.name}}.with("title", p.title).with("description", p.description)
	entry = append(entry, member{"arguments", p.arguments()})
	if names := p.needs.names(); len(names) > 0 {
		entry = append(entry, member{"requiredCapabilities", names})
	}
	return p.rest(entry)
}
