package bulkhead

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// match reads the variables of uri, percent-decoded, if it fits a URI template: {name} stands for one path segment's
// worth of text, {+name} for the rest of a path with its slashes.
func match(template, uri string) (map[string]string, bool) {
	literal, rest, more := strings.Cut(template, "{")
	if !more {
		return map[string]string{}, template == uri
	}
	uri, fits := strings.CutPrefix(uri, literal)
	name, rest, closed := strings.Cut(rest, "}")
	if !fits || !closed {
		return nil, false
	}
	name, slashes := strings.CutPrefix(name, "+")
	return matchVariable(name, rest, uri, widest(uri, slashes))
}

// widest is how much of uri a variable may take.
func widest(uri string, slashes bool) int {
	if end := strings.IndexAny(uri, "/?#"); end >= 0 && !slashes {
		return end
	}
	return len(uri)
}

// matchVariable tries the longest value first, so that {+path}.txt takes every dot but the last.
func matchVariable(name, rest, uri string, widest int) (map[string]string, bool) {
	for end := widest; end > 0; end-- {
		value, err := url.PathUnescape(uri[:end])
		if err == nil && utf8.ValidString(value) {
			if variables, ok := match(rest, uri[end:]); ok {
				variables[name] = value
				return variables, true
			}
		}
		if rest == "" {
			break
		}
	}
	return nil, false
}
