package main

import (
	"time"

	"bulkhead"
)

// Between is two moments.
type Between struct {
	Start string `json:"start" doc:"The first date and time: 2026-03-29T14:30:00+02:00, or without an offset 2026-03-29."`
	End   string `json:"end" doc:"The second, as the first."`
	Zone  string `json:"zone,omitempty" doc:"The time zone whose calendar counts, and in which times without an offset are read; UTC if left out."`
}

// Span is what lies between two moments. All parts are negative when the end comes first.
type Span struct {
	Seconds int64 `json:"seconds" doc:"All of it in seconds, as a stopwatch has it."`
	Years   int   `json:"years" doc:"By the calendar: whole years."`
	Months  int   `json:"months" doc:"And whole months."`
	Days    int   `json:"days" doc:"And whole days."`
	Hours   int   `json:"hours" doc:"And whole hours."`
	Minutes int   `json:"minutes" doc:"And whole minutes."`
	Rest    int   `json:"rest" doc:"And seconds."`
}

func difference(_ *bulkhead.Context, in Between) (Span, error) {
	zone, err := zoneOf(in.Zone)
	if err != nil {
		return Span{}, err
	}
	start, err := parse(in.Start, zone, "earlier")
	if err != nil {
		return Span{}, err
	}
	end, err := parse(in.End, zone, "earlier")
	if err != nil {
		return Span{}, err
	}
	start, end = start.In(zone), end.In(zone)
	if end.Before(start) {
		return between(end, start).negative(), nil
	}
	return between(start, end), nil
}

// between counts whole months first, then whole days, and the rest as a stopwatch does.
func between(start, end time.Time) Span {
	months := (end.Year()-start.Year())*12 + int(end.Month()) - int(start.Month())
	for plus(start, months, 0).After(end) {
		months--
	}
	days := int(end.Sub(plus(start, months, 0)).Hours())/24 + 1
	for plus(start, months, days).After(end) {
		days--
	}
	rest := int(end.Sub(plus(start, months, days)).Seconds())
	return Span{
		Seconds: end.Unix() - start.Unix(),
		Years:   months / 12, Months: months % 12, Days: days,
		Hours: rest / 3600, Minutes: rest / 60 % 60, Rest: rest % 60,
	}
}

func (s Span) negative() Span {
	return Span{-s.Seconds, -s.Years, -s.Months, -s.Days, -s.Hours, -s.Minutes, -s.Rest}
}

// plus adds by the calendar. A month that is too short ends on its last day.
func plus(moment time.Time, months, days int) time.Time {
	first := time.Date(moment.Year(), moment.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	hour, minute, second := moment.Clock()
	return time.Date(first.Year(), first.Month(), min(moment.Day(), last)+days, hour, minute, second, moment.Nanosecond(),
		moment.Location())
}

// Add is what is added to a moment. Parts may be negative.
type Add struct {
	Time    string `json:"time" doc:"A date and time: 2026-03-29T14:30:00+02:00, or without an offset 2026-03-29T14:30."`
	Zone    string `json:"zone,omitempty" doc:"The time zone whose calendar counts, and in which a time without an offset is read; UTC if left out."`
	Which   Which  `json:"which,omitempty" doc:"Which one is meant where clocks that are set back show a time twice." jsonschema:"enum=earlier|later"`
	Years   int    `json:"years,omitempty" jsonschema:"minimum=-9999,maximum=9999"`
	Months  int    `json:"months,omitempty" jsonschema:"minimum=-120000,maximum=120000"`
	Days    int    `json:"days,omitempty" doc:"Days of the calendar: one may have 23 or 25 hours." jsonschema:"minimum=-3700000,maximum=3700000"`
	Hours   int    `json:"hours,omitempty" jsonschema:"minimum=-2000000,maximum=2000000"`
	Minutes int    `json:"minutes,omitempty" jsonschema:"minimum=-100000000,maximum=100000000"`
	Seconds int    `json:"seconds,omitempty" jsonschema:"minimum=-2000000000,maximum=2000000000"`
}

func add(_ *bulkhead.Context, in Add) (Moments, error) {
	zone, err := zoneOf(in.Zone)
	if err != nil {
		return Moments{}, err
	}
	moment, err := parse(in.Time, zone, in.Which)
	if err != nil {
		return Moments{}, err
	}
	// Seconds of a 32-bit int times a nanosecond fit; so do the largest hours.
	moment = plus(moment.In(zone), in.Years*12+in.Months, in.Days).
		Add(time.Duration(in.Hours) * time.Hour).
		Add(time.Duration(in.Minutes) * time.Minute).
		Add(time.Duration(in.Seconds) * time.Second)
	if moment, err = bounded(moment); err != nil {
		return Moments{}, err
	}
	return momentsIn(moment, []string{zone.String()})
}
