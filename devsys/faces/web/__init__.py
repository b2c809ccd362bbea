"""The web face: requests to values, one action, values to a page."""
