"""Tables: one module per noun; every table names its data class and retention."""
