"""Pages: a view reads input, calls one service, renders."""
