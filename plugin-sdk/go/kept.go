package bulkhead

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
)

// maxStateBytes is the largest state that a host takes; a client has to carry it.
const maxStateBytes = 12 << 10

// memory is what a call keeps between its rounds.
type memory struct {
	read bool
	kept kept
}

type kept struct {
	Once  map[string]jsontext.Value `json:"once,omitempty"`
	State jsontext.Value            `json:"state,omitempty"`
}

// Once runs effect in the first round of the call only; later rounds get what it gave then.
//
// A call that asks something is made again from its start with the answer, so an effect that comes before a question
// belongs in here. Its result is kept as JSON: keep it small.
func Once[T any](ctx *Context, key string, effect func() (T, error)) (T, error) {
	var result T
	kept, err := ctx.remembered()
	if err != nil {
		return result, err
	}
	if before, ok := kept.Once[key]; ok {
		return result, json.Unmarshal(before, &result)
	}
	if result, err = effect(); err != nil {
		return result, err
	}
	text, err := json.Marshal(result)
	if err != nil {
		return result, err
	}
	if kept.Once == nil {
		kept.Once = map[string]jsontext.Value{}
	}
	kept.Once[key] = text
	return result, nil
}

// State reads into value what an earlier round of this call kept, and says whether there was anything.
func (c *Context) State(value any) (bool, error) {
	kept, err := c.remembered()
	if err != nil || len(kept.State) == 0 {
		return false, err
	}
	return true, json.Unmarshal(kept.State, value)
}

// SetState keeps value for the next round of this call. The host seals it, so that a client can neither read nor alter
// it.
func (c *Context) SetState(value any) error {
	kept, err := c.remembered()
	if err != nil {
		return err
	}
	kept.State, err = json.Marshal(value)
	return err
}

// BecomeTask goes on as a task: it is nil in a call that runs as one, and otherwise ends this round, so return what it
// gives. A client that follows no tasks lacks a capability; look at [Context.Client] where the work can also be done
// directly.
func (c *Context) BecomeTask() error {
	switch {
	case c.call.AsTask:
		return nil
	case c.call.Client.Tasks:
		return &Pause{Task: true}
	}
	return missing(Capabilities{Tasks: true})
}

func (c *Context) remembered() (*kept, error) {
	if !c.memory.read && c.call.State != "" {
		if err := json.Unmarshal([]byte(c.call.State), &c.memory.kept); err != nil {
			return nil, Failedf("the state of this call was not made by this plugin")
		}
	}
	c.memory.read = true
	return &c.memory.kept, nil
}

// SealedState is the state for the next round; empty if there is none. It is for package bulkheadtest.
func (c *Context) SealedState() (string, error) {
	if !c.memory.read {
		return c.call.State, nil
	}
	if len(c.memory.kept.Once) == 0 && len(c.memory.kept.State) == 0 {
		return "", nil
	}
	text, err := json.Marshal(c.memory.kept, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	if len(text) > maxStateBytes {
		return "", Failedf("this call keeps %d bytes between its rounds, and %d is the most", len(text), maxStateBytes)
	}
	return string(text), nil
}
