"""`resmi demo`: everything at work on one machine, with invented companies and citizens."""
