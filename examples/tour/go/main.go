// The tour: one of everything that a plugin may offer, the same in every language.
package main

import (
	"bulkhead"
	_ "bulkhead/http"
)

func init() {
	bulkhead.Tool("greet", "Greets somebody by name.", greet).ReadOnly()
	bulkhead.Tool("add", "Adds two numbers.", add)
	bulkhead.Tool("count", "Counts, and reports each number on the way.", count)
	bulkhead.Tool("ask", "Asks who is there, and greets them.", ask)
	bulkhead.Tool("title", "Fetches a page and tells its title.", title).OpenWorld(true)
	bulkhead.Tool("fail", "Fails, in a way that a model can read.", fail)

	bulkhead.Resource("tour://facts", "facts", "How long the tour is.", facts).MIMEType("text/plain")
	bulkhead.Template("tour://stops/{n}", "stop", "One stop of the tour.", stop).MIMEType("text/plain")
	bulkhead.Prompt("introduce", "Asks a model to introduce somebody.", introduce).Complete("tone", tones)
}

func main() {}
