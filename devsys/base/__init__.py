"""The ground: errors, the clock, settings, files, text and limits. Knows nothing of development or queues."""
