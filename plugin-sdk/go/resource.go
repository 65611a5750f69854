package bulkhead

import (
	"encoding/json/v2"
	"fmt"
	"reflect"
	"time"
)

// Reading is what was read, where text or bytes do not say enough.
type Reading struct {
	Body Body
	// MIMEType is what the body is, when it is not what the registration says.
	MIMEType string
	// Etag changes whenever the contents do. It is made from them when empty.
	Etag string
	// Cache is how long a client may keep it; nil when unsaid.
	Cache *Cache
	// ContentsMeta is the contents' _meta, and Meta the result's: JSON objects, nil for none.
	ContentsMeta, Meta any
	// More is what is read along with it.
	More []Contents
}

// Cache is how long a client may keep what it read.
type Cache struct {
	For time.Duration
	// Public says that it may be kept for everybody, not for the caller alone.
	Public bool
}

// CurrentEtag is the etag that these contents have.
func (r *Reading) CurrentEtag() string {
	if r.Etag != "" {
		return r.Etag
	}
	bodies := [][]byte{r.Body.Bytes()}
	for _, contents := range r.More {
		bodies = append(bodies, contents.Body.Bytes())
	}
	return etagOf(bodies)
}

// Entry is one line of a listing. All but URI and Name may be left out.
type Entry struct {
	URI, Name, Title, Description, MIMEType string
	Size                                    *uint64
}

// Page is one page of a listing. Next is where the next one begins, and empty on the last.
type Page struct {
	Entries []Entry
	Next    string
}

// CheckIfMatch is [KindConflict] unless current, the etag of what exists (empty if nothing does), satisfies the if-match
// of a write. Without one everything does, and * is satisfied by whatever exists.
func CheckIfMatch(ifMatch, current string) error {
	switch {
	case ifMatch == "", ifMatch == "*" && current != "", ifMatch == current:
		return nil
	case current == "":
		return Conflictf("it does not exist")
	}
	return Conflictf("it has changed: its etag is %s now", current)
}

// ResourceItem is a registered resource. Its methods say more about it, and give it back.
type ResourceItem struct {
	listing
	uri, mimeType string
	size          *uint64
	cache         *Cache
	read          func(ctx *Context) (*Reading, error)
	write         func(ctx *Context, body Body, ifMatch string) (string, error)
}

// Resource registers a resource that always exists. Out is text (string), bytes, a *[Reading], or a struct, which is
// read as JSON.
func Resource[Out any](uri, name, description string, read func(ctx *Context) (Out, error)) *ResourceItem {
	distinct("resource", uri, offered.resources, func(item *ResourceItem) string { return item.uri })
	reading := readingOf[Out](uri)
	item := &ResourceItem{name: name, description: description, uri: uri}
	item.read = func(ctx *Context) (*Reading, error) { return reading(read(ctx)) }
	offered.resources = append(offered.resources, item)
	return item
}

// Title is a name for people.
func (r *ResourceItem) Title(title string) *ResourceItem { r.title = title; return r }

// MIMEType is what the body is.
func (r *ResourceItem) MIMEType(mimeType string) *ResourceItem { r.mimeType = mimeType; return r }

// Size is how many bytes it has.
func (r *ResourceItem) Size(bytes uint64) *ResourceItem { r.size = &bytes; return r }

// Cache is how long a client may keep what it read, if the reading does not say.
func (r *ResourceItem) Cache(cache Cache) *ResourceItem { r.cache = &cache; return r }

// Icon adds a picture: an https: or data: URL.
func (r *ResourceItem) Icon(src string) *ResourceItem { r.icons = append(r.icons, src); return r }

// Meta is the resource's _meta: a JSON object.
func (r *ResourceItem) Meta(meta any) *ResourceItem { r.meta = meta; return r }

// Write lets clients write the resource. See [CheckIfMatch]; the answer is the new etag.
func (r *ResourceItem) Write(write func(ctx *Context, body Body, ifMatch string) (etag string, err error)) *ResourceItem {
	r.write = write
	return r
}

func (r *ResourceItem) entry() object {
	entry := object{{"uri", r.uri}, {"name", r.name}}.with("title", r.title).with("description", r.description)
	entry = entry.with("mimeType", r.mimeType)
	if r.size != nil {
		entry = append(entry, member{"size", *r.size})
	}
	return r.rest(cached(entry, r.cache))
}

func cached(entry object, cache *Cache) object {
	if cache == nil {
		return entry
	}
	scope := "private"
	if cache.Public {
		scope = "public"
	}
	return append(entry, member{"cache", object{{"ttlMs", cache.For.Milliseconds()}, {"scope", scope}}})
}

// readingOf is how what a function read becomes a reading.
func readingOf[Out any](uri string) func(Out, error) (*Reading, error) {
	shape := reflect.TypeFor[Out]()
	var read func(any) (*Reading, error)
	switch {
	case shape == reflect.TypeFor[*Reading]():
		read = func(out any) (*Reading, error) { return out.(*Reading), nil }
	case shape == reflect.TypeFor[[]byte]():
		read = func(out any) (*Reading, error) {
			return &Reading{Body: Body{Blob: append([]byte{}, out.([]byte)...)}}, nil
		}
	case shape.Kind() == reflect.String:
		read = func(out any) (*Reading, error) { return &Reading{Body: Body{Text: fmt.Sprint(out)}}, nil }
	case shape.Kind() == reflect.Struct:
		read = readJSON
	default:
		panic(fmt.Sprintf("bulkhead: %q is read as a %v: expected text, bytes, *Reading or a struct", uri, shape))
	}
	return func(out Out, err error) (*Reading, error) {
		if err != nil {
			return nil, err
		}
		return read(out)
	}
}

func readJSON(out any) (*Reading, error) {
	text, err := json.Marshal(out, json.Deterministic(true))
	return &Reading{Body: Body{Text: string(text)}, MIMEType: "application/json"}, err
}
