package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bulkhead"
	"bulkhead/bulkheadtest"
)

func init() {
	clock = func() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 5, time.UTC) }
}

func call[T any](t *testing.T, h *bulkheadtest.Harness, tool, arguments string) T {
	t.Helper()
	result, err := h.Tool(tool, arguments)
	if err != nil {
		t.Fatalf("%s %s: %v", tool, arguments, err)
	}
	return result.Structured.(T)
}

func refused(t *testing.T, h *bulkheadtest.Harness, tool, arguments string, kind bulkhead.Kind, part string) {
	t.Helper()
	_, err := h.Tool(tool, arguments)
	if err == nil || bulkhead.KindOf(err) != kind || !strings.Contains(err.Error(), part) {
		t.Errorf("%s %.80s: got %v, want %q", tool, arguments, err, part)
	}
}

func TestWhatIsRememberedIsRecalled(t *testing.T) {
	h := bulkheadtest.New(t)
	kept := call[Kept](t, h, "remember", `{"text":"The WiFi password is hunter2","name":"wifi","tags":["home"]}`)
	if kept.URI != "memory://notes/wifi" || kept.Etag == "" {
		t.Errorf("got %+v", kept)
	}
	call[Kept](t, h, "remember", `{"text":"Buy milk"}`)
	call[Kept](t, h, "remember", `{"text":"Buy bread","tags":["home"]}`)
	for arguments, want := range map[string]string{
		`{"query":"PASSWORD wifi"}`:     "[wifi]",
		`{"query":"buy"}`:               "[note-2 note-1]",
		`{"query":"buy","tag":"home"}`:  "[note-2]",
		`{"query":"home"}`:              "[note-2 wifi]",
		`{"query":"nothing like this"}`: "[]",
		`{"limit":1}`:                   "[note-2]",
	} {
		found := call[Recalled](t, h, "recall", arguments)
		names := []string{}
		for _, note := range found.Notes {
			names = append(names, note.Name)
			if note.Author != "user" {
				t.Errorf("the author is %q", note.Author)
			}
		}
		if fmt.Sprint(names) != want || found.Notice == "" {
			t.Errorf("%s: got %v, want %s", arguments, names, want)
		}
	}
	if recorded := h.Recorded(); len(recorded.Updated) != 3 || recorded.ResourcesChanged != 3 {
		t.Errorf("told %+v", recorded)
	}
}

