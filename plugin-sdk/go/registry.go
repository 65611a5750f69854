package bulkhead

import (
	"fmt"
	"reflect"
)

// offered is everything that the plugin registered.
var offered registry

type registry struct {
	tools     []*ToolItem
	resources []*ResourceItem
	templates []*template
	schemes   []*SchemeItem
	prompts   []*PromptItem
	list      func(ctx *Context, cursor string) (*Page, error)
}

// listing is what items of every kind may carry.
type listing struct {
	name, title, description string
	icons                    []string
	meta                     any
}

func (l *listing) rest(entry object) object {
	if len(l.icons) > 0 {
		icons := make([]object, len(l.icons))
		for i, src := range l.icons {
			icons[i] = object{{"src", src}}
		}
		entry = append(entry, member{"icons", icons})
	}
	if l.meta != nil {
		entry = append(entry, member{"_meta", l.meta})
	}
	return entry
}

// distinct panics if there is one of that name already.
func distinct[T any](kind, name string, registered []T, nameOf func(T) string) {
	if name == "" {
		panic("bulkhead: a " + kind + " without a name")
	}
	for _, other := range registered {
		if nameOf(other) == name {
			panic(fmt.Sprintf("bulkhead: two %ss are called %q", kind, name))
		}
	}
}

func wantStruct(kind, name string, shape reflect.Type) {
	if shape.Kind() != reflect.Struct {
		panic(fmt.Sprintf("bulkhead: %s %q takes a %v: expected a struct", kind, name, shape))
	}
}

// None is what a tool or a prompt without arguments takes.
type None struct{}
