package main

import "bulkhead"

// Search is which zones are wanted.
type Search struct {
	Search string `json:"search" doc:"Words of the name: a city or a region, such as berlin or america. Countries have no zone of their name." jsonschema:"minLength=1,maxLength=64"`
	Limit  int    `json:"limit" doc:"How many at most." jsonschema:"minimum=1,maximum=100,default=20"`
}

// Found is the zones that fit.
type Found struct {
	Zones []Zone `json:"zones"`
	Total int    `json:"total" doc:"How many fit in all."`
}

// Zone is one time zone.
type Zone struct {
	Name         string `json:"name"`
	Offset       string `json:"offset" doc:"From UTC, now."`
	Abbreviation string `json:"abbreviation"`
}

func zones(_ *bulkhead.Context, in Search) (Found, error) {
	fitting := matching(in.Search)
	found := Found{Zones: []Zone{}, Total: len(fitting)}
	for _, name := range fitting[:min(len(fitting), in.Limit)] {
		zone, err := zoneOf(name)
		if err != nil {
			return Found{}, err
		}
		there := clock().In(zone)
		abbreviation, _ := there.Zone()
		found.Zones = append(found.Zones, Zone{Name: name, Offset: there.Format("-07:00"), Abbreviation: abbreviation})
	}
	return found, nil
}
