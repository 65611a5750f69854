package bulkhead

import (
	"encoding/base64"
	"encoding/json/jsontext"
)

// Role says who speaks, or whom a piece of content is meant for.
type Role uint8

// The two sides of a conversation.
const (
	User Role = iota
	Assistant
)

// String is the role as the protocol writes it.
func (r Role) String() string {
	if r == Assistant {
		return "assistant"
	}
	return "user"
}

// Body is text, or bytes that the host encodes for the wire.
type Body struct {
	// Text is the body, unless Blob is not nil.
	Text string
	Blob []byte
}

// Bytes is the body as bytes.
func (b Body) Bytes() []byte {
	if b.Blob != nil {
		return b.Blob
	}
	return []byte(b.Text)
}

// Contents is one resource, with its contents.
type Contents struct {
	URI      string
	MIMEType string
	Body     Body
	// Meta is its _meta: a JSON object, nil for none.
	Meta jsontext.Value
}

// Link points to a resource that the client may read later. All but URI and Name may be left out.
type Link struct {
	URI, Name, Title, Description, MIMEType string
	Size                                    *uint64
}

// ContentKind says what a block holds.
type ContentKind uint8

// What a block can hold.
const (
	TextContent ContentKind = iota
	ImageContent
	AudioContent
	LinkContent
	EmbeddedContent
)

// Content is one block of a tool's answer or of a prompt. [Text], [Image], [Audio], [LinkTo] and [Embed] make one.
type Content struct {
	Kind ContentKind
	// Text is what a block of text says.
	Text string
	// Data and MIMEType are an image or a sound.
	Data     []byte
	MIMEType string
	// Link is where a link points.
	Link Link
	// Embedded is a resource in the block.
	Embedded Contents
	// Audience is whom the block is meant for; everybody when empty.
	Audience []Role
	// Priority is 0 (least) to 1 (most important); nil when unsaid.
	Priority *float64
	// LastModified is an RFC 3339 date and time; empty when unsaid.
	LastModified string
	// Meta is the block's _meta: a JSON object, nil for none.
	Meta jsontext.Value
}

// Text is a block of text.
func Text(text string) Content { return Content{Text: text} }

// Image is a picture, with its media type.
func Image(data []byte, mimeType string) Content {
	return Content{Kind: ImageContent, Data: data, MIMEType: mimeType}
}

// Audio is a sound, with its media type.
func Audio(data []byte, mimeType string) Content {
	return Content{Kind: AudioContent, Data: data, MIMEType: mimeType}
}

// LinkTo is a pointer to a resource.
func LinkTo(link Link) Content { return Content{Kind: LinkContent, Link: link} }

// Embed is a resource with its contents.
func Embed(contents Contents) Content { return Content{Kind: EmbeddedContent, Embedded: contents} }

// For is the same block, meant for these readers.
func (c Content) For(audience ...Role) Content {
	c.Audience = audience
	return c
}

// protocol is the block as a question to a model carries it.
func (c Content) protocol() object {
	encoded := base64.StdEncoding.EncodeToString
	switch c.Kind {
	case ImageContent:
		return object{{"type", "image"}, {"data", encoded(c.Data)}, {"mimeType", c.MIMEType}}
	case AudioContent:
		return object{{"type", "audio"}, {"data", encoded(c.Data)}, {"mimeType", c.MIMEType}}
	case LinkContent:
		return object{{"type", "resource_link"}, {"uri", c.Link.URI}, {"name", c.Link.Name}}
	case EmbeddedContent:
		contents := object{{"uri", c.Embedded.URI}, {"text", c.Embedded.Body.Text}}
		if c.Embedded.Body.Blob != nil {
			contents[1] = member{"blob", encoded(c.Embedded.Body.Blob)}
		}
		return object{{"type", "resource"}, {"resource", contents}}
	}
	return object{{"type", "text"}, {"text", c.Text}}
}
