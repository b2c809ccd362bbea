"""When somebody is busy, out of an iCalendar file: lines, times and zones, rules, and the periods they come to."""
