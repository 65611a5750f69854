package main

import (
	"time"

	"bulkhead"
)

const (
	// firstYear and lastYear bound what is computed with: RFC 3339 has four digits.
	firstYear, lastYear = 1, 9999
	// maxText is longer than any date and time.
	maxText = 64
)

// locals are the forms without an offset: what a clock on the wall shows.
var locals = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly}

// Which is the reading of a time that a clock shows twice, when it is set back.
type Which string

// parse reads RFC 3339, with its offset, or what a clock in zone shows.
func parse(text string, zone *time.Location, which Which) (time.Time, error) {
	if len(text) > maxText {
		return time.Time{}, malformed(text[:maxText] + "…")
	}
	if moment, err := time.Parse(time.RFC3339, text); err == nil {
		return bounded(moment)
	}
	for _, form := range locals {
		if shown, err := time.Parse(form, text); err == nil {
			return resolve(shown, zone, which)
		}
	}
	return time.Time{}, malformed(text)
}

func malformed(text string) error {
	return bulkhead.Invalidf("%q is no date and time: expected 2026-03-29T14:30:00+02:00, or without an offset "+
		"2026-03-29T14:30 or 2026-03-29, which are read in the time zone that is given", text)
}

func bounded(moment time.Time) (time.Time, error) {
	if year := moment.UTC().Year(); year < firstYear || year > lastYear {
		return moment, bulkhead.Invalidf("the year %d is not between %d and %d", year, firstYear, lastYear)
	}
	return moment, nil
}

// resolve finds the moment at which a clock in zone shows what shown says. Where clocks are set forward there is none,
// and where they are set back there are two.
func resolve(shown time.Time, zone *time.Location, which Which) (time.Time, error) {
	moments := candidates(shown, zone)
	switch {
	case len(moments) == 0:
		return shown, bulkhead.Invalidf("no clock in %s shows %s: it is set forward over it", zone, shown.Format(time.DateTime))
	case len(moments) == 2 && which == "later":
		return bounded(moments[1])
	case len(moments) == 2 && which != "earlier":
		return shown, bulkhead.Invalidf("clocks in %s show %s twice, at %s and at %s: say which, `earlier` or `later`", zone,
			shown.Format(time.DateTime), moments[0].Format(time.RFC3339), moments[1].Format(time.RFC3339))
	}
	return bounded(moments[0])
}

// candidates are the moments at which a clock in zone shows that, the earlier first.
func candidates(shown time.Time, zone *time.Location) []time.Time {
	var moments []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := shown.Add(near).In(zone).Zone()
		moment := shown.Add(-time.Duration(offset) * time.Second).In(zone)
		if !sameClock(moment, shown) || len(moments) > 0 && moments[0].Equal(moment) {
			continue
		}
		moments = append(moments, moment)
	}
	if len(moments) == 2 && moments[1].Before(moments[0]) {
		moments[0], moments[1] = moments[1], moments[0]
	}
	return moments
}

func sameClock(one, other time.Time) bool {
	return one.Format(time.DateTime) == other.Format(time.DateTime)
}
