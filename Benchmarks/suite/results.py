"""Figures, what they are measured against, and how they are shown."""
import dataclasses
import datetime
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "Benchmarks" / "results"
DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by Benchmarks/run --update-docs -->", "<!-- end of figures -->"


@dataclasses.dataclass
class Figure:
    """One line of the table."""

    scenario: str
    what: str
    value: float | None
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    yardsticks: dict = dataclasses.field(default_factory=dict)
    note: str = ""
    is_broken: bool = False

    @property
    def verdict(self):
        """`met`, `missed`, or nothing where there is no goal; `skipped` and `broken` where there is no figure."""
        if self.value is None:
            return "broken" if self.is_broken else "skipped"
        if self.at_least is None and self.at_most is None:
            return ""
        good = (self.at_least is None or self.value >= self.at_least) and (self.at_most is None or self.value <= self.at_most)
        return "met" if good else "missed"

    @property
    def goal(self):
        if self.at_least is not None:
            return f"≥ {number(self.at_least)}"
        return f"< {number(self.at_most)}" if self.at_most is not None else ""

    def shown(self):
        """Value, goal, verdict and yardsticks as texts. A yardstick is shown with the figure's share of it."""
        value = "—" if self.value is None else f"{number(self.value)} {self.unit}"
        beside = "; ".join(
            f"{name} {number(amount)}" + (f" ({self.value / amount:.2f})" if self.value is not None and amount else "")
            for name, amount in self.yardsticks.items())
        return value, self.goal, self.verdict, beside


def number(value):
    """As short as it can be without hiding what counts."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def save(run):
    """Keeps a run: by its time, and each scenario as the latest one of its name."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    path = FOLDER / f"{stamp}.json"
    path.write_text(json.dumps(run, indent=1) + "\n")
    for name in run["scenarios"]:
        kept = {**run, "scenarios": {name: run["scenarios"][name]}}
        (FOLDER / f"latest-{'quick-' if run['quick'] else ''}{name}.json").write_text(json.dumps(kept, indent=1) + "\n")
    return path


def text_table(figures):
    """The table for the terminal."""
    rows = [("what", "figure", "goal", "", "yardsticks of the same run (share)")]
    for figure in figures:
        value, goal, verdict, beside = figure.shown()
        rows.append((figure.what, value, goal, verdict, beside or (figure.note if figure.value is None else "")))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        lines.append("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[4]]).rstrip())
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join(lines)


def markdown(names):
    """The tables of the latest full runs of these scenarios, for docs/performance.md."""
    parts = []
    machines = {}
    for name in names:
        path = FOLDER / f"latest-{name}.json"
        if not path.exists():
            continue
        run = json.loads(path.read_text())
        machine = run["machine"]
        facts = f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}, {machine['file_system']}, {machine['kernel']}"
        machines.setdefault(facts, []).append(name)
        figures = [Figure(**figure) for figure in run["scenarios"][name]["figures"]]
        parts.append(f"### {name}\n\n`Benchmarks/run {name}`, {run['date']}, commit {run['commit']}. {run['scenarios'][name]['about']}\n")
        parts.append("| what | figure | goal | | yardsticks of the same run (share) |\n|---|--:|--:|---|---|")
        for figure in figures:
            cells = " | ".join(figure.shown())
            parts.append(f"| {figure.what}{'; ' + figure.note if figure.note else ''} | {cells} |")
        parts.append("")
    about = [f"Machine: {facts}." if len(machines) == 1 else f"Machine of {', '.join(used)}: {facts}." for facts, used in machines.items()]
    return "\n".join([*about, "", *parts]).rstrip() if parts else "No full run was made yet."


def update_document(names):
    """Writes the tables between the markers of docs/performance.md."""
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{DOCUMENT} lacks its markers")
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{markdown(names)}\n\n{END}{after}")
