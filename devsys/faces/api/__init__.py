"""The face for programs: operations over the same actions and queries as the pages, described by OpenAPI 3.1."""
