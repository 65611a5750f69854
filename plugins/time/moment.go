package main

import (
	"time"

	"bulkhead"
)

// maxZones is how many zones one call may ask for.
const maxZones = 20

// Moment is a moment as a clock in one zone shows it.
type Moment struct {
	Zone         string `json:"zone" doc:"IANA name of the time zone."`
	Time         string `json:"time" doc:"Date, time and offset, as RFC 3339 has them."`
	Weekday      string `json:"weekday"`
	Abbreviation string `json:"abbreviation" doc:"What the zone is called then, such as CEST."`
	Daylight     bool   `json:"daylight" doc:"Whether it is daylight saving time."`
}

// Moments is one moment in several zones.
type Moments struct {
	Unix  int64    `json:"unix" doc:"Seconds since 1970-01-01T00:00:00Z."`
	Times []Moment `json:"times"`
}

func momentIn(moment time.Time, zone *time.Location) Moment {
	there := moment.In(zone)
	abbreviation, _ := there.Zone()
	return Moment{
		Zone:         zone.String(),
		Time:         there.Format(time.RFC3339),
		Weekday:      there.Weekday().String(),
		Abbreviation: abbreviation,
		Daylight:     there.IsDST(),
	}
}

func momentsIn(moment time.Time, zones []string) (Moments, error) {
	moments := Moments{Unix: moment.Unix()}
	for _, name := range zones {
		zone, err := zoneOf(name)
		if err != nil {
			return Moments{}, err
		}
		if year := moment.In(zone).Year(); year < firstYear || year > lastYear {
			return Moments{}, bulkhead.Invalidf("in %s it is the year %d: expected %d to %d", zone, year, firstYear, lastYear)
		}
		moments.Times = append(moments.Times, momentIn(moment, zone))
	}
	return moments, nil
}

// Now is where.
type Now struct {
	Zones []string `json:"zones,omitempty" doc:"IANA names, such as Asia/Seoul; UTC if left out." jsonschema:"minItems=1,maxItems=20"`
}

// clock is what tells the time. Tests set it.
var clock = time.Now

func now(_ *bulkhead.Context, in Now) (Moments, error) {
	if len(in.Zones) == 0 {
		in.Zones = []string{"UTC"}
	}
	if len(in.Zones) > maxZones {
		return Moments{}, bulkhead.Invalidf("%d zones are too many: expected at most %d", len(in.Zones), maxZones)
	}
	return momentsIn(clock(), in.Zones)
}

// Convert is what, from where, and where to.
type Convert struct {
	Time  string   `json:"time" doc:"A date and time: 2026-03-29T14:30:00+02:00, or without an offset 2026-03-29T14:30."`
	From  string   `json:"from,omitempty" doc:"The time zone in which a time without an offset is read; UTC if left out."`
	To    []string `json:"to" doc:"The time zones that it is wanted in." jsonschema:"minItems=1,maxItems=20"`
	Which Which    `json:"which,omitempty" doc:"Which one is meant where clocks that are set back show a time twice." jsonschema:"enum=earlier|later"`
}

func convert(_ *bulkhead.Context, in Convert) (Moments, error) {
	if len(in.To) > maxZones {
		return Moments{}, bulkhead.Invalidf("%d zones are too many: expected at most %d", len(in.To), maxZones)
	}
	from, err := zoneOf(in.From)
	if err != nil {
		return Moments{}, err
	}
	moment, err := parse(in.Time, from, in.Which)
	if err != nil {
		return Moments{}, err
	}
	return momentsIn(moment, in.To)
}
