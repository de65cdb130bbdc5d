#!/usr/bin/env python3
"""The canonical workload: a stream of orders from a seed, the same for every program measured.

    python3 Benchmarks/Peers/workload.py --vector [--seed 1] [--skewed]
    python3 Benchmarks/Peers/workload.py --check

`--vector` prints the first five orders as `user product*quantity …`; the C and Swift programs print
the same. `--check` compares them with the written vectors and the mean number of lines with 2.5.
"""

import argparse
import dataclasses
import itertools

PRODUCTS = 1000
USERS = 10000
STOCK = 1_000_000_000
EVENTS_PER_ORDER = 5
GROUP = 1000
MASK = (1 << 64) - 1

VECTORS = {
    "uniform": [
        "2465 590*3",
        "8761 45*1 520*2",
        "6737 784*2 816*3 555*3",
        "14 446*1 485*3 743*2 709*3",
        "2231 36*1 93*3",
    ],
    "skewed": [
        "2465 435*1",
        "48 0*2 1*3",
        "6522 5*3",
        "14 4*1 3*2 1*2 6*1",
        "93 0*3 318*2 499*2",
    ],
}


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    number: int
    user: int
    lines: tuple  # of (product, quantity)

    @property
    def amount(self):
        return sum(unit_price(product) * quantity for product, quantity in self.lines)


def unit_price(product):
    """In cents."""
    return 199 + product * 7919 % 9800


class Generator:
    """SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = self.state
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & MASK
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & MASK
        return (mixed ^ mixed >> 31) % limit


def line_count(percentile):
    return next(count for count, bound in enumerate((25, 55, 77, 93, 100), 1) if percentile < bound)


def orders(seed=1, variant="uniform"):
    """Yields orders for ever, numbered from 0."""
    generator = Generator(seed)
    for number in itertools.count():
        user = generator.below(USERS)
        lines = {}
        for _ in range(line_count(generator.below(100))):
            if variant == "uniform":
                product = generator.below(PRODUCTS)
            elif generator.below(100) < 80:
                product = generator.below(10)
            else:
                product = 10 + generator.below(PRODUCTS - 10)
            while product in lines:
                product = (product + 1) % PRODUCTS
            lines[product] = 1 + generator.below(3)
        yield Order(number, user, tuple(lines.items()))


def vector(seed, variant):
    return [
        " ".join([str(order.user), *(f"{product}*{quantity}" for product, quantity in order.lines)])
        for order in itertools.islice(orders(seed, variant), 5)]


def check():
    for variant, expected in VECTORS.items():
        found = vector(1, variant)
        if found != expected:
            raise SystemExit(f"the {variant} stream of seed 1 begins {found}, expected {expected}")
        sample = list(itertools.islice(orders(1, variant), 20000))
        mean = sum(len(order.lines) for order in sample) / len(sample)
        if not 2.47 < mean < 2.53:
            raise SystemExit(f"the {variant} stream has {mean:.3f} lines an order, expected 2.5")
    print("workload: vectors and mean hold")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vector", action="store_true", help="print the first five orders")
    parser.add_argument("--check", action="store_true", help="compare with the written vectors")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--skewed", action="store_true", help="ten products take 80 %% of the lines")
    options = parser.parse_args()
    if options.check:
        check()
    if options.vector:
        print("\n".join(vector(options.seed, "skewed" if options.skewed else "uniform")))


if __name__ == "__main__":
    main()
