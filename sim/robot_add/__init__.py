"""From a humanoid's model file to a robot the program can work with: what is what is found by kinematics, never by names."""
