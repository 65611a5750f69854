//go:build wasip1

package runtime

// resume is what a module that was initialised while it was built has to run in the place of `_initialize`: the adapter
// for WASI's first preview sets itself up at its first call, with memory that it asks for through `cabi_realloc`, and that
// must not come from Go's collector, which calls the adapter.
//
//go:wasmexport bulkhead_resume
func resume() {
	useGCAllocations = false
	adapterMonotonicClockSetPaused(false)
	useGCAllocations = true
}
