"""Comparison of two recordings: chooser, heat map, table, overlay. One selection drives all four."""
