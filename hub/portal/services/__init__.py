"""What the portal does: functions over a session, no status codes, no commits."""
