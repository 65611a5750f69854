package bulkhead

import (
	"fmt"
	"testing"
)

func TestATemplateCoversWhatItSays(t *testing.T) {
	const none = "none"
	for _, one := range []struct{ template, uri, want string }{
		{"test://template/{id}/data", "test://template/123/data", "map[id:123]"},
		{"test://template/{id}/data", "test://template//data", none},
		{"test://template/{id}/data", "test://template/1/2/data", none},
		{"test://template/{id}/data", "test://template/1/data/", none},
		{"a://{x}-{y}", "a://1-2", "map[x:1 y:2]"},
		{"a://{x}-{y}", "a://1-2-3", "map[x:1-2 y:3]"},
		{"file:///{+path}", "file:///a/b%20c.txt", "map[path:a/b c.txt]"},
		{"file:///{+path}.txt", "file:///a.b.txt", "map[path:a.b]"},
		{"file:///{path}", "file:///a/b", none},
		{"a://{x}", "a://%zz", none},
		{"a://{x}", "a://%2", none},
		{"a://{x}", "a://%ff", none},
		{"a://{x}", "a://ü", "map[x:ü]"},
		{"a://{x}", "a://", none},
		{"a://b", "a://b", "map[]"},
		{"a://b", "a://c", none},
	} {
		got := none
		if variables, ok := match(one.template, one.uri); ok {
			got = fmt.Sprint(variables)
		}
		if got != one.want {
			t.Errorf("%s %s: got %s, want %s", one.template, one.uri, got, one.want)
		}
	}
}
