package bulkhead

import (
	"encoding/json/jsontext"

	prompt "bulkhead/internal/wit/imports/bulkhead_plugin_prompts"
	resource "bulkhead/internal/wit/imports/bulkhead_plugin_resources"
	tool "bulkhead/internal/wit/imports/bulkhead_plugin_tools"
	types "bulkhead/internal/wit/imports/bulkhead_plugin_types"
	wit "bulkhead/internal/wit/types"
)

func contextOf(given types.CallContext) *Context {
	call := Call{
		ID:              given.CallId,
		Era:             [...]string{"legacy", "modern", "guide"}[given.Era],
		ProtocolVersion: given.ProtocolVersion,
		Client:          capabilities(given.Client),
		Progress:        given.Progress,
		AsTask:          given.AsTask,
		Sampling:        given.Sampling.SomeOr(""),
		State:           given.State.SomeOr(""),
		Meta:            given.Meta.SomeOr(""),
	}
	if given.LogLevel.IsSome() {
		level := Level(given.LogLevel.Some())
		call.LogLevel = &level
	}
	if given.Trace.IsSome() {
		trace := given.Trace.Some()
		call.Trace = &Trace{trace.Traceparent, trace.Tracestate.SomeOr(""), trace.Baggage.SomeOr("")}
	}
	if given.Root.IsSome() {
		root := given.Root.Some()
		call.Root = &Root{root.Id, root.Workspace.SomeOr("")}
	}
	for _, answer := range given.Answers {
		call.Answers = append(call.Answers, Answer(answer))
	}
	return NewContext(call, component{})
}

func capabilities(of types.ClientCapabilities) Capabilities {
	return Capabilities{of.ElicitationForm, of.ElicitationUrl, of.Sampling, of.SamplingTools, of.Roots, of.Tasks}
}

func pauseToWit(pause *Pause, state string) types.InputRequired {
	required := types.InputRequired{State: optional(state)}
	for _, request := range pause.Requests {
		required.Requests = append(required.Requests, types.InputRequest{
			Key: request.Key, Kind: types.InputKind(request.Kind), Params: request.Params,
		})
	}
	return required
}

func errorToWit(err error) types.Error {
	if PauseOf(err) != nil {
		return types.MakeErrorFailed("this operation can ask nothing")
	}
	known := asError(err)
	switch known.Kind {
	case KindInvalid:
		return types.MakeErrorInvalid(known.Message)
	case KindNotFound:
		return types.MakeErrorNotFound(known.Message)
	case KindConflict:
		return types.MakeErrorConflict(known.Message)
	case KindDenied:
		return types.MakeErrorDenied(known.Message)
	case KindMissingCapability:
		need := known.Missing
		return types.MakeErrorMissingCapability(types.ClientCapabilities{
			ElicitationForm: need.ElicitationForm, ElicitationUrl: need.ElicitationURL, Sampling: need.Sampling,
			SamplingTools: need.SamplingTools, Roots: need.Roots, Tasks: need.Tasks,
		})
	case KindProtocol:
		data, err := jsonText(known.Data)
		if err != nil {
			return types.MakeErrorFailed(known.Message)
		}
		return types.MakeErrorProtocol(types.ProtocolError{Code: known.Code, Message: known.Message, Data: optional(data)})
	}
	return types.MakeErrorFailed(known.Message)
}

func toolResultToWit(result *ToolResult, err error) (made tool.ToolResult, _ error) {
	if err != nil {
		return made, err
	}
	structured, err := jsonText(result.Structured)
	if err != nil {
		return made, err
	}
	meta, err := jsonText(result.Meta)
	for _, content := range result.Content {
		made.Content = append(made.Content, contentToWit(content))
	}
	made.Structured, made.IsError, made.Meta = optional(structured), result.IsError, optional(meta)
	return made, err
}

