"""The words of the house as frozen values: people, programmes, sessions, needs, hours, capacity."""
