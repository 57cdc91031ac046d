"""The engine on its database, without HTTP and signatures around it."""

GOAL = 25_000


def run(bench):
    """The same pass chain by direct calls of the engine (EngineBenchmark): what HTTP and signatures leave out."""
    raw = {}
    for callers in (1, 16, 64, 256):
        with bench.folder() as folder:
            result = bench.engine("engine", directory=folder, seconds=bench.seconds(8), in_flight=callers)
        bench.keep(f"{callers} callers", result)
        size = round(result["per_group"])
        if size not in raw:
            raw[size] = bench.raw_sqlite(size)
        bench.figure(
            f"{callers} callers that wait for their answer", result["per_second"], "executions/s",
            at_least=GOAL if callers == 256 else None, yardsticks={f"SQLite in groups of {size}": raw[size]},
            note=f"p50 {result['p50_ms']:.2f} ms, p99 {result['p99_ms']:.2f} ms, {result['cpu_us_each']:.0f} µs of processor each")
