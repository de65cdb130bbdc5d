"""What the goals share: sizes, rounds, and stores that are made once."""

import pathlib
import statistics

from . import programs


class Bench:
    """Stores lie in a folder that goes when the run ends; it decides which disk is measured."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        programs.FOLDER = self.folder
        self.bulk_figures = {}
        self.bulk_limits = {}
        self.append_number = 0

    def rounds(self, ours, theirs, rounds=None):
        """Both in turns, so that they meet the same machine: lists of figures, ours and theirs."""
        pairs = [(ours(), theirs()) for _ in range(rounds or self.options.rounds)]
        return [first for first, _ in pairs], [second for _, second in pairs]

    def scaled(self, count):
        """A tenth with --quick."""
        return count // 10 if self.options.quick else count

    def append_limit(self, orders, *options):
        self.append_number += 1
        folder = self.folder / f"append-{self.append_number}"
        return programs.limit("append", "--orders", orders, "--directory", folder, *options)

    def store(self, orders):
        """A closed store with so many orders; made, and goal 1 measured, at the first call."""
        path = self.folder / f"store-{orders}"
        if orders not in self.bulk_figures:
            self.bulk_limits[orders] = self.append_limit(orders)
            self.bulk_figures[orders] = programs.workload(
                "bulk", "--orders", orders, "--directory", path)
        return path

    def settled_store(self, orders):
        """A store with about so many orders, shipped and their mails sent but for the last few thousand."""
        path = self.folder / f"settled-{orders}"
        if not path.exists():
            # What `start` counts of an order at least; the tool brings the read models up to the killed writer.
            programs.workload(
                "start", "--events", 7 * orders, "--starts", 1, "--settle", "--directory", path)
            programs.daybook("order", "expire-due", "--store", path)
        return path

    def empty_store(self):
        path = self.folder / "empty"
        if not path.exists():
            programs.daybook("init", "--store", path)
        return path

    def events_store(self):
        """Where goals 9 and 11 keep the log of --events events."""
        return self.options.events_store or self.folder / "events"

    def log_alone(self, store):
        """A store that has nothing but the log of another: no snapshot, no read models."""
        path = self.folder / f"{store.name}-log-alone"
        if not path.exists():
            path.mkdir()
            (path / "log").symlink_to(store.resolve() / "log")
        return path


def best(values):
    return max(values)


def least(values):
    return min(values)


def middle(values):
    return statistics.median(values)


def net(usage, empty, what):
    """What a process took, less the same command on an empty store: starting is not measured."""
    taken = getattr(usage, what) - getattr(empty, what)
    if taken <= 0:
        raise programs.Failure("the store is too small to be measured: give more --orders")
    return taken
