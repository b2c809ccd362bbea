"""What a person can do at a terminal, one module per theme. Heavy things are imported inside the commands."""
