"""What devsys thinks: plain values in, plain values out. No database, no web, no clock."""
