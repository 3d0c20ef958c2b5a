"""How long every page of the portal takes on a generated programme, and how many statements it asks."""
