package bulkhead

import (
	"encoding/json/v2"
	"math"
	"time"
)

// Level is how severe a log line is, after RFC 5424.
type Level uint8

// The levels, least severe first.
const (
	Debug Level = iota
	Info
	Notice
	Warning
	LevelError
	Critical
	Alert
	Emergency
)

// Progress says how far the call is, of how much (0 if that is unknown), and in words unless they are empty. Progress
// must rise; the host drops what does not, and passes on at most a few reports a second.
func (c *Context) Progress(progress, total float64, message string) {
	if !c.call.Progress {
		return
	}
	var of *float64
	if total != 0 {
		of = &total
	}
	c.host.Progress(progress, of, given(message))
}

// Log is a line for the caller: text, or anything that is JSON. It costs nothing below the call's level.
func (c *Context) Log(level Level, data any) { c.LogAs("", level, data) }

// LogAs is a line for the caller, from the part of the plugin that is named logger.
func (c *Context) LogAs(logger string, level Level, data any) {
	if c.call.LogLevel == nil || level < *c.call.LogLevel {
		return
	}
	text, err := json.Marshal(data, json.Deterministic(true))
	if err != nil {
		return // What is no JSON is no line.
	}
	c.host.Log(level, logger, string(text))
}

// ResourceUpdated says that one of the plugin's resources has changed.
func (c *Context) ResourceUpdated(uri string) { c.host.ResourceUpdated(uri) }

// ResourcesChanged says that what [List] lists has changed.
func (c *Context) ResourcesChanged() { c.host.ResourcesChanged() }

// Visible is what [Context.SetVisible] hides.
type Visible uint8

// What can be hidden.
const (
	VisibleTool Visible = iota
	VisiblePrompt
	VisibleResource
)

// SetVisible hides an item from listings and calls, or shows it again.
func (c *Context) SetVisible(kind Visible, name string, visible bool) error {
	return c.host.SetVisible(kind, name, visible)
}

// TaskStatus is one line for whoever watches the task.
func (c *Context) TaskStatus(message string) { c.host.TaskStatus(message) }

// CloseStream closes the connection that carries this call's events while the call goes on; the client comes back for
// the answer after retry, or when it likes if that is 0. It does nothing where the client's revision cannot resume.
func (c *Context) CloseStream(retry time.Duration) {
	if retry <= 0 {
		c.host.CloseStream(nil)
		return
	}
	millis := uint32(min(retry.Milliseconds(), math.MaxUint32))
	c.host.CloseStream(&millis)
}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
