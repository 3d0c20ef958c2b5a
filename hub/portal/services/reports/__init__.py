"""The report pack: tables for offices, evidence of a cohort, and the background jobs that make them."""
