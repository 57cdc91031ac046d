"""Breaks a server, its agents and the network between them at random, and heals all in the end; keeps a log of what it did."""
import collections
import random
import signal
import threading
import time

# What is broken, and how often of a hundred: the server, an agent, an agent's network.
SERVER = {"kill": 30, "kill at a point": 30, "stop": 15, "pause": 12, "kill at its start": 13}
AGENT = {"kill": 28, "upgrade": 24, "pause": 18, "kill twice": 8, "kill a supervisor": 12, "reboot": 10}
NETWORK = {"cut": 20, "reset": 14, "refuse": 12, "delay": 16, "loss": 16, "lost answers": 14, "silence": 8}
# Where a debug build dies (Sources/nightshift/Server/CrashPoint.swift), and of which occurrences one is drawn; a release build is killed.
POINTS = [(f"{moment}-commit:{{}}:{table}", most) for moment in ("before", "after")
          for table, most in [("command_invocation", 25), ("command_stream", 10), ("managed_node", 4), ("node_queue", 10), ("", 60)]]
POINTS += [("wal-write:{}", 400), ("sync:{}", 60)]


class Chaos:
    """Three threads, for the server, the agents and the network. `pace`: seconds between two disturbances of one of them, on average."""

    def __init__(self, server, agents, seed, pace=(4.0, 1.5, 2.0), longest=12.0):
        self.server, self.agents, self.longest = server, list(agents), longest
        self.began, self.events, self.counts, self.problems = time.monotonic(), [], collections.Counter(), []
        self.stopping = threading.Event()
        jobs = [("server", self._server, pace[0]), ("agent", self._agent, pace[1]), ("network", self._network, pace[2])]
        self.threads = [threading.Thread(target=self._run, args=(kind, disturb, mean, random.Random(f"{seed} {kind}"))) for kind, disturb, mean in jobs]
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Breaks nothing any more, and returns once everything runs and is connected as it should be."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=120)
        assert not any(thread.is_alive() for thread in self.threads), "something could not be healed"
        self.note("healed")
        assert not self.problems, "\n".join(self.problems)

    def note(self, what):
        self.events.append(f"{time.monotonic() - self.began:8.2f}  {what}")

    def tell(self):
        """The log of events and the counts, as text."""
        return "\n".join([*self.events, *(f"{count:5}  {kind}" for kind, count in sorted(self.counts.items()))])

    def _run(self, kind, disturb, mean, dice):
        while not self.stopping.wait(dice.uniform(0.3, 2) * mean):
            try:
                what = disturb(dice)
                if what:
                    self.counts[f"{kind}: {what}"] += 1
            except Exception as problem:  # noqa: BLE001 (a thread's failure must reach the test)
                self.problems.append(f"{kind}: {problem!r}")
                self.note(f"PROBLEM {kind}: {problem!r}")
                return

    def _hold(self, dice, what, most=None):
        """Notes a state and lets it last for a while; most such states are short."""
        seconds = min(most or self.longest, dice.choice([0.2, 1, 1, 3, 3, self.longest]) * dice.uniform(0.5, 1))
        self.note(f"{what} for {seconds:.1f} s")
        self.stopping.wait(seconds)

    def _server(self, dice):
        what, server = draw(dice, SERVER), self.server
        if what == "pause":
            server.process.send_signal(signal.SIGSTOP)
            self._hold(dice, "the server is stopped by a signal")
            server.process.send_signal(signal.SIGCONT)
            return what
        if what == "stop":
            self.note("the server is asked to end")
            server.stop()
        else:
            server.kill()
            if what == "kill at its start":
                server.launch()
                time.sleep(dice.uniform(0.05, 1.5))
                server.kill()
        self._hold(dice, f"the server is away ({what})", most=10 if dice.random() < 0.8 else None)
        if what == "kill at a point":
            form, most = dice.choice(POINTS)
            point = form.format(dice.randint(1, most)).rstrip(":")
            self.note(f"the server is to die {point}")
            if server.start(point):
                server.dies(8)
            self.note("the server has died")
        server.start()
        self.note("the server serves")
        return what

    def _agent(self, dice):
        what, agent = draw(dice, AGENT), dice.choice(self.agents)
        if what == "kill a supervisor":
            command = agent.kill_supervisor(dice)
            if command is None:
                return None
            self.note(f"{agent.name}: the supervisor of {command} is killed")
        elif what == "reboot":
            if agent.host is None:
                return None
            grace = dice.choice([0, 0, 0.5, 10])
            self.note(f"{agent.name} is rebooted" + (f", with a grace of {grace} s" if grace else ""))
            agent.reboot(grace)
        elif what == "upgrade":
            self.note(f"{agent.name} is upgraded")
            code = agent.upgrade()
            # By the signal itself when it had only just begun.
            assert code in (0, -signal.SIGTERM), f"{agent.name} ended with {code} when asked to"
        elif what == "pause":
            agent.pause()
            self._hold(dice, f"{agent.name} is stopped by a signal")
            agent.resume()
        else:
            agent.kill()
            if what == "kill twice":
                agent.start()
                time.sleep(dice.uniform(0.01, 1))
                agent.kill()
            self._hold(dice, f"{agent.name} is away ({what})", most=3 if what == "kill" else None)
            agent.start()
        return what

    def _network(self, dice):
        what, agent = draw(dice, NETWORK), dice.choice(self.agents)
        proxy = agent.proxy
        if what == "cut" and agent.host:
            agent.host.set_link("down")
            self._hold(dice, f"{agent.name}: its link is down")
            agent.host.set_link("up")
            return what
        if what in ("reset", "silence", "cut"):
            getattr(proxy, "silence" if what == "silence" else "reset")()
            self.note(f"{agent.name}: {what} of its connections")
            return what
        harm = {"refuse": {"refuses": True}, "delay": {"delay": dice.uniform(0.05, 0.8)}, "loss": {"loss": dice.uniform(0.05, 0.5)},
                "lost answers": {"loses_answers": True}}[what]
        if what == "refuse":
            proxy.reset()
        proxy.harm(**harm)
        self._hold(dice, f"{agent.name}: {harm}")
        proxy.heal()
        return what


def draw(dice, table):
    return dice.choices(list(table), table.values())[0]
