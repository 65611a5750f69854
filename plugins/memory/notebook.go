package main

import (
	"encoding/json/v2"
	"strconv"
	"strings"

	"bulkhead"
)

// Keys of the store: notes by their names, claims by name and version, and the number of the last version.
const (
	noteKey    = "note/"
	claimKey   = "claim/"
	versionKey = "version"
)

// notebook is the notes of the caller.
type notebook struct{ kv bulkhead.KV }

func open(ctx *bulkhead.Context) (notebook, error) {
	kv, err := ctx.KV()
	return notebook{kv}, err
}

// find is the note of that name, and nil if there is none.
func (n notebook) find(name string) (*Note, error) {
	text, ok, err := n.kv.Get(noteKey + name)
	if err != nil || !ok {
		return nil, err
	}
	note := new(Note)
	if err := json.Unmarshal(text, note); err != nil {
		return nil, bulkhead.Failedf("the note %q cannot be read back: forget it and write it anew", name)
	}
	return note, nil
}

// names lists all notes, in the order of the store.
func (n notebook) names() ([]string, error) {
	keys, err := n.kv.Keys()
	var names []string
	for _, key := range keys {
		if name, ok := strings.CutPrefix(key, noteKey); ok {
			names = append(names, name)
		}
	}
	return names, err
}

// change replaces the note of that name by what edit makes of it; nil stands for none, before and after. Of two calls
// that change the same version one has its way, and the other is a conflict: both count on a claim to the version, and
// the first looks again whether it is still the newest.
func (n notebook) change(name string, edit func(*Note) (*Note, error)) error {
	before, err := n.find(name)
	if err != nil {
		return err
	}
	after, err := edit(before)
	if err != nil {
		return err
	}
	claim := claimKey + name + "/" + strconv.FormatUint(versionOf(before), 10)
	claims, err := n.kv.Increment(claim, 1)
	if err != nil {
		return err
	}
	if claims != 1 {
		return bulkhead.Conflictf("the note %q is being changed by another call: read it again (if it stays so, forget it)", name)
	}
	return firstOf(n.replace(name, before, after), n.kv.Delete(claim))
}

// replace writes the note, by whoever holds the claim to the version before.
func (n notebook) replace(name string, before, after *Note) error {
	now, err := n.find(name)
	switch {
	case err != nil:
		return err
	case versionOf(now) != versionOf(before):
		return bulkhead.Conflictf("the note %q has changed meanwhile: read it again", name)
	case after == nil:
		return n.kv.Delete(noteKey + name)
	}
	if after.Version, err = n.kv.Increment(versionKey, 1); err != nil {
		return err
	}
	text, err := json.Marshal(after)
	if err != nil {
		return err
	}
	return n.kv.Set(noteKey+name, text)
}

// forget deletes the note and whatever claims a call that was stopped has left.
func (n notebook) forget(name string) (bool, error) {
	existed, err := n.kv.Exists(noteKey + name)
	if err != nil {
		return false, err
	}
	keys, err := n.kv.Keys()
	if err != nil {
		return false, err
	}
	for _, key := range keys {
		if strings.HasPrefix(key, claimKey+name+"/") {
			err = firstOf(err, n.kv.Delete(key))
		}
	}
	return existed, firstOf(err, n.kv.Delete(noteKey+name))
}

func versionOf(note *Note) uint64 {
	if note == nil {
		return 0
	}
	return note.Version
}

// etagOf is the etag of a note, and empty for none.
func etagOf(note *Note) string {
	if note == nil {
		return ""
	}
	return strconv.FormatUint(note.Version, 10)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
