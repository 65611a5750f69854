package bulkhead

import (
	"reflect"
	"slices"
)

// template is a registered template, whatever it takes.
type template struct {
	listing
	uri, mimeType string
	cache         *Cache
	completions   completions
	read          func(ctx *Context, variables map[string]string) (*Reading, error)
	write         func(ctx *Context, variables map[string]string, body Body, ifMatch string) (string, error)
}

// TemplateItem is a registered family of resources. Its methods say more about it, and give it back.
type TemplateItem[In any] struct{ of *template }

// Template registers a family of resources, such as shop://items/{id}. A variable stands for text without a slash, and
// {+path} for the rest of a path; each is a field of In, which is a struct of strings, numbers and booleans. Values are
// percent-decoded: one may hold anything, slashes and dots included. Out is as for [Resource].
func Template[In, Out any](uri, name, description string, read func(ctx *Context, in In) (Out, error)) *TemplateItem[In] {
	distinct("template", uri, offered.templates, func(item *template) string { return item.uri })
	wantStruct("template", uri, reflect.TypeFor[In]())
	reading := readingOf[Out](uri)
	item := &template{name: name, description: description, uri: uri}
	item.read = func(ctx *Context, variables map[string]string) (*Reading, error) {
		var in In
		if err := decodeText(variables, &in); err != nil {
			return nil, err
		}
		return reading(read(ctx, in))
	}
	offered.templates = append(offered.templates, item)
	return &TemplateItem[In]{item}
}

// Title is a name for people.
func (t *TemplateItem[In]) Title(title string) *TemplateItem[In] { t.of.title = title; return t }

// MIMEType is what the bodies are.
func (t *TemplateItem[In]) MIMEType(mimeType string) *TemplateItem[In] {
	t.of.mimeType = mimeType
	return t
}

// Cache is how long a client may keep what it read, if the reading does not say.
func (t *TemplateItem[In]) Cache(cache Cache) *TemplateItem[In] { t.of.cache = &cache; return t }

// Icon adds a picture: an https: or data: URL.
func (t *TemplateItem[In]) Icon(src string) *TemplateItem[In] {
	t.of.icons = append(t.of.icons, src)
	return t
}

// Meta is the template's _meta: a JSON object.
func (t *TemplateItem[In]) Meta(meta any) *TemplateItem[In] { t.of.meta = meta; return t }

// Complete suggests values for a variable.
func (t *TemplateItem[In]) Complete(variable string, suggest Suggest) *TemplateItem[In] {
	t.of.completions.add(t.of.uri, variable, suggest)
	return t
}

// Write lets clients write what the template covers. See [CheckIfMatch]; the answer is the new etag.
func (t *TemplateItem[In]) Write(write func(ctx *Context, in In, body Body, ifMatch string) (etag string, err error)) *TemplateItem[In] {
	t.of.write = func(ctx *Context, variables map[string]string, body Body, ifMatch string) (string, error) {
		var in In
		if err := decodeText(variables, &in); err != nil {
			return "", err
		}
		return write(ctx, in, body, ifMatch)
	}
	return t
}

func (t *template) entry() object {
	entry := object{{"uriTemplate", t.uri}, {"name", t.name}}.with("title", t.title).with("description", t.description)
	return t.rest(cached(entry.with("mimeType", t.mimeType), t.cache))
}

// SchemeItem is a registered URI scheme.
type SchemeItem struct {
	name  string
	read  func(ctx *Context, uri string) (*Reading, error)
	write func(ctx *Context, uri string, body Body, ifMatch string) (string, error)
}

// Scheme registers a URI scheme that the plugin answers for: read gets every URI of it that no resource and no template
// covers. Out is as for [Resource].
func Scheme[Out any](name string, read func(ctx *Context, uri string) (Out, error)) *SchemeItem {
	distinct("scheme", name, offered.schemes, func(item *SchemeItem) string { return item.name })
	reading := readingOf[Out](name + ":")
	item := &SchemeItem{name: name}
	item.read = func(ctx *Context, uri string) (*Reading, error) { return reading(read(ctx, uri)) }
	offered.schemes = append(offered.schemes, item)
	return item
}

// Write lets clients write what the scheme covers. See [CheckIfMatch]; the answer is the new etag.
func (s *SchemeItem) Write(write func(ctx *Context, uri string, body Body, ifMatch string) (etag string, err error)) *SchemeItem {
	s.write = write
	return s
}

// List registers what lists the resources that exist besides those that always do. The cursor is the Next of the page
// before, and empty at first.
func List(list func(ctx *Context, cursor string) (*Page, error)) {
	if offered.list != nil {
		panic("bulkhead: List is registered twice")
	}
	offered.list = list
}

// completions suggests values for the arguments of one item.
type completions map[string]Suggest

func (c *completions) add(item, argument string, suggest Suggest) {
	if *c == nil {
		*c = completions{}
	}
	if (*c)[argument] != nil {
		panic("bulkhead: the argument " + argument + " of " + item + " is completed twice")
	}
	(*c)[argument] = suggest
}

// Suggest is a function that suggests values which go on from typed; filled holds the arguments that are filled in
// already.
type Suggest func(ctx *Context, typed string, filled map[string]string) (*Completion, error)

// Completion is what is suggested, best first. The host passes on at most 100.
type Completion struct {
	Values []string
	// Total is how many there are in all; nil if that is unknown.
	Total *uint32
	// HasMore says that there are more than these.
	HasMore bool
}

// Starting suggests those of values that begin with what was typed.
func Starting(typed string, values ...string) *Completion {
	begins := func(value string) bool { return len(value) < len(typed) || value[:len(typed)] != typed }
	return &Completion{Values: slices.DeleteFunc(slices.Clone(values), begins)}
}
