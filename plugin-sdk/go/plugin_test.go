package bulkhead_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"bulkhead"
	"bulkhead/bulkheadtest"
)

type who struct {
	Name string `json:"name" doc:"Your name"`
}

type echo struct {
	Text string `json:"text" jsonschema:"minLength=1"`
	Wait bool   `json:"wait" jsonschema:"default=false"`
}

type item struct {
	ID int `json:"id"`
}

type greeting struct {
	Text  string   `json:"text"`
	Words []string `json:"words"`
}

func init() {
	bulkhead.Tool("echo", "Says it again.", func(ctx *bulkhead.Context, in echo) (greeting, error) {
		ctx.Log(bulkhead.Info, "echoing")
		return greeting{Text: in.Text}, nil
	}).ReadOnly().Title("Echo")
	bulkhead.Tool("book", "Books once, and asks twice.", book)
	bulkhead.Tool("both", "Asks two things at once.", both)
	bulkhead.Tool("long", "Runs as a task.", func(ctx *bulkhead.Context, _ bulkhead.None) (bool, error) {
		return ctx.AsTask(), nil
	}).TaskRequired()
	bulkhead.Tool("gone", "Is not there.", func(*bulkhead.Context, bulkhead.None) (string, error) {
		return "", fmt.Errorf("the file: %w", fs.ErrNotExist)
	})
	bulkhead.Resource("shop://hours", "hours", "When it is open.", func(*bulkhead.Context) (string, error) {
		return "9 to 5", nil
	}).MIMEType("text/plain")
	bulkhead.Template("shop://items/{id}", "item", "An item.", func(_ *bulkhead.Context, in item) (item, error) {
		if in.ID == 0 {
			return in, bulkhead.NotFoundf("there is no item 0")
		}
		return in, nil
	}).Write(func(_ *bulkhead.Context, in item, body bulkhead.Body, ifMatch string) (string, error) {
		return body.Text, bulkhead.CheckIfMatch(ifMatch, "v1")
	}).Complete("id", func(_ *bulkhead.Context, typed string, _ map[string]string) (*bulkhead.Completion, error) {
		return bulkhead.Starting(typed, "1", "12", "2"), nil
	})
	bulkhead.Scheme("note", func(_ *bulkhead.Context, uri string) ([]byte, error) { return []byte(uri), nil })
	bulkhead.Prompt("toast", "A toast.", func(_ *bulkhead.Context, in who) (string, error) {
		return "To " + in.Name + "!", nil
	})
}

func book(ctx *bulkhead.Context, _ bulkhead.None) (string, error) {
	number, err := bulkhead.Once(ctx, "number", func() (uint64, error) {
		kv, err := ctx.KV()
		if err != nil {
			return 0, err
		}
		return kv.Increment("bookings", 1)
	})
	if err != nil {
		return "", err
	}
	var guest who
	if err := ctx.Elicit("guest", "Who comes?", &guest); err != nil {
		return "", err
	}
	wine, err := ctx.Sample("wine", bulkhead.Sampling{Messages: []bulkhead.Message{bulkhead.Says(bulkhead.User, "Which wine?")}})
	return fmt.Sprintf("booking %d for %s: %s", number, guest.Name, wine.Text()), err
}

func both(ctx *bulkhead.Context, _ bulkhead.None) (string, error) {
	var guest who
	folders, err := ctx.Roots("folders")
	if err := errors.Join(err, ctx.Elicit("guest", "Who comes?", &guest)); err != nil {
		return "", err
	}
	return fmt.Sprint(guest.Name, len(folders)), nil
}

const wine = `{"role":"assistant","model":"m","content":[{"type":"text","text":"Mer"},{"type":"text","text":"lot"}]}`

