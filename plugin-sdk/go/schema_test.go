package bulkhead

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func schemaText[T any](t *testing.T, direction direction) string {
	t.Helper()
	text, err := json.Marshal(schemaOf(reflect.TypeFor[T](), direction))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSchemasSayWhatTheTypeSays(t *testing.T) {
	type inner struct {
		Plan string `json:"plan" jsonschema:"enum=free|paid,default=free"`
	}
	type outer struct {
		inner
		Name  string         `json:"name" doc:"Name for the badge." jsonschema:"minLength=1,pattern=^[a-z,]+$"`
		Age   *uint8         `json:"age"`
		Tags  []string       `json:"tags,omitempty" jsonschema:"maxItems=3"`
		Extra map[string]int `json:"extra,omitzero"`
		When  time.Time      `json:"when"`
		Any   jsontext.Value `json:"any"`
		Bytes []byte         `json:"bytes"`
		Skip  string         `json:"-"`
		small int8
	}
	_ = outer{}.small
	want := `{"type":"object","properties":{` +
		`"plan":{"type":"string","enum":["free","paid"],"default":"free"},` +
		`"name":{"type":"string","description":"Name for the badge.","minLength":1,"pattern":"^[a-z,]+$"},` +
		`"age":{"type":["integer","null"],"minimum":0,"maximum":255},` +
		`"tags":{"type":"array","items":{"type":"string"},"maxItems":3},` +
		`"extra":{"type":"object","additionalProperties":{"type":"integer"}},` +
		`"when":{"type":"string","format":"date-time"},"any":{},` +
		`"bytes":{"type":"string","contentEncoding":"base64"}},`
	for _, one := range []struct {
		direction direction
		required  string
	}{
		{inArguments, `"required":["name","when","any","bytes"]}`},
		{inAnswer, `"required":["plan","name","age","when","any","bytes"]}`},
	} {
		if got := schemaText[outer](t, one.direction); got != want+one.required {
			t.Errorf("got  %s\nwant %s", got, want+one.required)
		}
	}
}

func TestNarrowIntegersHaveBounds(t *testing.T) {
	for _, one := range []struct{ got, want string }{
		{schemaText[int8](t, inAnswer), `{"type":"integer","minimum":-128,"maximum":127}`},
		{schemaText[uint32](t, inAnswer), `{"type":"integer","minimum":0,"maximum":4294967295}`},
		{schemaText[int64](t, inAnswer), `{"type":"integer"}`},
		{schemaText[uint64](t, inAnswer), `{"type":"integer","minimum":0}`},
		{schemaText[[2]bool](t, inAnswer), `{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2}`},
		{schemaText[None](t, inArguments), `{"type":"object","properties":{},"additionalProperties":false}`},
	} {
		if one.got != one.want {
			t.Errorf("got %s, want %s", one.got, one.want)
		}
	}
}

func TestAFormIsFlat(t *testing.T) {
	type form struct {
		Age *uint8 `json:"age"`
	}
	want := `{"type":"object","properties":{"age":{"type":"integer","minimum":0,"maximum":255}}}`
	if got := schemaText[form](t, inForm); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

type loop struct {
	Next *loop `json:"next"`
}

func TestWhatHasNoSchemaIsNamed(t *testing.T) {
	type odd struct {
		N int `json:"n" jsonschema:"minimun=1"`
	}
	type wrong struct {
		N int `json:"n" jsonschema:"minimum=one"`
	}
	for _, one := range []struct {
		shape reflect.Type
		part  string
	}{
		{reflect.TypeFor[chan int](), "chan int has no JSON Schema"},
		{reflect.TypeFor[map[int]string](), "keys are not strings"},
		{reflect.TypeFor[loop](), "contains itself"},
		{reflect.TypeFor[time.Duration](), "say its unit"},
		{reflect.TypeFor[odd](), `odd.N: there is no keyword "minimun"`},
		{reflect.TypeFor[wrong](), `minimum: expected a number, found "one"`},
	} {
		told := panicOf(func() { schemaOf(one.shape, inArguments) })
		if !strings.Contains(told, one.part) {
			t.Errorf("%v: %q does not say %q", one.shape, told, one.part)
		}
	}
}

func panicOf(run func()) (told string) {
	defer func() {
		if text, ok := recover().(string); ok {
			told = text
		}
	}()
	run()
	return ""
}
