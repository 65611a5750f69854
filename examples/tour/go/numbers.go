package main

import (
	"fmt"
	"strconv"

	"bulkhead"
)

// Add is what is added.
type Add struct {
	A int64 `json:"a"`
	B int64 `json:"b"`
}

// Sum is what comes out.
type Sum struct {
	Sum int64 `json:"sum"`
}

func add(_ *bulkhead.Context, in Add) (Sum, error) {
	sum := in.A + in.B
	if (sum > in.A) != (in.B > 0) {
		return Sum{}, bulkhead.Invalidf("the sum does not fit into 64 bits")
	}
	return Sum{sum}, nil
}

// Count is how far to count.
type Count struct {
	To int `json:"to" doc:"How far." jsonschema:"minimum=1,maximum=100"`
}

func count(ctx *bulkhead.Context, in Count) (int, error) {
	for k := 1; k <= in.To; k++ {
		if ctx.Cancelled() {
			return 0, bulkhead.Failedf("stopped before %d: the caller gave up", k)
		}
		ctx.Progress(float64(k), float64(in.To), strconv.Itoa(k))
	}
	ctx.Log(bulkhead.Info, fmt.Sprintf("counted to %d", in.To))
	return in.To, nil
}