func TestAStructIsAStructuredAnswer(t *testing.T) {
	h := bulkheadtest.New(t)
	result, err := h.Tool("echo", `{"text":"hi"}`)
	if err != nil || result.Structured.(greeting).Text != "hi" {
		t.Fatalf("got %+v, %v", result, err)
	}
	if log := h.Recorded().Log; len(log) != 1 || log[0].Data != `"echoing"` || log[0].Level != bulkhead.Info {
		t.Errorf("logged %+v", log)
	}
	tool := h.Contract().Tools[0]
	want := `{"type":"object","properties":{"text":{"type":"string"},"words":{"type":"array","items":{"type":"string"}}},"required":["text","words"]}`
	if string(tool.OutputSchema) != want || !tool.Annotations["readOnlyHint"] {
		t.Errorf("got %s, %v", tool.OutputSchema, tool.Annotations)
	}
}

func TestArgumentsThatDoNotFitAreInvalid(t *testing.T) {
	_, err := bulkheadtest.New(t).Tool("echo", `{"text":7}`)
	if bulkhead.KindOf(err) != bulkhead.KindInvalid || !strings.Contains(err.Error(), "/text") {
		t.Errorf("got %v", err)
	}
}

func TestAnEffectBeforeAQuestionHappensOnce(t *testing.T) {
	h := bulkheadtest.New(t).Accept("guest", `{"name":"Ann"}`).Answer("wine", wine)
	result, err := h.Tool("book", `{}`)
	if err != nil || bulkheadtest.TextOf(result) != "booking 1 for Ann: Merlot" || h.Rounds != 3 {
		t.Errorf("got %+v, %v after %d rounds", result, err, h.Rounds)
	}
	if string(h.KV()["bookings"]) != "1" {
		t.Errorf("booked %s times", h.KV()["bookings"])
	}
}

func TestSeveralQuestionsAreAskedAtOnce(t *testing.T) {
	h := bulkheadtest.New(t).Accept("guest", `{"name":"Ann"}`).Answer("folders", `{"roots":[{"uri":"file:///a"}]}`)
	result, err := h.Tool("both", `{}`)
	if err != nil || bulkheadtest.TextOf(result) != "Ann1" || h.Rounds != 2 {
		t.Errorf("got %+v, %v after %d rounds", result, err, h.Rounds)
	}
}

func TestAUserMayRefuse(t *testing.T) {
	_, err := bulkheadtest.New(t).Decline("guest").Tool("book", `{}`)
	if bulkhead.KindOf(err) != bulkhead.KindDenied {
		t.Errorf("got %v", err)
	}
}

func TestAnAnswerThatDoesNotFitIsTold(t *testing.T) {
	_, err := bulkheadtest.New(t).Accept("guest", `{"name":7}`).Tool("book", `{}`)
	if bulkhead.KindOf(err) != bulkhead.KindProtocol || !strings.Contains(err.Error(), `"guest"`) {
		t.Errorf("got %v", err)
	}
}

func TestAQuestionWithoutAnAnswerIsThePause(t *testing.T) {
	_, err := bulkheadtest.New(t).Tool("book", `{}`)
	pause := bulkhead.PauseOf(err)
	if pause == nil || pause.Requests[0].Key != "guest" || pause.Requests[0].Kind != bulkhead.AskUser {
		t.Fatalf("got %v", err)
	}
	want := `{"mode":"form","message":"Who comes?","requestedSchema":{"type":"object","properties":` +
		`{"name":{"type":"string","description":"Your name"}},"required":["name"]}}`
	if pause.Requests[0].Params != want {
		t.Errorf("got  %s\nwant %s", pause.Requests[0].Params, want)
	}
}

func TestAClientIsAskedOnlyWhatItCan(t *testing.T) {
	h := bulkheadtest.New(t)
	h.Call.Client.ElicitationForm = false
	_, err := h.Tool("book", `{}`)
	if bulkhead.KindOf(err) != bulkhead.KindMissingCapability || !strings.Contains(err.Error(), "elicitation.form") {
		t.Errorf("got %v", err)
	}
}

func TestATaskBecomesOne(t *testing.T) {
	h := bulkheadtest.New(t)
	result, err := h.Tool("long", `{}`)
	if err != nil || bulkheadtest.TextOf(result) != "true" || h.Rounds != 2 {
		t.Errorf("got %+v, %v after %d rounds", result, err, h.Rounds)
	}
}

