// Package bulkhead writes a Bulkhead plugin in Go: a struct for the arguments and a plain function.
//
//	type Greet struct {
//		Name string `json:"name" doc:"Who is greeted." jsonschema:"minLength=1"`
//	}
//
//	func greet(ctx *bulkhead.Context, in Greet) (string, error) {
//		return "Hello, " + in.Name + ".", nil
//	}
//
//	func init() {
//		bulkhead.Tool("greet", "Greets somebody by name.", greet).ReadOnly()
//	}
//
//	func main() {}
//
// That is a complete plugin. A plugin has no main of its own: what it offers is registered while the program
// initialises, by [Tool], [Resource], [Template], [Scheme], [List] and [Prompt], and a host then calls it. Every call
// gets a fresh instance, so that no variable outlives a call; what must outlive it goes to [Context.KV].
//
// A registration that makes no sense, such as two tools of one name or a tag that cannot be read, panics and names
// what is wrong.
//
// Package bulkhead/bulkheadtest runs all of it natively, without a host. Package bulkhead/http, imported for its side
// effect, lets net/http reach the hosts that the operator granted.
package bulkhead
