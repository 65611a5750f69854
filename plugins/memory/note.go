package main

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bulkhead"
)

const (
	// maxTextBytes is the longest note.
	maxTextBytes = 8 << 10
	// maxNameBytes is the longest name.
	maxNameBytes = 64
	// maxNotes is how many one caller may keep.
	maxNotes = 500
	// maxTags and maxTagBytes bound what a note is filed under.
	maxTags, maxTagBytes = 10, 32
)

// Note is a note as it is kept.
type Note struct {
	Text    string    `json:"text"`
	Tags    []string  `json:"tags"`
	Version uint64    `json:"version"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// clock is what tells the time. Tests set it.
var clock = time.Now

func checkName(name string) error {
	if !isName(name) {
		return bulkhead.Invalidf("%q is no name of a note: expected 1 to 64 of a-z, 0-9, `.`, `_` and `-`, "+
			"a letter or digit first", shortened(name))
	}
	return nil
}

func isName(name string) bool {
	if name == "" || len(name) > maxNameBytes || strings.ContainsRune("._-", rune(name[0])) {
		return false
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

func checkText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return bulkhead.Invalidf("the note is empty")
	case len(text) > maxTextBytes:
		return bulkhead.Invalidf("the note has %d bytes, and %d is the most: keep it in parts", len(text), maxTextBytes)
	case !utf8.ValidString(text), strings.ContainsFunc(text, isControl):
		return bulkhead.Invalidf("the note is not plain text: it holds control characters")
	}
	return nil
}

func isControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }

func checkTags(tags []string) error {
	if len(tags) > maxTags {
		return bulkhead.Invalidf("%d tags are too many: expected at most %d", len(tags), maxTags)
	}
	for _, tag := range tags {
		if tag == "" || len(tag) > maxTagBytes || strings.ContainsFunc(tag, isControl) {
			return bulkhead.Invalidf("%q is no tag: expected 1 to %d bytes of text", shortened(tag), maxTagBytes)
		}
	}
	return nil
}

func shortened(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func uriOf(name string) string { return "memory://notes/" + name }
