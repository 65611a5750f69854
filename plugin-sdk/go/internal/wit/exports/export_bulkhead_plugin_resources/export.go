//go:build wasip1

// Package export_bulkhead_plugin_resources is where the generated exports look for what they call. The SDK sets it.
package export_bulkhead_plugin_resources

import (
	"bulkhead/internal/wit/imports/bulkhead_plugin_resources"
	"bulkhead/internal/wit/imports/bulkhead_plugin_types"
	wit "bulkhead/internal/wit/types"
)

// List lists dynamic resources.
var List func(ctx bulkhead_plugin_types.CallContext, cursor wit.Option[string]) wit.Result[bulkhead_plugin_resources.ResourcePage, bulkhead_plugin_types.Error]

// Read reads a resource.
var Read func(ctx bulkhead_plugin_types.CallContext, uri string) wit.Result[bulkhead_plugin_resources.ReadReply, bulkhead_plugin_types.Error]

// Write writes a resource.
var Write func(ctx bulkhead_plugin_types.CallContext, uri string, contents bulkhead_plugin_types.Body, ifMatch wit.Option[string]) wit.Result[string, bulkhead_plugin_types.Error]
