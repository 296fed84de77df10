"""Davit beside its peers: `measure` takes times, `peers` runs the others, each further module is a topic of `Benchmarks/run`."""
