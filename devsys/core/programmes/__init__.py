"""Programmes: YAML text to values with faults by line, checks, and back to YAML."""
