package main

import (
	"slices"
	"strings"

	"bulkhead"
)

// pageEntries is how many notes one page of the resource listing has.
const pageEntries = 100

// At is which note.
type At struct {
	Name string `json:"name"`
}

func readNote(ctx *bulkhead.Context, at At) (*bulkhead.Reading, error) {
	notes, err := open(ctx)
	if err != nil {
		return nil, err
	}
	if checkName(at.Name) != nil {
		return nil, missing(at.Name)
	}
	note, err := notes.find(at.Name)
	if err != nil {
		return nil, err
	}
	if note == nil {
		return nil, missing(at.Name)
	}
	return &bulkhead.Reading{
		Body: bulkhead.Body{Text: note.Text},
		Etag: etagOf(note),
		// A model that reads it is told whose words these are.
		ContentsMeta: map[string]any{"author": "user", "notice": notice, "tags": note.Tags},
	}, nil
}

func missing(name string) error {
	return bulkhead.NotFoundf("there is no note %q", shortened(name))
}

// writeNote writes text, and keeps the tags.
func writeNote(ctx *bulkhead.Context, at At, body bulkhead.Body, ifMatch string) (string, error) {
	if body.Blob != nil {
		return "", bulkhead.Invalidf("a note is text, not bytes")
	}
	notes, err := open(ctx)
	if err != nil {
		return "", err
	}
	kept, err := notes.keep(ctx, at.Name, func(before *Note) (*Note, error) {
		if err := bulkhead.CheckIfMatch(ifMatch, etagOf(before)); err != nil {
			return nil, err
		}
		note := &Note{Text: body.Text}
		if before != nil {
			note.Tags = before.Tags
		}
		return note, nil
	})
	return kept.Etag, err
}

// listNotes lists the notes by their names, a page at a time: the cursor is the last name of the page before.
func listNotes(ctx *bulkhead.Context, cursor string) (*bulkhead.Page, error) {
	notes, err := open(ctx)
	if bulkhead.KindOf(err) == bulkhead.KindDenied && err != nil {
		return &bulkhead.Page{}, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := notes.names()
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	from, found := slices.BinarySearch(names, cursor)
	if found {
		from++
	}
	page := &bulkhead.Page{}
	to := min(from+pageEntries, len(names))
	for _, name := range names[from:to] {
		page.Entries = append(page.Entries, bulkhead.Entry{URI: uriOf(name), Name: name, MIMEType: "text/plain"})
	}
	if to < len(names) {
		page.Next = names[to-1]
	}
	return page, nil
}

func noteNames(ctx *bulkhead.Context, typed string, _ map[string]string) (*bulkhead.Completion, error) {
	notes, err := open(ctx)
	if err != nil {
		return nil, err
	}
	names, err := notes.names()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(names, strings.Compare)
	return bulkhead.Starting(typed, names...), nil
}
