"""The humanoid workbench application: author, verify, run and compare robot processes."""
