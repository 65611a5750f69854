package bulkhead

import (
	"encoding/json/v2"
	"strings"
)

// What follows is what a host asks of a plugin. Tests have package bulkheadtest for it.

// Contract is what the plugin offers, as a JSON object. It panics where a tag cannot be read, or a type has no schema.
func Contract() string {
	contract := object{
		{"tools", entries(offered.tools)},
		{"prompts", entries(offered.prompts)},
		{"resources", entries(offered.resources)},
		{"resourceTemplates", entries(offered.templates)},
		{"schemes", schemes()},
		{"dynamicResources", offered.list != nil},
	}
	text, err := json.Marshal(contract, json.Deterministic(true))
	if err != nil {
		panic("bulkhead: the contract cannot be told: " + err.Error())
	}
	return string(text)
}

func entries[T interface{ entry() object }](items []T) []object {
	all := make([]object, len(items))
	for i, item := range items {
		all[i] = item.entry()
	}
	return all
}

func schemes() []string {
	all := make([]string, len(offered.schemes))
	for i, item := range offered.schemes {
		all[i] = item.name
	}
	return all
}

// CallTool runs a tool with arguments that are a JSON object.
func CallTool(ctx *Context, name, arguments string) (*ToolResult, error) {
	for _, item := range offered.tools {
		if item.name == name {
			return item.call(ctx, arguments)
		}
	}
	return nil, NotFoundf("there is no tool %q", name)
}

// GetPrompt fills a prompt.
func GetPrompt(ctx *Context, name string, arguments map[string]string) (*PromptResult, error) {
	for _, item := range offered.prompts {
		if item.name == name {
			return item.fill(ctx, arguments)
		}
	}
	return nil, NotFoundf("there is no prompt %q", name)
}

// ListResources lists what [List] was registered for.
func ListResources(ctx *Context, cursor string) (*Page, error) {
	if offered.list == nil {
		return &Page{}, nil
	}
	return offered.list(ctx, cursor)
}

// ReadResource reads one resource.
func ReadResource(ctx *Context, uri string) (*Reading, error) {
	at := find(uri)
	if at.read == nil {
		return nil, NotFoundf("there is no resource %q", uri)
	}
	reading, err := at.read(ctx)
	if err == nil && reading == nil {
		return nil, NotFoundf("there is no resource %q", uri)
	}
	if err == nil && reading.MIMEType == "" {
		reading.MIMEType = at.mimeType
	}
	return reading, err
}

// WriteResource writes one resource, and is its new etag. An empty ifMatch is none.
func WriteResource(ctx *Context, uri string, body Body, ifMatch string) (etag string, err error) {
	at := find(uri)
	switch {
	case at.read == nil:
		return "", NotFoundf("there is no resource %q", uri)
	case at.write == nil:
		return "", Deniedf("%s cannot be written", uri)
	}
	return at.write(ctx, body, ifMatch)
}

// Complete suggests values for an argument of a prompt, by its name, or of a template, by its URI template.
func Complete(ctx *Context, reference, argument, typed string, filled map[string]string) (*Completion, error) {
	suggest := suggestions(reference)[argument]
	if suggest == nil {
		return &Completion{}, nil
	}
	completion, err := suggest(ctx, typed, filled)
	if err == nil && completion == nil {
		completion = &Completion{}
	}
	return completion, err
}

func suggestions(reference string) completions {
	for _, item := range offered.prompts {
		if item.name == reference {
			return item.completions
		}
	}
	for _, item := range offered.templates {
		if item.uri == reference {
			return item.completions
		}
	}
	return nil
}

// place is what answers for a URI. Its functions are nil where there is nothing.
type place struct {
	mimeType string
	read     func(ctx *Context) (*Reading, error)
	write    func(ctx *Context, body Body, ifMatch string) (string, error)
}

func find(uri string) place {
	for _, item := range offered.resources {
		if item.uri == uri {
			return place{item.mimeType, item.read, item.write}
		}
	}
	for _, item := range offered.templates {
		if variables, ok := match(item.uri, uri); ok {
			return item.at(variables)
		}
	}
	scheme, _, _ := strings.Cut(uri, ":")
	for _, item := range offered.schemes {
		if strings.EqualFold(item.name, scheme) {
			return item.at(uri)
		}
	}
	return place{}
}

func (t *template) at(variables map[string]string) place {
	at := place{mimeType: t.mimeType}
	at.read = func(ctx *Context) (*Reading, error) { return t.read(ctx, variables) }
	if t.write != nil {
		at.write = func(ctx *Context, body Body, ifMatch string) (string, error) {
			return t.write(ctx, variables, body, ifMatch)
		}
	}
	return at
}

func (s *SchemeItem) at(uri string) place {
	at := place{read: func(ctx *Context) (*Reading, error) { return s.read(ctx, uri) }}
	if s.write != nil {
		at.write = func(ctx *Context, body Body, ifMatch string) (string, error) {
			return s.write(ctx, uri, body, ifMatch)
		}
	}
	return at
}