func promptResultToWit(result *PromptResult) (made prompt.PromptResult, err error) {
	meta, err := jsonText(result.Meta)
	made.Description, made.Meta = optional(result.Description), optional(meta)
	for _, message := range result.Messages {
		made.Messages = append(made.Messages, prompt.PromptMessage{
			Role: types.Role(message.Role), Content: contentToWit(message.Content),
		})
	}
	return made, err
}

func readingToWit(uri string, reading *Reading) (made resource.ResourceReading, err error) {
	meta, err := jsonText(reading.Meta)
	if err != nil {
		return made, err
	}
	contentsMeta, err := jsonText(reading.ContentsMeta)
	made.Etag, made.Meta = reading.CurrentEtag(), optional(meta)
	first := Contents{uri, reading.MIMEType, reading.Body, jsontext.Value(contentsMeta)}
	for _, contents := range append([]Contents{first}, reading.More...) {
		made.Contents = append(made.Contents, contentsToWit(contents))
	}
	if cache := reading.Cache; cache != nil {
		hints := types.CacheHints{TtlMs: uint64(max(cache.For.Milliseconds(), 0)), Scope: types.CacheScope_Private}
		if cache.Public {
			hints.Scope = types.CacheScope_Public
		}
		made.Cache = wit.Some(hints)
	}
	return made, err
}

func pageToWit(page *Page) (made resource.ResourcePage) {
	if page == nil {
		return made
	}
	made.Next = optional(page.Next)
	for _, entry := range page.Entries {
		made.Entries = append(made.Entries, resource.ResourceEntry{
			Uri: entry.URI, Name: entry.Name, Title: optional(entry.Title), Description: optional(entry.Description),
			MimeType: optional(entry.MIMEType), Size: pointed(entry.Size),
		})
	}
	return made
}

func contentToWit(content Content) types.ContentBlock {
	block := types.ContentBlock{Content: kindToWit(content), Meta: optional(string(content.Meta))}
	if len(content.Audience) > 0 || content.Priority != nil || content.LastModified != "" {
		hints := types.Annotations{Priority: pointed(content.Priority), LastModified: optional(content.LastModified)}
		for _, role := range content.Audience {
			hints.Audience = append(hints.Audience, types.Role(role))
		}
		block.Annotations = wit.Some(hints)
	}
	return block
}

func kindToWit(content Content) types.Content {
	switch content.Kind {
	case ImageContent:
		return types.MakeContentImage(types.Media{Data: content.Data, MimeType: content.MIMEType})
	case AudioContent:
		return types.MakeContentAudio(types.Media{Data: content.Data, MimeType: content.MIMEType})
	case LinkContent:
		link := content.Link
		return types.MakeContentLink(types.ResourceLink{
			Uri: link.URI, Name: link.Name, Title: optional(link.Title), Description: optional(link.Description),
			MimeType: optional(link.MIMEType), Size: pointed(link.Size),
		})
	case EmbeddedContent:
		return types.MakeContentEmbedded(contentsToWit(content.Embedded))
	}
	return types.MakeContentText(content.Text)
}

func contentsToWit(contents Contents) types.ResourceContents {
	body := types.MakeBodyText(contents.Body.Text)
	if contents.Body.Blob != nil {
		body = types.MakeBodyBlob(contents.Body.Blob)
	}
	return types.ResourceContents{
		Uri: contents.URI, MimeType: optional(contents.MIMEType), Body: body, Meta: optional(string(contents.Meta)),
	}
}

func optional(text string) wit.Option[string] {
	if text == "" {
		return wit.None[string]()
	}
	return wit.Some(text)
}

func pointed[T any](value *T) wit.Option[T] {
	if value == nil {
		return wit.None[T]()
	}
	return wit.Some(*value)
}

func pairs(of []wit.Tuple2[string, string]) map[string]string {
	all := make(map[string]string, len(of))
	for _, pair := range of {
		all[pair.F0] = pair.F1
	}
	return all
}
