// Package bulkheadtest runs a plugin natively, without a host.
//
// A plugin's functions are plain functions: where one wants a context, [Harness.Context] gives one. A [Harness] sets up
// what the caller and the operator say, and runs whole calls of what is registered, rounds of questions included.
//
//	h := bulkheadtest.New(t).Accept("who", `{"name": "Ann"}`)
//	result, err := h.Tool("ask", `{}`)
package bulkheadtest

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"strings"
	"testing"

	"bulkhead"
)

// maxRounds is more than any plugin asks that does not ask for ever.
const maxRounds = 32

// Harness is a caller, an operator and a host, as a test wants them.
type Harness struct {
	// Call is what calls are given. A test may change it.
	Call bulkhead.Call
	// Rounds is how many rounds the last call took.
	Rounds int

	answers map[string]string
	stage   *stage
}

// New is a client that can do everything, granted nothing but the store of kept values, at log level debug. It fails the
// test if the plugin cannot tell its contract.
func New(t testing.TB) *Harness {
	t.Helper()
	debug := bulkhead.Debug
	bulkhead.Contract()
	return &Harness{
		Call: bulkhead.Call{
			ID: "test", Era: "modern", ProtocolVersion: "2026-07-28", Progress: true, LogLevel: &debug,
			Client: bulkhead.Capabilities{
				ElicitationForm: true, ElicitationURL: true, Sampling: true, SamplingTools: true, Roots: true, Tasks: true,
			},
		},
		answers: map[string]string{},
		stage:   &stage{config: map[string]string{}, kv: map[string][]byte{}},
	}
}

// Answer is what the client answers to the question named key: the protocol's result, as JSON.
func (h *Harness) Answer(key, response string) *Harness {
	h.answers[key] = response
	return h
}

// Accept has the user fill in the form named key, with a JSON object.
func (h *Harness) Accept(key, content string) *Harness {
	return h.Answer(key, `{"action":"accept","content":`+content+`}`)
}

// Decline has the user say no to the form named key.
func (h *Harness) Decline(key string) *Harness { return h.Answer(key, `{"action":"decline"}`) }

// Config has the operator configure key.
func (h *Harness) Config(key, value string) *Harness {
	h.stage.config[key] = value
	return h
}

// Cancelled has the caller give up before the call looks.
func (h *Harness) Cancelled() *Harness {
	h.stage.cancelled = true
	return h
}

// WithoutKV has the operator not grant the store of kept values.
func (h *Harness) WithoutKV() *Harness {
	h.stage.kv = nil
	return h
}

// KV is what the plugin keeps.
func (h *Harness) KV() map[string][]byte { return h.stage.kv }

// Recorded is what the plugin told its host so far.
func (h *Harness) Recorded() Recorded { return h.stage.recorded }

// Context is for a function that is called directly.
func (h *Harness) Context() *bulkhead.Context { return bulkhead.NewContext(h.Call, h.stage) }

// Contract is what the plugin offers.
func (h *Harness) Contract() Contract {
	var contract Contract
	if err := json.Unmarshal([]byte(bulkhead.Contract()), &contract); err != nil {
		panic(err)
	}
	return contract
}

// Contract is as much of a contract as tests look at. Schemas are JSON.
type Contract struct {
	Tools []struct {
		Name         string          `json:"name"`
		Description  string          `json:"description"`
		InputSchema  jsontext.Value  `json:"inputSchema"`
		OutputSchema jsontext.Value  `json:"outputSchema"`
		Annotations  map[string]bool `json:"annotations"`
	} `json:"tools"`
	Prompts []struct {
		Name      string `json:"name"`
		Arguments []struct {
			Name     string `json:"name"`
			Required bool   `json:"required"`
		} `json:"arguments"`
	} `json:"prompts"`
	Resources []struct {
		URI string `json:"uri"`
	} `json:"resources"`
	ResourceTemplates []struct {
		URITemplate string `json:"uriTemplate"`
	} `json:"resourceTemplates"`
	Schemes          []string `json:"schemes"`
	DynamicResources bool     `json:"dynamicResources"`
}

// Tool calls a tool with a JSON object, and answers what it asks.
func (h *Harness) Tool(name, arguments string) (*bulkhead.ToolResult, error) {
	return run(h, func(ctx *bulkhead.Context) (*bulkhead.ToolResult, error) {
		return bulkhead.CallTool(ctx, name, arguments)
	})
}

// Prompt fills a prompt, and answers what it asks.
func (h *Harness) Prompt(name string, arguments map[string]string) (*bulkhead.PromptResult, error) {
	return run(h, func(ctx *bulkhead.Context) (*bulkhead.PromptResult, error) {
		return bulkhead.GetPrompt(ctx, name, arguments)
	})
}

// Resource reads a resource, and answers what it asks.
func (h *Harness) Resource(uri string) (*bulkhead.Reading, error) {
	return run(h, func(ctx *bulkhead.Context) (*bulkhead.Reading, error) { return bulkhead.ReadResource(ctx, uri) })
}

// Write writes a resource, and is its new etag. An empty ifMatch is none.
func (h *Harness) Write(uri, text, ifMatch string) (string, error) {
	return bulkhead.WriteResource(h.Context(), uri, bulkhead.Body{Text: text}, ifMatch)
}

// List lists dynamic resources.
func (h *Harness) List(cursor string) (*bulkhead.Page, error) {
	return bulkhead.ListResources(h.Context(), cursor)
}

// Complete suggests values for an argument of a prompt or of a template.
func (h *Harness) Complete(reference, argument, typed string) ([]string, error) {
	completion, err := bulkhead.Complete(h.Context(), reference, argument, typed, nil)
	if err != nil {
		return nil, err
	}
	return completion.Values, nil
}

// TextOf is the text of all text blocks of a result, one a line.
func TextOf(result *bulkhead.ToolResult) string {
	var lines []string
	for _, content := range result.Content {
		if content.Kind == bulkhead.TextContent {
			lines = append(lines, content.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// run makes a call round after round, until every question in it has its answer. One that has none is the error.
func run[T any](h *Harness, operation func(*bulkhead.Context) (T, error)) (T, error) {
	call := h.Call
	for h.Rounds = 1; h.Rounds <= maxRounds; h.Rounds++ {
		ctx := bulkhead.NewContext(call, h.stage)
		result, err := operation(ctx)
		pause := bulkhead.PauseOf(err)
		if pause == nil {
			return result, err
		}
		answers, ok := h.answer(call.Answers, pause)
		if !ok {
			return result, err
		}
		call.Answers = answers
		call.AsTask = call.AsTask || pause.Task
		if call.State, err = ctx.SealedState(); err != nil {
			return result, err
		}
	}
	var none T
	return none, fmt.Errorf("it still asks after %d rounds", maxRounds)
}

func (h *Harness) answer(answers []bulkhead.Answer, pause *bulkhead.Pause) ([]bulkhead.Answer, bool) {
	for _, request := range pause.Requests {
		response, ok := h.answers[request.Key]
		if !ok {
			return answers, false
		}
		answers = append(answers, bulkhead.Answer{Key: request.Key, Response: response})
	}
	return answers, true
}
