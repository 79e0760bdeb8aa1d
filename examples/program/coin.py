"""Toss a coin: a program that knows nothing of harness."""

import argparse
import json
import random


def main() -> None:
    """Toss, and print the share of heads as the last line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--heads", type=float, required=True)
    parser.add_argument("--tosses", type=int, required=True)
    given = parser.parse_args()
    # One number a toss, so that both coins are tossed alike.
    coin = random.Random(given.seed)  # noqa: S311 - no secret depends on it
    heads = sum(coin.random() < given.heads for _ in range(given.tosses))
    print("tossed", given.tosses, "times")
    print(json.dumps({"share_of_heads": heads / given.tosses}))


if __name__ == "__main__":
    main()
