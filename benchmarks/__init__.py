"""Figures against a peer or the raw tool in the same run. Not tests: machines are shared and noisy."""
