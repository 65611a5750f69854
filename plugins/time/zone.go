package main

import (
	_ "embed"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // There are no files where this runs.

	"bulkhead"
)

// maxSuggestions is how many names an error offers.
const maxSuggestions = 5

// names are the zones that time/tzdata knows, sorted.
//
//go:embed zones.txt
var names string

// zoneOf is the zone of an IANA name, in whatever case it is written. An empty name is UTC.
func zoneOf(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	known, ok := canonical(name)
	if !ok {
		return nil, unknown(name)
	}
	return time.LoadLocation(known)
}

func canonical(name string) (string, bool) {
	for known := range strings.Lines(names) {
		if known = strings.TrimSuffix(known, "\n"); strings.EqualFold(known, name) {
			return known, true
		}
	}
	return "", false
}

func unknown(name string) error {
	if close := matching(name); len(close) > 0 {
		close = close[:min(len(close), maxSuggestions)]
		return bulkhead.Invalidf("there is no time zone %q; there are: %s", name, strings.Join(close, ", "))
	}
	return bulkhead.Invalidf("there is no time zone %q: expected an IANA name such as Europe/Berlin; `zones` finds them", name)
}

// matching lists the zones whose names hold all words of a search, those first whose city begins with it.
func matching(search string) []string {
	words := strings.FieldsFunc(strings.ToLower(search), func(r rune) bool { return r == ' ' || r == '_' || r == '/' || r == ',' })
	var found []string
	for known := range strings.Lines(names) {
		known = strings.TrimSuffix(known, "\n")
		lower := strings.ToLower(known)
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(lower, word) }) {
			found = append(found, known)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return rank(a, words) - rank(b, words) })
	return found
}

func rank(name string, words []string) int {
	city := strings.ToLower(name[strings.LastIndex(name, "/")+1:])
	if len(words) > 0 && strings.HasPrefix(city, words[0]) {
		return 0
	}
	return 1
}
