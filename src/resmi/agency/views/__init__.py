"""Pages of the agency room."""
