"""Physics and motion of humanoid robots: numpy and MuJoCo, no Qt, no globals; it is handed paths and looks for none."""
