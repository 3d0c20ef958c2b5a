"""The portal: where people see what is due, what arrived and what they got, and staff publish, grade and watch."""
