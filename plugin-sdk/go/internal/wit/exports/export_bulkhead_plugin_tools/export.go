//go:build wasip1

// Package export_bulkhead_plugin_tools is where the generated exports look for what they call. The SDK sets it.
package export_bulkhead_plugin_tools

import (
	"bulkhead/internal/wit/imports/bulkhead_plugin_tools"
	"bulkhead/internal/wit/imports/bulkhead_plugin_types"
	wit "bulkhead/internal/wit/types"
)

// Call runs a tool.
var Call func(ctx bulkhead_plugin_types.CallContext, name, arguments string) wit.Result[bulkhead_plugin_tools.ToolReply, bulkhead_plugin_types.Error]
