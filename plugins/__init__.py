"""First-party plugins. They import ``workbench.api`` alone."""
