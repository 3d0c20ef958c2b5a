"""Charts as inline SVG made on the server: no script, the same on paper, phones and in the dark."""
