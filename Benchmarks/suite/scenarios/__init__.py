"""The scenarios by name, in the order in which they run."""
from . import agents, engine, events, express, fairness, filled, idle, inline_map, interpreter, objects, pass_chain, postgres, queues, remote, tasks, waiting

ALL = {
    "pass-chain": pass_chain.run,
    "engine": engine.run,
    "interpreter": interpreter.run,
    "task-steps": tasks.steps,
    "task-chain": tasks.chain,
    "express": express.run,
    "fairness": fairness.run,
    "map": inline_map.run,
    "idle": idle.run,
    "filled": filled.run,
    "waiting": waiting.run,
    "queues": queues.run,
    "events": events.run,
    "objects": objects.run,
    "agents": agents.run,
    "remote": remote.run,
    "postgres": postgres.run,
}
