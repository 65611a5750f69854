// What time it is anywhere, and arithmetic with dates that knows daylight saving.
package main

import "bulkhead"

func init() {
	bulkhead.Tool("now", "The date and time now, in one time zone or several.", now).
		ReadOnly().OpenWorld(false)
	bulkhead.Tool("convert", "Tells what a date and time is in other time zones. Knows daylight saving.", convert).
		ReadOnly().Idempotent().OpenWorld(false)
	bulkhead.Tool("difference", "How much time lies between two dates or times, exactly and by the calendar.", difference).
		ReadOnly().Idempotent().OpenWorld(false)
	bulkhead.Tool("add", "Adds or takes away years, months, days, hours, minutes and seconds. A month that is too short "+
		"ends on its last day.", add).
		ReadOnly().Idempotent().OpenWorld(false)
	bulkhead.Tool("zones", "Finds the names of time zones, with their offsets from UTC now.", zones).
		ReadOnly().OpenWorld(false)
}

func main() {}
