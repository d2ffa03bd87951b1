"""What tests of several kinds use: kernels, sandboxes, the labs' self-test."""
