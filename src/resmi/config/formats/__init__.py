"""Dates and times as staff read them; the rest of each language is Django's."""
