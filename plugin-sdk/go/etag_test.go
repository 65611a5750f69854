package bulkhead

import "testing"

func TestAnEtagFollowsEveryByteAndEveryBorder(t *testing.T) {
	versions := [][]string{{}, {""}, {"a"}, {"a\x00"}, {"abcdefgh"}, {"abcdefgi"}, {"abcdefghabcdefgh"}, {"abcdefgh", "abcdefgh"}, {"ab", "c"}}
	seen := map[string]bool{}
	for _, version := range versions {
		var bodies [][]byte
		for _, body := range version {
			bodies = append(bodies, []byte(body))
		}
		etag := etagOf(bodies)
		if len(etag) != 32 || seen[etag] || etag != etagOf(bodies) {
			t.Errorf("%q: etag %s", version, etag)
		}
		seen[etag] = true
	}
}

func TestIfMatch(t *testing.T) {
	for _, one := range []struct {
		ifMatch, current string
		fits             bool
	}{{"", "", true}, {"", "v1", true}, {"v1", "v1", true}, {"*", "v1", true}, {"v1", "v2", false}, {"*", "", false}, {"v1", "", false}} {
		err := CheckIfMatch(one.ifMatch, one.current)
		if (err == nil) != one.fits || err != nil && KindOf(err) != KindConflict {
			t.Errorf("%q against %q: %v", one.ifMatch, one.current, err)
		}
	}
}