func TestAnErrorOfTheFileSystemKeepsItsMeaning(t *testing.T) {
	_, err := bulkheadtest.New(t).Tool("gone", `{}`)
	if bulkhead.KindOf(err) != bulkhead.KindNotFound || !strings.HasPrefix(err.Error(), "the file: ") {
		t.Errorf("got %v", err)
	}
}

func TestResources(t *testing.T) {
	h := bulkheadtest.New(t)
	for uri, want := range map[string]string{
		"shop://hours": "9 to 5", "shop://items/7": `{"id":7}`, "note:anything/at/all": "note:anything/at/all",
	} {
		reading, err := h.Resource(uri)
		if err != nil || string(reading.Body.Bytes()) != want || reading.CurrentEtag() == "" {
			t.Errorf("%s: got %+v, %v", uri, reading, err)
		}
	}
	for uri, want := range map[string]bulkhead.Kind{
		"shop://items/0": bulkhead.KindNotFound, "shop://items/x": bulkhead.KindInvalid, "shop://else": bulkhead.KindNotFound,
	} {
		if _, err := h.Resource(uri); err == nil || bulkhead.KindOf(err) != want {
			t.Errorf("%s: got %v", uri, err)
		}
	}
}

func TestWrites(t *testing.T) {
	h := bulkheadtest.New(t)
	if etag, err := h.Write("shop://items/7", "v2", "v1"); err != nil || etag != "v2" {
		t.Errorf("got %s, %v", etag, err)
	}
	for uri, want := range map[string]bulkhead.Kind{
		"shop://items/7": bulkhead.KindConflict, "shop://hours": bulkhead.KindDenied, "else://": bulkhead.KindNotFound,
	} {
		if _, err := h.Write(uri, "v2", "v0"); err == nil || bulkhead.KindOf(err) != want {
			t.Errorf("%s: got %v", uri, err)
		}
	}
}

func TestCompletions(t *testing.T) {
	h := bulkheadtest.New(t)
	values, err := h.Complete("shop://items/{id}", "id", "1")
	if err != nil || fmt.Sprint(values) != "[1 12]" {
		t.Errorf("got %v, %v", values, err)
	}
	if values, err := h.Complete("toast", "name", "A"); err != nil || len(values) != 0 {
		t.Errorf("got %v, %v", values, err)
	}
}

func TestAPromptTakesItsArguments(t *testing.T) {
	h := bulkheadtest.New(t)
	result, err := h.Prompt("toast", map[string]string{"name": "Ann"})
	if err != nil || result.Messages[0].Content.Text != "To Ann!" || result.Messages[0].Role != bulkhead.User {
		t.Errorf("got %+v, %v", result, err)
	}
	if _, err := h.Prompt("toast", nil); bulkhead.KindOf(err) != bulkhead.KindInvalid {
		t.Errorf("got %v", err)
	}
}

func TestACancelledCallHasACancelledContext(t *testing.T) {
	ctx := bulkheadtest.New(t).Cancelled().Context()
	select {
	case <-ctx.Done():
		t.Error("done before anything looked")
	default:
	}
	if ctx.Err() == nil {
		t.Error("not cancelled")
	}
	<-ctx.Done()
}

func TestARegistrationThatMakesNoSensePanics(t *testing.T) {
	for part, register := range map[string]func(){
		`two tools are called "echo"`: func() {
			bulkhead.Tool("echo", "", func(*bulkhead.Context, bulkhead.None) (string, error) { return "", nil })
		},
		"expected a struct": func() {
			bulkhead.Tool("text", "", func(*bulkhead.Context, string) (string, error) { return "", nil })
		},
		`tool "odd" answers with a chan int`: func() {
			bulkhead.Tool("odd", "", func(*bulkhead.Context, bulkhead.None) (chan int, error) { return nil, nil })
		},
	} {
		func() {
			defer func() {
				if told := fmt.Sprint(recover()); !strings.Contains(told, part) {
					t.Errorf("%q does not say %q", told, part)
				}
			}()
			register()
		}()
	}
}
