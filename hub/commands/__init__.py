"""The subcommands of ``axcampus`` that belong to the platform itself, one a file."""
