"""Whether something changed for a team, whether a programme did it, whether it lasts: pure functions over arrays."""
