"""Where the robot believes it is: from its own sensors and a declared localisation, never from the simulated world."""
