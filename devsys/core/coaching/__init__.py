"""Coaching: who could coach whom and when, ranked and explained; many who wait, served fairly at once."""
