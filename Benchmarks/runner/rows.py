"""One row is one target: a figure, what was wanted, the limit beside it, and how it ended."""

import dataclasses


@dataclasses.dataclass
class Row:
    goal: int
    what: str
    figure: float | None
    unit: str
    """`">= 0.5"`, `"<= 200"`, several with a comma; empty: nothing is wanted of this figure."""
    wanted: str = ""
    """What the machine, or the best other program, does; measured in the same run unless the name of
    the limit says "published"."""
    limit: float | None = None
    limit_of: str = ""
    note: str = ""

    @property
    def ratio(self):
        if not self.limit or self.figure is None:
            return None
        return self.figure / self.limit

    @property
    def reached(self):
        """None where nothing is wanted."""
        if not self.wanted:
            return None
        if self.figure is None:
            return False
        sense, value = self.wanted.split()[:2]
        value = float(value.replace(",", ""))
        return self.figure >= value if sense == ">=" else self.figure <= value

    def record(self):
        return {
            **dataclasses.asdict(self), "ratio": self.ratio, "reached": self.reached}


def text(value):
    """A figure as people read it."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def table(rows):
    """All rows as a Markdown table."""
    words = {True: "yes", False: "**no**", None: ""}
    lines = [
        "| goal | what | figure | wanted | limit | figure ÷ limit | reached |",
        "|---:|---|---:|---|---|---:|---|"]
    for row in rows:
        limit = f"{text(row.limit)} {row.limit_of}" if row.limit is not None else row.limit_of
        what = row.what + (f" ({row.note})" if row.note else "")
        figure = "failed" if row.figure is None else f"{text(row.figure)} {row.unit}"
        lines.append(
            f"| {row.goal} | {what} | {figure} | {row.wanted} | {limit} | {text(row.ratio)} | "
            f"{words[row.reached]} |")
    return "\n".join(lines)
