"""Headless commands over the same operations as the window: arguments in, one JSON object or some lines of text out."""
