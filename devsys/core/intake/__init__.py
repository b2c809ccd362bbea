"""Files brought by people: limits first, then parse, then rows and faults with row and column."""
