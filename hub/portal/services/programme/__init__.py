"""The coordinator's services: completion rules and decisions, rosters, companies, the count toward the goal."""
