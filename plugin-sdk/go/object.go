package bulkhead

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

func (o object) MarshalJSONTo(out *jsontext.Encoder) error {
	if err := out.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, member := range o {
		if err := out.WriteToken(jsontext.String(member.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(out, member.value); err != nil {
			return err
		}
	}
	return out.WriteToken(jsontext.EndObject)
}

// with adds a member unless its value is empty.
func (o object) with(name, value string) object {
	if value == "" {
		return o
	}
	return append(o, member{name, value})
}
