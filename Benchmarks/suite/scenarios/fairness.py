"""Whether one execution that computes without end delays the others."""
import threading

from .. import definitions, sender
from .express import SYNC, make_machine


def run(bench):
    """The pass chain at a fixed rate, alone and beside Express executions that each loop through a million states."""
    rate, seconds = 1_000, bench.seconds(15, 3)
    with bench.server() as server:
        loop = make_machine(server, "loop", definitions.endless_loop(100))
        server.client().update_state_machine(stateMachineArn=loop, definition=definitions.endless_loop(1_000_000))
        arn = server.create_machine("pass-chain", definitions.pass_chain())
        requests = definitions.start_requests(arn, sender.START)
        bench.executions(server, requests, connections=16, seconds=bench.seconds(3, 1), rate=rate)
        alone = bench.executions(server, requests, connections=16, seconds=seconds, rate=rate)
        bench.keep("alone", alone)
        for loops in (1, 4):
            beside, rounds = with_loops(bench, server, loop, loops, requests, rate, seconds)
            bench.keep(f"beside {loops}", beside)
            bench.figure(
                f"{rate:,} executions/s beside {loops} Express loop{'s' if loops > 1 else ''} of a million states: p99, times that alone",
                beside["ms"]["p99"] / alone["ms"]["p99"], "×", at_most=2 if loops == 1 else None,
                note=f"p99 {alone['ms']['p99']:.2f} ms alone and {beside['ms']['p99']:.2f} ms beside, slowest {beside['ms']['max']:.1f} ms, "
                     f"{rounds} loop{'s' if rounds != 1 else ''} ended meanwhile")


def with_loops(bench, server, loop, count, requests, rate, seconds):
    """The load while `count` loops run, each begun again when it ends. Returns its figures, and how many loops ended."""
    over, rounds = threading.Event(), []

    def keep_looping():
        while not over.is_set():
            try:
                # An Express execution lives for five minutes at most.
                sender.send(server, [(SYNC, {"stateMachineArn": loop, "input": "{}"})], patience=330)
                rounds.append(None)
            except sender.SendFailed as failure:
                rounds.append(str(failure))

    threads = [threading.Thread(target=keep_looping) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        result = bench.executions(server, requests, connections=16, seconds=seconds, rate=rate)
        ended = len(rounds)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    failures = [failure for failure in rounds if failure]
    if failures:
        raise RuntimeError(f"a loop did not end well: {failures[0]}")
    return result, ended
