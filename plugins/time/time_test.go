package main

import (
	"strings"
	"testing"
	"time"

	"bulkhead"
	"bulkhead/bulkheadtest"
)

func init() {
	clock = func() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }
}

func moments(t *testing.T, tool, arguments string) Moments {
	t.Helper()
	result, err := bulkheadtest.New(t).Tool(tool, arguments)
	if err != nil {
		t.Fatalf("%s %s: %v", tool, arguments, err)
	}
	return result.Structured.(Moments)
}

func TestNow(t *testing.T) {
	got := moments(t, "now", `{}`)
	if got.Times[0].Time != "2026-07-01T12:00:00Z" || got.Times[0].Weekday != "Wednesday" || got.Unix != 1782907200 {
		t.Errorf("got %+v", got)
	}
	got = moments(t, "now", `{"zones":["asia/seoul","Europe/Berlin"]}`)
	if got.Times[0] != (Moment{"Asia/Seoul", "2026-07-01T21:00:00+09:00", "Wednesday", "KST", false}) || !got.Times[1].Daylight {
		t.Errorf("got %+v", got)
	}
}

func TestConvert(t *testing.T) {
	for _, one := range []struct{ arguments, want string }{
		{`{"time":"2026-01-15T09:00","from":"America/New_York","to":["Europe/Berlin"]}`, "2026-01-15T15:00:00+01:00"},
		{`{"time":"2026-07-15T09:00:00-04:00","from":"Asia/Seoul","to":["UTC"]}`, "2026-07-15T13:00:00Z"},
		{`{"time":"2026-07-15","from":"Asia/Kolkata","to":["UTC"]}`, "2026-07-14T18:30:00Z"},
		{`{"time":"2026-10-25T02:30","from":"Europe/Berlin","which":"earlier","to":["UTC"]}`, "2026-10-25T00:30:00Z"},
		{`{"time":"2026-10-25T02:30","from":"Europe/Berlin","which":"later","to":["UTC"]}`, "2026-10-25T01:30:00Z"},
		{`{"time":"2011-12-29T12:00","from":"Pacific/Apia","to":["UTC"]}`, "2011-12-29T22:00:00Z"},
	} {
		if got := moments(t, "convert", one.arguments); got.Times[0].Time != one.want {
			t.Errorf("%s: got %+v, want %s", one.arguments, got, one.want)
		}
	}
}

