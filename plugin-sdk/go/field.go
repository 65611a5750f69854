package bulkhead

import (
	"encoding/json/jsontext"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// field is one field of a struct as JSON has it.
type field struct {
	name  string
	index []int
	shape reflect.Type
	// omitted says that the field is left out of what is written when it is empty.
	omitted  bool
	doc      string
	keywords []member
	// preset is the default, if there is one.
	preset jsontext.Value
}

// required says whether the field must be there.
func (f field) required(direction direction) bool {
	if direction == inAnswer {
		return !f.omitted
	}
	return !f.omitted && f.preset == nil && f.shape.Kind() != reflect.Pointer
}

// fieldsOf lists the fields of a struct, with those of the structs embedded in it.
func fieldsOf(shape reflect.Type) []field {
	var fields []field
	for i := range shape.NumField() {
		of := shape.Field(i)
		tag, options, _ := strings.Cut(of.Tag.Get("json"), ",")
		if of.Anonymous && tag == "" && of.Type.Kind() == reflect.Struct {
			for _, inner := range fieldsOf(of.Type) {
				inner.index = append([]int{i}, inner.index...)
				fields = append(fields, inner)
			}
			continue
		}
		if !of.IsExported() || tag == "-" {
			continue
		}
		if tag == "" {
			tag = of.Name
		}
		fields = append(fields, newField(shape, of, tag, strings.Split(options, ","), i))
	}
	return fields
}

func newField(parent reflect.Type, of reflect.StructField, name string, options []string, index int) field {
	made := field{name: name, index: []int{index}, shape: of.Type, doc: trimmed(of.Tag.Get("doc"))}
	made.omitted = slices.Contains(options, "omitempty") || slices.Contains(options, "omitzero")
	if err := made.parse(of.Tag.Get("jsonschema")); err != nil {
		panic(fmt.Sprintf("bulkhead: the tag of %v.%s: %v", parent, of.Name, err))
	}
	return made
}

// What a keyword's value may be.
var keywords = map[string]func(string, reflect.Type) (any, error){
	"minimum": number, "maximum": number, "exclusiveMinimum": number, "exclusiveMaximum": number, "multipleOf": number,
	"minLength": count, "maxLength": count, "minItems": count, "maxItems": count,
	"format": text, "pattern": text, "title": text,
	"enum": choices, "default": literal,
}

// parse reads keywords, such as `minLength=1,maxLength=80,enum=a|b,default=a`. A pattern may hold commas, so it stands
// last.
func (f *field) parse(tag string) error {
	for tag != "" {
		var one string
		if strings.HasPrefix(tag, "pattern=") {
			one, tag = tag, ""
		} else {
			one, tag, _ = strings.Cut(tag, ",")
		}
		name, value, _ := strings.Cut(one, "=")
		read, known := keywords[name]
		if !known {
			return fmt.Errorf("there is no keyword %q", name)
		}
		parsed, err := read(value, underlying(f.shape))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if name == "default" {
			f.preset = parsed.(jsontext.Value)
		}
		f.keywords = append(f.keywords, member{name, parsed})
	}
	return nil
}

func underlying(shape reflect.Type) reflect.Type {
	for shape.Kind() == reflect.Pointer {
		shape = shape.Elem()
	}
	return shape
}

func number(value string, _ reflect.Type) (any, error) {
	if _, err := strconv.ParseFloat(value, 64); err != nil {
		return nil, fmt.Errorf("expected a number, found %q", value)
	}
	return literalText(value)
}

func count(value string, _ reflect.Type) (any, error) {
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("expected a whole number, found %q", value)
	}
	return n, nil
}

func text(value string, _ reflect.Type) (any, error) { return value, nil }

func choices(value string, shape reflect.Type) (any, error) {
	var all []any
	for one := range strings.SplitSeq(value, "|") {
		choice, err := literal(one, shape)
		if err != nil {
			return nil, err
		}
		all = append(all, choice)
	}
	return all, nil
}

// literal is a value of the field's type: text needs no quotes.
func literal(value string, shape reflect.Type) (any, error) {
	if shape.Kind() == reflect.String {
		quoted, err := jsontext.AppendQuote(nil, value)
		return jsontext.Value(quoted), err
	}
	return literalText(value)
}

func literalText(value string) (any, error) {
	if parsed := jsontext.Value(value); parsed.IsValid() {
		return parsed, nil
	}
	return nil, fmt.Errorf("expected JSON, found %q", value)
}
