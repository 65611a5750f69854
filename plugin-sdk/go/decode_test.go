package bulkhead

import (
	"encoding/json/jsontext"
	"testing"
)

type letter struct {
	To    string  `json:"to"`
	Lines uint8   `json:"lines" jsonschema:"default=2"`
	Loud  *bool   `json:"loud"`
	Size  float64 `json:"size,omitempty"`
}

func TestDefaultsStandWhereNothingIsGiven(t *testing.T) {
	for text, want := range map[string]uint8{`{"to":"Ann"}`: 2, `{"to":"Ann","lines":7}`: 7, `{"to":"Ann","lines":0}`: 0} {
		var got letter
		if err := decode(jsontext.Value(text), &got); err != nil || got.Lines != want {
			t.Errorf("%s: got %d lines, %v; want %d", text, got.Lines, err, want)
		}
	}
}

func TestTextBecomesWhatTheFieldIs(t *testing.T) {
	var got letter
	err := decodeText(map[string]string{"to": "7", "lines": "3", "loud": "true", "size": "1.5", "unknown": "x"}, &got)
	if err != nil || got.To != "7" || got.Lines != 3 || !*got.Loud || got.Size != 1.5 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTextThatDoesNotFitIsNamed(t *testing.T) {
	for _, one := range []struct {
		arguments map[string]string
		want      string
	}{
		{map[string]string{}, `the argument "to" is missing`},
		{map[string]string{"to": "Ann", "lines": "256"}, `the argument "lines": expected a positive integer, found "256"`},
		{map[string]string{"to": "Ann", "loud": "yes"}, `the argument "loud": expected true or false, found "yes"`},
		{map[string]string{"to": "Ann", "size": "big"}, `the argument "size": expected a number, found "big"`},
	} {
		err := decodeText(one.arguments, &letter{})
		if err == nil || err.Error() != one.want || KindOf(err) != KindInvalid {
			t.Errorf("got %v, want %s", err, one.want)
		}
	}
}