func TestWhatMakesNoSenseIsExplained(t *testing.T) {
	for _, one := range []struct{ tool, arguments, part string }{
		{"convert", `{"time":"2026-03-29T02:30","from":"Europe/Berlin","to":["UTC"]}`, "it is set forward over it"},
		{"convert", `{"time":"2026-10-25T02:30","from":"Europe/Berlin","to":["UTC"]}`, "twice, at 2026-10-25T02:30:00+02:00 and at 2026-10-25T02:30:00+01:00"},
		{"convert", `{"time":"2011-12-30T12:00","from":"Pacific/Apia","to":["UTC"]}`, "set forward over it"},
		{"convert", `{"time":"2026-02-30","to":["UTC"]}`, `"2026-02-30" is no date and time: expected`},
		{"convert", `{"time":"tomorrow","to":["UTC"]}`, "is no date and time"},
		{"convert", `{"time":"` + strings.Repeat("1", 1000) + `","to":["UTC"]}`, "is no date and time"},
		{"now", `{"zones":["Berlin"]}`, `there is no time zone "Berlin"; there are: Europe/Berlin`},
		{"now", `{"zones":["../../etc/passwd"]}`, "expected an IANA name"},
		{"now", `{"zones":["Local"]}`, "there is no time zone"},
		{"now", `{"zones":["Asia/Seoul\n"]}`, "there is no time zone"},
		{"add", `{"time":"9999-12-31","days":1}`, "the year 10000 is not between 1 and 9999"},
		{"add", `{"time":"0001-01-01","years":-1}`, "is not between"},
		{"convert", `{"time":"9999-12-31T23:00","to":["Asia/Seoul"]}`, "in Asia/Seoul it is the year 10000"},
		{"difference", `{"start":"now","end":"2026-01-01"}`, `"now" is no date and time`},
	} {
		_, err := bulkheadtest.New(t).Tool(one.tool, one.arguments)
		if err == nil || bulkhead.KindOf(err) != bulkhead.KindInvalid || !strings.Contains(err.Error(), one.part) {
			t.Errorf("%s %s: got %v, want %q", one.tool, one.arguments, err, one.part)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, one := range []struct {
		arguments string
		want      Span
	}{
		{`{"start":"2024-01-31","end":"2024-03-01"}`, Span{30 * 86400, 0, 1, 1, 0, 0, 0}},
		{`{"start":"2026-03-01","end":"2024-02-29"}`, Span{-731 * 86400, -2, 0, -1, 0, 0, 0}},
		{`{"start":"2026-03-28T12:00","end":"2026-03-29T12:00","zone":"Europe/Berlin"}`, Span{23 * 3600, 0, 0, 1, 0, 0, 0}},
		{`{"start":"2026-10-25T00:00","end":"2026-10-25T12:30:05","zone":"Europe/Berlin"}`, Span{13*3600 + 1805, 0, 0, 0, 13, 30, 5}},
		{`{"start":"0001-01-01","end":"9999-12-31"}`, Span{315537811200, 9998, 11, 30, 0, 0, 0}},
		{`{"start":"2026-01-01","end":"2026-01-01"}`, Span{}},
	} {
		result, err := bulkheadtest.New(t).Tool("difference", one.arguments)
		if err != nil || result.Structured != one.want {
			t.Errorf("%s: got %+v, %v; want %+v", one.arguments, result, err, one.want)
		}
	}
}

func TestAdd(t *testing.T) {
	for _, one := range []struct{ arguments, want string }{
		{`{"time":"2024-01-31","months":1}`, "2024-02-29T00:00:00Z"},
		{`{"time":"2024-02-29","years":1}`, "2025-02-28T00:00:00Z"},
		{`{"time":"2024-03-31","months":-1}`, "2024-02-29T00:00:00Z"},
		{`{"time":"2026-03-28T12:00","zone":"Europe/Berlin","days":1}`, "2026-03-29T12:00:00+02:00"},
		{`{"time":"2026-03-28T12:00","zone":"Europe/Berlin","hours":24}`, "2026-03-29T13:00:00+02:00"},
		{`{"time":"2026-01-01T00:00:00+09:00","zone":"Asia/Seoul","seconds":-1}`, "2025-12-31T23:59:59+09:00"},
		{`{"time":"1999-12-31","days":36525}`, "2099-12-31T00:00:00Z"},
	} {
		if got := moments(t, "add", one.arguments); got.Times[0].Time != one.want {
			t.Errorf("%s: got %+v, want %s", one.arguments, got, one.want)
		}
	}
}

func TestZonesAreFound(t *testing.T) {
	for search, want := range map[string]string{
		"berlin": "Europe/Berlin", "new york": "America/New_York", "buenos": "America/Argentina/Buenos_Aires", "america indiana": "America/Indiana/Indianapolis",
	} {
		result, err := bulkheadtest.New(t).Tool("zones", `{"search":"`+search+`"}`)
		if err != nil || result.Structured.(Found).Zones[0].Name != want {
			t.Errorf("%s: got %+v, %v", search, result, err)
		}
	}
	result, err := bulkheadtest.New(t).Tool("zones", `{"search":"america","limit":3}`)
	if found := result.Structured.(Found); err != nil || len(found.Zones) != 3 || found.Total < 100 {
		t.Errorf("got %+v, %v", found, err)
	}
	if result, err := bulkheadtest.New(t).Tool("zones", `{"search":"atlantis"}`); err != nil || len(result.Structured.(Found).Zones) != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
}

// A name that time/tzdata does not know would fail where there are no files.
func TestEveryNameIsAZone(t *testing.T) {
	t.Setenv("ZONEINFO", t.TempDir())
	count := 0
	for name := range strings.Lines(names) {
		count++
		name = strings.TrimSuffix(name, "\n")
		if zone, err := zoneOf(name); err != nil || zone.String() != name {
			t.Errorf("%q: %v, %v", name, zone, err)
		}
	}
	if count < 500 {
		t.Errorf("only %d names", count)
	}
}
