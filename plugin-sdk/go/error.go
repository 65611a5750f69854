package bulkhead

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Kind says why a plugin did not answer.
type Kind uint8

const (
	// KindFailed is an error that says nothing else: it was tried and failed.
	KindFailed Kind = iota
	// KindInvalid says that the arguments make no sense.
	KindInvalid
	// KindNotFound says that there is no such thing here.
	KindNotFound
	// KindConflict says that the if-match of a write is not the current etag.
	KindConflict
	// KindDenied says that the plugin, its host or the user refuses.
	KindDenied
	// KindMissingCapability says that the client lacks what this needs.
	KindMissingCapability
	// KindProtocol is an answer in the protocol's own terms.
	KindProtocol
)

// Error is an error of a known kind. Any other error that a plugin's function returns counts as [KindFailed], but for
// those that are [fs.ErrNotExist] or [fs.ErrPermission].
type Error struct {
	Kind    Kind
	Message string
	// Missing is what the client lacks, of [KindMissingCapability].
	Missing Capabilities
	// Code is the JSON-RPC code, of [KindProtocol]: outside -32768 to -32000, or -32602 or -32603.
	Code int32
	// Data is any JSON value, of [KindProtocol].
	Data any
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Invalidf says what was expected of the arguments.
func Invalidf(format string, args ...any) error { return errorf(KindInvalid, format, args) }

// NotFoundf says what there is not.
func NotFoundf(format string, args ...any) error { return errorf(KindNotFound, format, args) }

// Conflictf says why a write does not match.
func Conflictf(format string, args ...any) error { return errorf(KindConflict, format, args) }

// Deniedf says what is refused.
func Deniedf(format string, args ...any) error { return errorf(KindDenied, format, args) }

// Failedf says what was tried and failed.
func Failedf(format string, args ...any) error { return errorf(KindFailed, format, args) }

func errorf(kind Kind, format string, args []any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// KindOf is the kind of an error.
func KindOf(err error) Kind {
	if known, ok := errors.AsType[*Error](err); ok {
		return known.Kind
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return KindNotFound
	case errors.Is(err, fs.ErrPermission):
		return KindDenied
	}
	return KindFailed
}

// asError keeps the whole text of an error that wraps a known one.
func asError(err error) *Error {
	whole := Error{}
	if known, ok := errors.AsType[*Error](err); ok {
		whole = *known
	}
	whole.Kind, whole.Message = KindOf(err), err.Error()
	return &whole
}

func missing(need Capabilities) error {
	return &Error{
		Kind:    KindMissingCapability,
		Message: "the client cannot do this: it lacks " + strings.Join(need.names(), ", "),
		Missing: need,
	}
}

// Pause is no failure: the call stops here, and is made again with the answers, or as a task. Functions return it as
// they return any error; [errors.Join] of several asks several things at once.
type Pause struct {
	// Requests is what is asked of the client.
	Requests []Request
	// Task says that the call goes on as a task.
	Task bool
}

// Request is one question to the client.
type Request struct {
	Key  string
	Kind RequestKind
	// Params is a JSON object, in the protocol's own shape.
	Params string
}

// RequestKind is what is asked of the client.
type RequestKind uint8

const (
	// AskUser is elicitation/create.
	AskUser RequestKind = iota
	// AskModel is sampling/createMessage.
	AskModel
	// AskRoots is roots/list.
	AskRoots
)

// Error names the questions.
func (p *Pause) Error() string {
	if p.Task {
		return "goes on as a task"
	}
	keys := make([]string, len(p.Requests))
	for i, request := range p.Requests {
		keys[i] = request.Key
	}
	return "waits for answers to: " + strings.Join(keys, ", ")
}

// PauseOf collects every pause in err. It is nil if there is none, or a failure beside them.
func PauseOf(err error) *Pause {
	var all Pause
	if !all.collect(err) {
		return nil
	}
	return &all
}

func (p *Pause) collect(err error) bool {
	switch err := err.(type) {
	case *Pause:
		p.Requests = append(p.Requests, err.Requests...)
		p.Task = p.Task || err.Task
		return true
	case interface{ Unwrap() error }:
		return p.collect(err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range err.Unwrap() {
			if !p.collect(one) {
				return false
			}
		}
		return true
	}
	return false
}
