package bulkhead

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"maps"
	"reflect"
	"slices"
	"strings"
)

const (
	// invalidParams is JSON-RPC's code for an answer that has not the shape it must have.
	invalidParams = -32602
	// defaultMaxTokens is how much a model may write unless the plugin says.
	defaultMaxTokens = 1024
)

// rootParameters are the parameters that a root may set for its sampling.
var rootParameters = []string{"temperature", "stopSequences", "systemPrompt", "modelPreferences", "maxTokens"}

// Action is what the user did with a question.
type Action string

// What a user can do.
const (
	Accept  Action = "accept"
	Decline Action = "decline"
	Cancel  Action = "cancel"
)

// Form is a question to the user: a message, and the schema of what is to be filled in.
type Form struct {
	Message string
	// Schema is any JSON: an object of primitive properties. [FormOf] makes it from a struct.
	Schema any
}

// Elicited is the user's answer to a form. Content is a JSON object when the user accepted.
type Elicited struct {
	Action  Action         `json:"action"`
	Content jsontext.Value `json:"content"`
}

// FormOf is a form with the fields of T: text, numbers and booleans.
func FormOf[T any](message string) Form {
	return Form{Message: message, Schema: schemaOf(reflect.TypeFor[T](), inForm)}
}

// Elicit asks the user to fill in the fields of the struct that answer points to, and goes on with what was filled in.
// Every question of a call has its own key. Where the question has no answer yet the error is a [Pause]: return it, and
// the call is made again, from its start, with the answer. A user who declines or cancels is [KindDenied].
func (c *Context) Elicit(key, message string, answer any) error {
	shape := reflect.TypeOf(answer)
	if shape == nil || shape.Kind() != reflect.Pointer || shape.Elem().Kind() != reflect.Struct {
		return Failedf("Elicit wants a pointer to a struct, not %v", shape)
	}
	elicited, err := c.ElicitForm(key, Form{Message: message, Schema: schemaOf(shape.Elem(), inForm)})
	switch {
	case err != nil:
		return err
	case elicited.Action == Decline:
		return Deniedf("the user declined")
	case elicited.Action != Accept:
		return Deniedf("the user cancelled")
	}
	if err := decode(elicited.Content, answer); err != nil {
		return misfit(key, err)
	}
	return nil
}

// ElicitForm asks the user with a form, and goes on with what the user did.
func (c *Context) ElicitForm(key string, form Form) (Elicited, error) {
	if !c.call.Client.ElicitationForm {
		return Elicited{}, missing(Capabilities{ElicitationForm: true})
	}
	params := object{{"mode", "form"}, {"message", form.Message}, {"requestedSchema", form.Schema}}
	return ask[Elicited](c, key, AskUser, params)
}

// ElicitURL asks the user to open url, and goes on with what the user did. It is for what must not pass through the
// client, such as a password.
func (c *Context) ElicitURL(key, message, url string) (Action, error) {
	if !c.call.Client.ElicitationURL {
		return "", missing(Capabilities{ElicitationURL: true})
	}
	params := object{{"mode", "url"}, {"message", message}, {"url", url}}
	elicited, err := ask[Elicited](c, key, AskUser, params)
	return elicited.Action, err
}

// Sampling is a request to the client's model. What is zero is left to the client, but for MaxTokens: 1024.
type Sampling struct {
	// Messages are what was said, the last of them by the user.
	Messages []Message
	// System is the system prompt.
	System string
	// MaxTokens is how much the model may write.
	MaxTokens int
	// Params are any other parameters of sampling/createMessage.
	Params map[string]any
}

// Sampled is a model's answer. Content is one block or a list of them, in the protocol's own shape.
type Sampled struct {
	Model      string         `json:"model"`
	StopReason string         `json:"stopReason"`
	Content    jsontext.Value `json:"content"`
}

// Text is the text of all text blocks.
func (s Sampled) Text() string {
	type block struct {
		Text string `json:"text"`
	}
	var blocks []block
	if s.Content.Kind() != '[' {
		blocks = make([]block, 1)
		_ = json.Unmarshal(s.Content, &blocks[0]) // What is no block has no text.
	} else {
		_ = json.Unmarshal(s.Content, &blocks)
	}
	var text strings.Builder
	for _, block := range blocks {
		text.WriteString(block.Text)
	}
	return text.String()
}

// Sample asks the client's model.
func (c *Context) Sample(key string, request Sampling) (Sampled, error) {
	if !c.call.Client.Sampling {
		return Sampled{}, missing(Capabilities{Sampling: true})
	}
	params, err := c.samplingParams(request)
	if err != nil {
		return Sampled{}, err
	}
	return ask[Sampled](c, key, AskModel, params)
}

func (c *Context) samplingParams(request Sampling) (map[string]any, error) {
	params := map[string]any{"maxTokens": defaultMaxTokens}
	var root map[string]jsontext.Value
	if c.call.Sampling != "" {
		if err := json.Unmarshal([]byte(c.call.Sampling), &root); err != nil {
			return nil, err
		}
	}
	for _, name := range rootParameters {
		if value, ok := root[name]; ok {
			params[name] = value
		}
	}
	maps.Copy(params, request.Params)
	if request.System != "" {
		params["systemPrompt"] = request.System
	}
	if request.MaxTokens != 0 {
		params["maxTokens"] = request.MaxTokens
	}
	messages := make([]object, len(request.Messages))
	for i, message := range request.Messages {
		messages[i] = object{{"role", message.Role.String()}, {"content", message.Content.protocol()}}
	}
	params["messages"] = messages
	return params, nil
}

// Folder is one of the user's folders: a file: URI, and its name if it has one.
type Folder struct {
	URI  string `json:"uri"`
	Name string `json:"name"`
}

// Roots asks for the folders that the user works in.
func (c *Context) Roots(key string) ([]Folder, error) {
	if !c.call.Client.Roots {
		return nil, missing(Capabilities{Roots: true})
	}
	reply, err := ask[struct {
		Roots []Folder `json:"roots"`
	}](c, key, AskRoots, object{})
	return reply.Roots, err
}

// ask goes on with the newest answer to key, or ends this round with the question.
func ask[T any](c *Context, key string, kind RequestKind, params any) (answer T, err error) {
	for _, v := range slices.Backward(c.call.Answers) {
		if v.Key != key {
			continue
		}
		if err := json.Unmarshal([]byte(v.Response), &answer); err != nil {
			return answer, misfit(key, err)
		}
		return answer, nil
	}
	text, err := json.Marshal(params, json.Deterministic(true))
	if err != nil {
		return answer, err
	}
	return answer, &Pause{Requests: []Request{{Key: key, Kind: kind, Params: string(text)}}}
}

func misfit(key string, err error) error {
	return &Error{Kind: KindProtocol, Code: invalidParams, Message: "the answer to \"" + key + "\" does not fit: " + err.Error()}
}
