"""The mail server: letters as messages, and how they leave."""
