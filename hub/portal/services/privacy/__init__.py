"""Personal data: how it is masked, who unmasked it and why, and what a person may see, take along and correct."""