func TestANoteIsReplacedOnlyWhenTold(t *testing.T) {
	h := bulkheadtest.New(t)
	first := call[Kept](t, h, "remember", `{"text":"one","name":"a"}`)
	refused(t, h, "remember", `{"text":"two","name":"a"}`, bulkhead.KindConflict, "say `replace`")
	second := call[Kept](t, h, "remember", `{"text":"two","name":"a","replace":true}`)
	if first.Etag == second.Etag || call[Recalled](t, h, "recall", `{}`).Notes[0].Text != "two" {
		t.Errorf("got %+v after %+v", second, first)
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	h := bulkheadtest.New(t)
	for arguments, part := range map[string]string{
		`{"text":" \n"}`: "empty",
		`{"text":"` + strings.Repeat("a", 8193) + `"}`:                      "8193 bytes, and 8192 is the most",
		`{"text":"a\u0000b"}`:                                               "control characters",
		`{"text":"\u001b[2J"}`:                                              "control characters",
		`{"text":"a","tags":["` + strings.Repeat("t", 33) + `"]}`:           "is no tag",
		`{"text":"a","tags":["1","2","3","4","5","6","7","8","9","0","x"]}`: "11 tags are too many",
	} {
		refused(t, h, "remember", arguments, bulkhead.KindInvalid, part)
	}
	for _, name := range []string{"../x", "A", "a/b", "-a", ".", "a b", "ä", strings.Repeat("a", 65), "claim/x"} {
		refused(t, h, "remember", `{"text":"a","name":"`+name+`"}`, bulkhead.KindInvalid, "is no name")
		refused(t, h, "forget", `{"name":"`+name+`"}`, bulkhead.KindInvalid, "is no name")
	}
	if len(h.KV()) != 0 {
		t.Errorf("kept %v", h.KV())
	}
}

func TestThereIsRoomForSoMany(t *testing.T) {
	h := bulkheadtest.New(t)
	for i := range maxNotes {
		h.KV()[fmt.Sprint(noteKey, "n", i)] = []byte(`{"text":"x","version":1}`)
	}
	refused(t, h, "remember", `{"text":"one more"}`, bulkhead.KindFailed, "forget some first")
	call[Kept](t, h, "remember", `{"text":"instead","name":"n0","replace":true}`)
}

func TestForgottenIsGone(t *testing.T) {
	h := bulkheadtest.New(t)
	call[Kept](t, h, "remember", `{"text":"one","name":"a"}`)
	h.KV()[claimKey+"a/7"] = []byte("1")
	if !call[Forgotten](t, h, "forget", `{"name":"a"}`).Forgotten || call[Forgotten](t, h, "forget", `{"name":"a"}`).Forgotten {
		t.Error("it was not there, or twice")
	}
	if len(h.KV()) != 1 { // the number of the last version
		t.Errorf("left %v", h.KV())
	}
}

func TestNotesAreResources(t *testing.T) {
	h := bulkheadtest.New(t)
	etag, err := h.Write("memory://notes/a", "one", "")
	if err != nil {
		t.Fatal(err)
	}
	reading, err := h.Resource("memory://notes/a")
	if err != nil || reading.Body.Text != "one" || reading.Etag != etag || reading.MIMEType != "text/plain" {
		t.Fatalf("got %+v, %v", reading, err)
	}
	if reading.ContentsMeta.(map[string]any)["author"] != "user" {
		t.Errorf("got %+v", reading.ContentsMeta)
	}
	next, err := h.Write("memory://notes/a", "two", etag)
	if err != nil || next == etag {
		t.Fatalf("got %s, %v", next, err)
	}
	for ifMatch, uri := range map[string]string{etag: "memory://notes/a", "*": "memory://notes/b"} {
		if _, err := h.Write(uri, "three", ifMatch); bulkhead.KindOf(err) != bulkhead.KindConflict {
			t.Errorf("%s if %s: got %v", uri, ifMatch, err)
		}
	}
	for _, uri := range []string{"memory://notes/b", "memory://notes/A", "memory://notes/..%2Fversion", "memory://notes/"} {
		if _, err := h.Resource(uri); bulkhead.KindOf(err) != bulkhead.KindNotFound {
			t.Errorf("%s: got %v", uri, err)
		}
	}
}

func TestAWriteKeepsTheTags(t *testing.T) {
	h := bulkheadtest.New(t)
	kept := call[Kept](t, h, "remember", `{"text":"one","name":"a","tags":["x"]}`)
	if _, err := h.Write(kept.URI, "two", kept.Etag); err != nil {
		t.Fatal(err)
	}
	if listed := call[Listed](t, h, "list", `{"tag":"x"}`); len(listed.Notes) != 1 || listed.Notes[0].Bytes != 3 {
		t.Errorf("got %+v", listed)
	}
}

// Of two calls that read the same version the one that writes second must not win, wherever the first one is.
func TestOfTwoWritersOneWins(t *testing.T) {
	h := bulkheadtest.New(t)
	call[Kept](t, h, "remember", `{"text":"one","name":"a"}`)
	notes, err := open(h.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = notes.change("a", func(before *Note) (*Note, error) {
		call[Kept](t, h, "remember", `{"text":"the other","name":"a","replace":true}`)
		return &Note{Text: "mine"}, nil
	})
	if bulkhead.KindOf(err) != bulkhead.KindConflict || !strings.Contains(err.Error(), "changed meanwhile") {
		t.Errorf("got %v", err)
	}
	h.KV()[claimKey+"a/2"] = []byte("1") // another call is about to write
	refused(t, h, "remember", `{"text":"mine","name":"a","replace":true}`, bulkhead.KindConflict, "by another call")
	if text := call[Recalled](t, h, "recall", `{}`).Notes[0].Text; text != "the other" {
		t.Errorf("it says %q", text)
	}
}

func TestListingsHavePages(t *testing.T) {
	h := bulkheadtest.New(t)
	for i := range 250 {
		h.KV()[fmt.Sprintf("%sn%03d", noteKey, i)] = []byte(`{"text":"x","version":1}`)
	}
	cursor, seen := "", 0
	for range 3 {
		page, err := h.List(cursor)
		if err != nil {
			t.Fatal(err)
		}
		seen, cursor = seen+len(page.Entries), page.Next
	}
	if seen != 250 || cursor != "" {
		t.Errorf("saw %d, and then %q", seen, cursor)
	}
	if listed := call[Listed](t, h, "list", `{"offset":240,"limit":20}`); len(listed.Notes) != 10 || listed.Total != 250 {
		t.Errorf("got %d of %d", len(listed.Notes), listed.Total)
	}
	if names, err := h.Complete("memory://notes/{name}", "name", "n24"); err != nil || len(names) != 10 {
		t.Errorf("got %v, %v", names, err)
	}
}

func TestWithoutTheGrantItIsDenied(t *testing.T) {
	h := bulkheadtest.New(t).WithoutKV()
	refused(t, h, "remember", `{"text":"one"}`, bulkhead.KindDenied, "not granted")
	if page, err := h.List(""); err != nil || len(page.Entries) != 0 {
		t.Errorf("got %+v, %v", page, err)
	}
}
