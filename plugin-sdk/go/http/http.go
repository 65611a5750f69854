// Package http lets net/http reach the hosts that the operator granted. It is imported for that alone:
//
//	import _ "bulkhead/http"
//
// From then on [net/http.DefaultTransport], and with it http.Get, sends through the host, which decides about every
// request. plugin.toml says which hosts a plugin asks for, and why. In a native test nothing changes: net/http/httptest
// serves what the plugin fetches.
package http
