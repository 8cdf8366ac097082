"""The client of beep-python."""
