package bulkhead

import (
	"context"
	"encoding/json/jsontext"
	"sync"
	"time"
)

// Context is the call that runs now: who makes it, what they can do, and how to reach them meanwhile.
//
// It is a [context.Context] too. A plugin runs on one thread, so nothing can tell it that the caller has given up while
// it computes: [Context.Err] looks, and closes what [Context.Done] gave.
type Context struct {
	call   Call
	host   Host
	memory memory
	done   chan struct{}
	close  sync.Once
}

var _ context.Context = (*Context)(nil)

// NewContext is the context of a call that host runs. Tests get theirs from package bulkheadtest.
func NewContext(given Call, host Host) *Context {
	return &Context{call: given, host: host, done: make(chan struct{})}
}

// Deadline is never known: the host ends a call that takes too long.
func (c *Context) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done is closed once [Context.Err] or [Context.Cancelled] has seen that the caller has given up.
func (c *Context) Done() <-chan struct{} { return c.done }

// Err is [context.Canceled] once the caller has given up.
func (c *Context) Err() error {
	if c.Cancelled() {
		return context.Canceled
	}
	return nil
}

// Value is always nil.
func (c *Context) Value(any) any { return nil }

// Cancelled says whether the caller has given up. The host stops the plugin shortly after in any case; this is for work
// that wants to end tidily.
func (c *Context) Cancelled() bool {
	select {
	case <-c.done:
		return true
	default:
	}
	cancelled := c.host.Cancelled()
	if cancelled {
		c.close.Do(func() { close(c.done) })
	}
	return cancelled
}

// CallID is the host's id of this call, in every log line and record about it.
func (c *Context) CallID() string { return c.call.ID }

// Era is which dialect the client speaks: "legacy", "modern" or "guide". A plugin seldom needs to look.
func (c *Context) Era() string { return c.call.Era }

// ProtocolVersion is the revision spoken, such as 2026-07-28.
func (c *Context) ProtocolVersion() string { return c.call.ProtocolVersion }

// Client is what the client said that it can do.
func (c *Context) Client() Capabilities { return c.call.Client }

// WantsProgress says whether somebody listens for progress.
func (c *Context) WantsProgress() bool { return c.call.Progress }

// AsTask says whether the call runs as a task, so that it may take long.
func (c *Context) AsTask() bool { return c.call.AsTask }

// Trace is the W3C trace context of the request; nil if there is none.
func (c *Context) Trace() *Trace { return c.call.Trace }

// Root is the context tree that the call belongs to; nil if there is none.
func (c *Context) Root() *Root { return c.call.Root }

// Meta is the request's _meta, a JSON object without the protocol's own keys; nil if there is none.
func (c *Context) Meta() jsontext.Value { return value(c.call.Meta) }

// RootSampling is the sampling parameters of the caller's root, a JSON object; nil if there are none.
func (c *Context) RootSampling() jsontext.Value { return value(c.call.Sampling) }

func value(text string) jsontext.Value {
	if text == "" {
		return nil
	}
	return jsontext.Value(text)
}
