"""WHO signs in and what runs beside the hub: hub configuration, the supervisor, the CLI and the portal."""
