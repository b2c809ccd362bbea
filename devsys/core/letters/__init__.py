"""Letters: what of a calendar a person has to be told, when, and in which words."""
