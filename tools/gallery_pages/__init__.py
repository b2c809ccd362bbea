"""Sample pages of the gallery: templates, and the values they are filled with."""
