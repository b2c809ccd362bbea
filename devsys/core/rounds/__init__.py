"""Case rounds: whose turn it is, what a card must not name, what stays open, ready situations, what keeps returning."""
