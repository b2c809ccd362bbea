"""The planner: a problem in, a plan with its bound, its check and its reasons out."""
