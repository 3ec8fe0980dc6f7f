"""The 3D twin: robot, cell and load as they were, are or will be."""
