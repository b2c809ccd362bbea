"""One module per kind of page, one folder of templates for each."""
