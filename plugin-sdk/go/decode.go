package bulkhead

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"reflect"
	"strconv"
)

// decode reads JSON into what target points to, with the defaults of its tags for what is absent.
func decode(text jsontext.Value, target any) error {
	if err := preset(reflect.ValueOf(target).Elem()); err != nil {
		return err
	}
	return json.Unmarshal(text, target)
}

func preset(into reflect.Value) error {
	if into.Kind() != reflect.Struct || into.Type() == moment {
		return nil
	}
	for _, field := range fieldsOf(into.Type()) {
		target := into.FieldByIndex(field.index)
		if field.preset == nil {
			if err := preset(target); err != nil {
				return err
			}
			continue
		}
		if err := json.Unmarshal(field.preset, target.Addr().Interface()); err != nil {
			return fmt.Errorf("the default of %q: %w", field.name, err)
		}
	}
	return nil
}

// decodeText reads arguments that come as text, a prompt's or a template's, into a struct of strings, numbers and
// booleans.
func decodeText(arguments map[string]string, target any) error {
	into := reflect.ValueOf(target).Elem()
	if err := preset(into); err != nil {
		return err
	}
	for _, field := range fieldsOf(into.Type()) {
		text, ok := arguments[field.name]
		if !ok {
			if field.required(inArguments) {
				return Invalidf("the argument %q is missing", field.name)
			}
			continue
		}
		if err := setText(into.FieldByIndex(field.index), text); err != nil {
			return Invalidf("the argument %q: %v", field.name, err)
		}
	}
	return nil
}

func setText(into reflect.Value, text string) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	bits := 0
	if into.CanInt() || into.CanUint() || into.CanFloat() {
		bits = into.Type().Bits()
	}
	switch {
	case into.Kind() == reflect.String:
		into.SetString(text)
	case into.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("expected true or false, found %q", text)
		}
		into.SetBool(text == "true")
	case into.CanInt():
		number, err := strconv.ParseInt(text, 10, bits)
		if err != nil {
			return fmt.Errorf("expected an integer, found %q", text)
		}
		into.SetInt(number)
	case into.CanUint():
		number, err := strconv.ParseUint(text, 10, bits)
		if err != nil {
			return fmt.Errorf("expected a positive integer, found %q", text)
		}
		into.SetUint(number)
	case into.CanFloat():
		number, err := strconv.ParseFloat(text, bits)
		if err != nil {
			return fmt.Errorf("expected a number, found %q", text)
		}
		into.SetFloat(number)
	default:
		return fmt.Errorf("a %v cannot be read from text", into.Type())
	}
	return nil
}
