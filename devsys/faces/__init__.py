"""The faces: web for people, jobs for the clock."""
