"""devsys: a rolling year of development for customer-support organisations, kept true beside a staffed queue."""
