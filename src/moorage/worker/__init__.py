"""The program of a worker's Pod: does one task for one store, tells how it goes, ends (decision 0008)."""
