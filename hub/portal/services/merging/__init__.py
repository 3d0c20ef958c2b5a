"""Persons who may be one: finding them, joining two into one, and taking that back exactly."""
