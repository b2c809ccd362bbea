"""Calendar feeds: one VEVENT per session revision and view, zones by rule, bodies joined from kept fragments."""
