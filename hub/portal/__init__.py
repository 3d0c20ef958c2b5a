"""The Flask portal: views call services, services use models."""
