"""The measuring suite behind `Benchmarks/run`."""
