package main

import (
	"errors"
	"fmt"

	"bulkhead"
)

// Greet is who is greeted, and how.
type Greet struct {
	Name    string `json:"name" doc:"Who is greeted." jsonschema:"minLength=1"`
	Excited bool   `json:"excited" doc:"Whether to shout." jsonschema:"default=false"`
}

func greet(_ *bulkhead.Context, in Greet) (string, error) {
	if in.Excited {
		return "Hello, " + in.Name + "!", nil
	}
	return "Hello, " + in.Name + ".", nil
}

// Who is what the user fills in.
type Who struct {
	Name string `json:"name" doc:"Your name"`
}

func ask(ctx *bulkhead.Context, _ bulkhead.None) (string, error) {
	var who Who
	err := ctx.Elicit("who", "Who are you?", &who)
	switch {
	case err == nil:
		return "Hello, " + who.Name + ".", nil
	case bulkhead.KindOf(err) == bulkhead.KindDenied:
		return "Nobody.", nil
	}
	return "", err
}

func fail(*bulkhead.Context, bulkhead.None) (string, error) {
	return "", errors.New("this tool always fails")
}

// Introduce is who is introduced, and how.
type Introduce struct {
	Name string `json:"name" doc:"Who is introduced."`
	Tone string `json:"tone" doc:"How it should sound; friendly if left out." jsonschema:"default=friendly"`
}

func introduce(_ *bulkhead.Context, in Introduce) (string, error) {
	return fmt.Sprintf("Introduce %s in a %s way.", in.Name, in.Tone), nil
}

func tones(_ *bulkhead.Context, typed string, _ map[string]string) (*bulkhead.Completion, error) {
	return bulkhead.Starting(typed, "formal", "friendly", "funny"), nil
}
