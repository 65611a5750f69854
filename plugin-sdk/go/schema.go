package bulkhead

import (
	"encoding"
	"encoding/json/jsontext"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// direction is what a schema describes: what is read allows more than what is written.
type direction uint8

const (
	inArguments direction = iota
	inAnswer
	inForm
)

var (
	textual  = reflect.TypeFor[encoding.TextMarshaler]()
	moment   = reflect.TypeFor[time.Time]()
	span     = reflect.TypeFor[time.Duration]()
	anything = reflect.TypeFor[jsontext.Value]()
)

// schemaOf is the JSON Schema (2020-12) of a type. It panics, and names the field, where there is none.
func schemaOf(shape reflect.Type, direction direction) object {
	return (&schemer{direction: direction}).of(shape)
}

type schemer struct {
	direction direction
	// within are the structs that are being described, so that one which contains itself is noticed.
	within []reflect.Type
}

func (s *schemer) of(shape reflect.Type) object {
	switch {
	case shape == moment:
		return object{{"type", "string"}, {"format", "date-time"}}
	case shape == span:
		panic("bulkhead: a time.Duration has no JSON Schema; take a number and say its unit in its name")
	case shape == anything:
		return object{}
	case shape.Kind() != reflect.Pointer && shape.Implements(textual):
		return object{{"type", "string"}}
	}
	switch kind := shape.Kind(); kind {
	case reflect.String:
		return object{{"type", "string"}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Float32, reflect.Float64:
		return object{{"type", "number"}}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return integer(shape)
	case reflect.Slice, reflect.Array:
		return s.list(shape)
	case reflect.Map:
		return s.dictionary(shape)
	case reflect.Struct:
		return s.structure(shape)
	case reflect.Pointer:
		return s.of(shape.Elem())
	case reflect.Interface:
		return object{}
	}
	panic(fmt.Sprintf("bulkhead: %v has no JSON Schema", shape))
}

// integer bounds what is narrower than 64 bits, and what is not signed.
func integer(shape reflect.Type) object {
	schema := object{{"type", "integer"}}
	bits := shape.Bits()
	if shape.Kind() >= reflect.Uint {
		schema = append(schema, member{"minimum", 0})
		if bits < 64 {
			schema = append(schema, member{"maximum", uint64(1)<<bits - 1})
		}
	} else if bits < 64 {
		schema = append(schema, member{"minimum", int64(math.MinInt64) >> (64 - bits)}, member{"maximum", int64(1)<<(bits-1) - 1})
	}
	return schema
}

func (s *schemer) list(shape reflect.Type) object {
	if shape.Elem().Kind() == reflect.Uint8 {
		return object{{"type", "string"}, {"contentEncoding", "base64"}}
	}
	schema := object{{"type", "array"}, {"items", s.of(shape.Elem())}}
	if shape.Kind() == reflect.Array {
		schema = append(schema, member{"minItems", shape.Len()}, member{"maxItems", shape.Len()})
	}
	return schema
}

func (s *schemer) dictionary(shape reflect.Type) object {
	if shape.Key().Kind() != reflect.String {
		panic(fmt.Sprintf("bulkhead: %v has no JSON Schema: its keys are not strings", shape))
	}
	return object{{"type", "object"}, {"additionalProperties", s.of(shape.Elem())}}
}

func (s *schemer) structure(shape reflect.Type) object {
	if slices.Contains(s.within, shape) {
		panic(fmt.Sprintf("bulkhead: %v contains itself, and such a type has no JSON Schema here", shape))
	}
	s.within = append(s.within, shape)
	defer func() { s.within = s.within[:len(s.within)-1] }()

	properties, required := object{}, []string{}
	for _, field := range fieldsOf(shape) {
		properties = append(properties, member{field.name, s.property(field)})
		if field.required(s.direction) {
			required = append(required, field.name)
		}
	}
	schema := object{{"type", "object"}, {"properties", properties}}
	if len(required) > 0 {
		schema = append(schema, member{"required", required})
	}
	if len(properties) == 0 {
		schema = append(schema, member{"additionalProperties", false})
	}
	return schema
}

func (s *schemer) property(field field) object {
	schema := s.of(field.shape)
	if field.shape.Kind() == reflect.Pointer && !field.omitted && s.direction != inForm {
		schema = nullable(schema)
	}
	schema = schema.with("description", field.doc)
	for _, keyword := range field.keywords {
		schema = schema.set(keyword)
	}
	return schema
}

func nullable(schema object) object {
	for i, keyword := range schema {
		if kind, ok := keyword.value.(string); ok && keyword.name == "type" {
			schema[i].value = []string{kind, "null"}
		}
	}
	return schema
}

// set replaces a keyword: what an author writes is narrower than what the type says.
func (o object) set(keyword member) object {
	for i := range o {
		if o[i].name == keyword.name {
			o[i] = keyword
			return o
		}
	}
	return append(o, keyword)
}

// trimmed is text without the spaces around its lines, as a doc tag over several lines has them.
func trimmed(text string) string { return strings.Join(strings.Fields(text), " ") }
