"""A stand-in for WhatsApp Cloud API with simulated citizens: for the demo, tests and load runs.

It runs in a process of its own, imports nothing of Django, and speaks to Resmi only as Meta would:
signed webhooks out, Graph API requests in.
"""
