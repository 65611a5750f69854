package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"bulkhead"
	"bulkhead/bulkheadtest"
)

func TestToolsAnswer(t *testing.T) {
	h := bulkheadtest.New(t).Accept("who", `{"name":"Bo"}`)
	for _, one := range []struct{ tool, arguments, want string }{
		{"greet", `{"name":"Ann"}`, "Hello, Ann."},
		{"greet", `{"name":"Ann","excited":true}`, "Hello, Ann!"},
		{"count", `{"to":3}`, "3"},
		{"ask", `{}`, "Hello, Bo."},
	} {
		result, err := h.Tool(one.tool, one.arguments)
		if err != nil || bulkheadtest.TextOf(result) != one.want {
			t.Errorf("%s: got %+v, %v", one.tool, result, err)
		}
	}
}

func TestSumsAreExactOrRefused(t *testing.T) {
	h := bulkheadtest.New(t)
	result, err := h.Tool("add", `{"a":9007199254740993,"b":-1}`)
	if err != nil || result.Structured != (Sum{9007199254740992}) {
		t.Errorf("got %+v, %v", result, err)
	}
	for _, arguments := range []string{
		`{"a":9223372036854775807,"b":1}`, `{"a":-9223372036854775808,"b":-1}`,
	} {
		if _, err := h.Tool("add", arguments); bulkhead.KindOf(err) != bulkhead.KindInvalid {
			t.Errorf("%s: got %v", arguments, err)
		}
	}
	if result, err := h.Tool("add", `{"a":5,"b":0}`); err != nil || result.Structured != (Sum{5}) {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestCountingIsReported(t *testing.T) {
	h := bulkheadtest.New(t)
	if _, err := h.Tool("count", `{"to":2}`); err != nil {
		t.Fatal(err)
	}
	want := []bulkheadtest.Progress{{Progress: 1, Total: 2, Message: "1"}, {Progress: 2, Total: 2, Message: "2"}}
	recorded := h.Recorded()
	if fmt.Sprint(recorded.Progress) != fmt.Sprint(want) || recorded.Log[0].Data != `"counted to 2"` {
		t.Errorf("got %+v", recorded)
	}
}

func TestCountingStopsWhenTheCallerGivesUp(t *testing.T) {
	if _, err := bulkheadtest.New(t).Cancelled().Tool("count", `{"to":3}`); err == nil {
		t.Error("it went on")
	}
}

func TestWhoDeclinesIsNobody(t *testing.T) {
	result, err := bulkheadtest.New(t).Decline("who").Tool("ask", `{}`)
	if err != nil || bulkheadtest.TextOf(result) != "Nobody." {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestFailFails(t *testing.T) {
	_, err := bulkheadtest.New(t).Tool("fail", `{}`)
	if err == nil || err.Error() != "this tool always fails" {
		t.Errorf("got %v", err)
	}
}

func TestStops(t *testing.T) {
	h := bulkheadtest.New(t)
	for uri, want := range map[string]string{"tour://facts": "The tour has five stops.", "tour://stops/5": "Stop 5 of 5."} {
		reading, err := h.Resource(uri)
		if err != nil || reading.Body.Text != want || reading.MIMEType != "text/plain" {
			t.Errorf("%s: got %+v, %v", uri, reading, err)
		}
	}
	for _, uri := range []string{"tour://stops/0", "tour://stops/6", "tour://stops/x", "tour://stops/1/2"} {
		if _, err := h.Resource(uri); bulkhead.KindOf(err) != bulkhead.KindNotFound {
			t.Errorf("%s: got %v", uri, err)
		}
	}
}

func TestIntroductions(t *testing.T) {
	h := bulkheadtest.New(t)
	for tone, want := range map[string]string{"": "Introduce Ann in a friendly way.", "funny": "Introduce Ann in a funny way."} {
		arguments := map[string]string{"name": "Ann"}
		if tone != "" {
			arguments["tone"] = tone
		}
		result, err := h.Prompt("introduce", arguments)
		if err != nil || result.Messages[0].Content.Text != want {
			t.Errorf("got %+v, %v", result, err)
		}
	}
	if values, err := h.Complete("introduce", "tone", "f"); err != nil || fmt.Sprint(values) != "[formal friendly funny]" {
		t.Errorf("got %v, %v", values, err)
	}
}

func TestATitleIsFetched(t *testing.T) {
	pages := map[string]string{
		"/plain": "<html><TITLE> Fünf Halte </Title>", "/none": "<p>no title</p>", "/open": "<title>never ends",
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, pages[request.URL.Path])
	}))
	defer upstream.Close()
	for path, want := range map[string]string{"/plain": "Fünf Halte", "/none": "", "/open": ""} {
		result, err := bulkheadtest.New(t).Tool("title", `{"url":"`+upstream.URL+path+`"}`)
		if err != nil {
			t.Fatal(err)
		}
		page := result.Structured.(Page)
		if page.Status != http.StatusTeapot || (page.Title == nil) != (want == "") || page.Title != nil && *page.Title != want {
			t.Errorf("%s: got %+v", path, page)
		}
	}
}

func TestWhatCannotBeReachedIsTold(t *testing.T) {
	upstream := httptest.NewServer(http.NotFoundHandler())
	upstream.Close()
	if _, err := bulkheadtest.New(t).Tool("title", `{"url":"`+upstream.URL+`"}`); err == nil {
		t.Error("it was reached")
	}
}
