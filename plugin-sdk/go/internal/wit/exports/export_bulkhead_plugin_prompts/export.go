//go:build wasip1

// Package export_bulkhead_plugin_prompts is where the generated exports look for what they call. The SDK sets it.
package export_bulkhead_plugin_prompts

import (
	"bulkhead/internal/wit/imports/bulkhead_plugin_prompts"
	"bulkhead/internal/wit/imports/bulkhead_plugin_types"
	wit "bulkhead/internal/wit/types"
)

// Get fills a prompt.
var Get func(ctx bulkhead_plugin_types.CallContext, name string, arguments []wit.Tuple2[string, string]) wit.Result[bulkhead_plugin_prompts.PromptReply, bulkhead_plugin_types.Error]
