//go:build wasip1

// Package export_bulkhead_plugin_completions is where the generated exports look for what they call. The SDK sets it.
package export_bulkhead_plugin_completions

import (
	"bulkhead/internal/wit/imports/bulkhead_plugin_completions"
	"bulkhead/internal/wit/imports/bulkhead_plugin_types"
	wit "bulkhead/internal/wit/types"
)

// Complete suggests values.
var Complete func(ctx bulkhead_plugin_types.CallContext, ref bulkhead_plugin_completions.Reference, argument, value string, context []wit.Tuple2[string, string]) wit.Result[bulkhead_plugin_completions.Completion, bulkhead_plugin_types.Error]
