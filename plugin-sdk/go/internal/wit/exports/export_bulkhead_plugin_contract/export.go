//go:build wasip1

// Package export_bulkhead_plugin_contract is where the generated exports look for what they call. The SDK sets it.
package export_bulkhead_plugin_contract


// Describe tells the contract.
var Describe func() string
