"""What a deadline costs: receipts, grading, the queue and watchers on the real platform."""
