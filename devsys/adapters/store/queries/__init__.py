"""The only SQL of the house; one module per noun, as in tables."""
