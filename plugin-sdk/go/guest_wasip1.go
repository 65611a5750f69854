package bulkhead

import (
	completionswit "bulkhead/internal/wit/exports/export_bulkhead_plugin_completions"
	contractwit "bulkhead/internal/wit/exports/export_bulkhead_plugin_contract"
	promptswit "bulkhead/internal/wit/exports/export_bulkhead_plugin_prompts"
	resourceswit "bulkhead/internal/wit/exports/export_bulkhead_plugin_resources"
	toolswit "bulkhead/internal/wit/exports/export_bulkhead_plugin_tools"
	_ "bulkhead/internal/wit/exports/wit_exports"
	completion "bulkhead/internal/wit/imports/bulkhead_plugin_completions"
	prompt "bulkhead/internal/wit/imports/bulkhead_plugin_prompts"
	resource "bulkhead/internal/wit/imports/bulkhead_plugin_resources"
	tool "bulkhead/internal/wit/imports/bulkhead_plugin_tools"
	types "bulkhead/internal/wit/imports/bulkhead_plugin_types"
	wit "bulkhead/internal/wit/types"
)

func init() {
	contractwit.Describe = Contract
	toolswit.Call = callTool
	promptswit.Get = getPrompt
	resourceswit.List = listResources
	resourceswit.Read = readResource
	resourceswit.Write = writeResource
	completionswit.Complete = complete
}

func callTool(given types.CallContext, name, arguments string) wit.Result[tool.ToolReply, types.Error] {
	ctx := contextOf(given)
	result, err := CallTool(ctx, name, arguments)
	if pause := PauseOf(err); pause != nil {
		state, err := ctx.SealedState()
		switch {
		case err != nil:
			return wit.Err[tool.ToolReply](errorToWit(err))
		case len(pause.Requests) == 0:
			return wit.Ok[tool.ToolReply, types.Error](tool.MakeToolReplyBecomeTask(optional(state)))
		}
		return wit.Ok[tool.ToolReply, types.Error](tool.MakeToolReplyInputRequired(pauseToWit(pause, state)))
	}
	done, err := toolResultToWit(result, err)
	if err != nil {
		return wit.Err[tool.ToolReply](errorToWit(err))
	}
	return wit.Ok[tool.ToolReply, types.Error](tool.MakeToolReplyDone(done))
}

func getPrompt(given types.CallContext, name string, arguments []wit.Tuple2[string, string]) wit.Result[prompt.PromptReply, types.Error] {
	ctx := contextOf(given)
	result, err := GetPrompt(ctx, name, pairs(arguments))
	if required, err := inputRequired(ctx, err); err != nil {
		return wit.Err[prompt.PromptReply](errorToWit(err))
	} else if required != nil {
		return wit.Ok[prompt.PromptReply, types.Error](prompt.MakePromptReplyInputRequired(*required))
	}
	done, err := promptResultToWit(result)
	if err != nil {
		return wit.Err[prompt.PromptReply](errorToWit(err))
	}
	return wit.Ok[prompt.PromptReply, types.Error](prompt.MakePromptReplyDone(done))
}

func listResources(given types.CallContext, cursor wit.Option[string]) wit.Result[resource.ResourcePage, types.Error] {
	page, err := ListResources(contextOf(given), cursor.SomeOr(""))
	if err != nil {
		return wit.Err[resource.ResourcePage](errorToWit(err))
	}
	return wit.Ok[resource.ResourcePage, types.Error](pageToWit(page))
}

func readResource(given types.CallContext, uri string) wit.Result[resource.ReadReply, types.Error] {
	ctx := contextOf(given)
	reading, err := ReadResource(ctx, uri)
	if required, err := inputRequired(ctx, err); err != nil {
		return wit.Err[resource.ReadReply](errorToWit(err))
	} else if required != nil {
		return wit.Ok[resource.ReadReply, types.Error](resource.MakeReadReplyInputRequired(*required))
	}
	done, err := readingToWit(uri, reading)
	if err != nil {
		return wit.Err[resource.ReadReply](errorToWit(err))
	}
	return wit.Ok[resource.ReadReply, types.Error](resource.MakeReadReplyDone(done))
}

func writeResource(given types.CallContext, uri string, contents types.Body, ifMatch wit.Option[string]) wit.Result[string, types.Error] {
	var body Body
	if contents.Tag() == types.Body_Blob {
		body.Blob = append([]byte{}, contents.Blob()...)
	} else {
		body.Text = contents.Text()
	}
	etag, err := WriteResource(contextOf(given), uri, body, ifMatch.SomeOr(""))
	if err != nil {
		return wit.Err[string](errorToWit(err))
	}
	return wit.Ok[string, types.Error](etag)
}

func complete(given types.CallContext, ref completion.Reference, argument, typed string, filled []wit.Tuple2[string, string]) wit.Result[completion.Completion, types.Error] {
	reference := ""
	if ref.Tag() == completion.Reference_Prompt {
		reference = ref.Prompt()
	} else {
		reference = ref.Resource()
	}
	suggested, err := Complete(contextOf(given), reference, argument, typed, pairs(filled))
	if err != nil {
		return wit.Err[completion.Completion](errorToWit(err))
	}
	return wit.Ok[completion.Completion, types.Error](completion.Completion{
		Values: suggested.Values, Total: pointed(suggested.Total), HasMore: suggested.HasMore,
	})
}

// inputRequired is what a pause asks for; the error is what ends the call otherwise.
func inputRequired(ctx *Context, err error) (*types.InputRequired, error) {
	pause := PauseOf(err)
	if pause == nil {
		return nil, err
	}
	if len(pause.Requests) == 0 {
		return nil, Failedf("only a tool can become a task")
	}
	state, err := ctx.SealedState()
	if err != nil {
		return nil, err
	}
	required := pauseToWit(pause, state)
	return &required, nil
}
