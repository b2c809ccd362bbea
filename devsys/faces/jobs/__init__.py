"""The worker: one leader, a ledger of runs, a tick."""
