package main

import (
	"fmt"
	"strconv"

	"bulkhead"
)

const stops = 5

func facts(*bulkhead.Context) (string, error) { return "The tour has five stops.", nil }

// At is which stop.
type At struct {
	N string `json:"n"`
}

func stop(_ *bulkhead.Context, at At) (string, error) {
	n, err := strconv.Atoi(at.N)
	if err != nil || n < 1 || n > stops {
		return "", bulkhead.NotFoundf("there is no stop %s: they are 1 to %d", at.N, stops)
	}
	return fmt.Sprintf("Stop %d of %d.", n, stops), nil
}
