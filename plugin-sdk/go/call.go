package bulkhead

// Call is everything that a call is given. A plugin sees it through a [Context]; a test may fill one in.
type Call struct {
	// ID is the host's id of the call.
	ID string
	// Era is which dialect the client speaks: "legacy", "modern" or "guide".
	Era string
	// ProtocolVersion is the revision spoken, such as 2026-07-28.
	ProtocolVersion string
	// Client is what the client said that it can do.
	Client Capabilities
	// LogLevel is below which lines go nowhere; nil where none are wanted.
	LogLevel *Level
	// Progress says whether somebody listens for progress.
	Progress bool
	// AsTask says whether the call runs as a task.
	AsTask bool
	// Trace is nil when absent.
	Trace *Trace
	// Root is nil when absent.
	Root *Root
	// Sampling is the sampling parameters of the caller's root: a JSON object, empty when absent.
	Sampling string
	// Answers are the client's answers so far, oldest first.
	Answers []Answer
	// State is what the last round kept, empty when there is none.
	State string
	// Meta is the request's _meta: a JSON object, empty when absent.
	Meta string
}

// Capabilities is what a client can do.
type Capabilities struct {
	// ElicitationForm: it shows a form to its user.
	ElicitationForm bool
	// ElicitationURL: it opens a URL for its user.
	ElicitationURL bool
	// Sampling: it runs a model on a plugin's behalf.
	Sampling bool
	// SamplingTools: its model may be handed tools.
	SamplingTools bool
	// Roots: it lists the folders its user works in.
	Roots bool
	// Tasks: it follows long work as a task.
	Tasks bool
}

// names lists what is set, as the contract spells it.
func (c Capabilities) names() []string {
	var names []string
	for _, one := range []struct {
		set  bool
		name string
	}{
		{c.ElicitationForm, "elicitation.form"},
		{c.ElicitationURL, "elicitation.url"},
		{c.Sampling, "sampling"},
		{c.SamplingTools, "sampling.tools"},
		{c.Roots, "roots"},
		{c.Tasks, "tasks"},
	} {
		if one.set {
			names = append(names, one.name)
		}
	}
	return names
}

// Trace is the W3C trace context of a request. Tracestate and Baggage are empty when absent.
type Trace struct{ Traceparent, Tracestate, Baggage string }

// Root is the context tree that a call belongs to. Workspace is the guest path of its own folder, empty unless the
// operator granted one.
type Root struct{ ID, Workspace string }

// Answer is the client's result for an earlier [Request] of that key, as JSON text.
type Answer struct{ Key, Response string }

// Host is who runs a call: a server, or a test.
type Host interface {
	// Progress is called only where somebody listens. What is nil is absent.
	Progress(progress float64, total *float64, message *string)
	// Log takes JSON text, at a level that is wanted.
	Log(level Level, logger, data string)
	Cancelled() bool
	ResourceUpdated(uri string)
	ResourcesChanged()
	SetVisible(kind Visible, name string, visible bool) error
	TaskStatus(message string)
	CloseStream(retryMillis *uint32)
	Config(key string) (value string, ok bool, err error)
	AllConfig() (map[string]string, error)
	OpenKV() (KV, error)
}
