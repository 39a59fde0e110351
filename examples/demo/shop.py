"""A simulated shop: 12 categories, 300 items with names, and customers whose interests drift.

A customer has one to three interests, each a category. Now and then an interest gives way to a new one. A visit shows a
page of items, half of them near the interests, half drawn by popularity. A click follows the interest in the item's
category and the item's appeal, with noise; it becomes a behaviour.
"""

from dataclasses import dataclass

import numpy as np

CUSTOMERS = 600
MOST_VISITS = 24
PAGE = 8

# Five styles and five things a category: 25 items each.
CATEGORIES = {
    "camping": ("Alpine Featherlight Family Trail Winter", "tent|sleeping bag|gas stove|lantern|hammock"),
    "kitchen": ("Cast-iron Ceramic Copper Bamboo Steel", "pan|mixing bowl|knife|cutting board|casserole"),
    "running": ("Carbon Cushioned Marathon Reflective Summer", "running shoes|shorts|jacket|cap|belt"),
    "coffee": ("Italian Portable Manual Automatic Glass", "grinder|espresso maker|kettle|milk frother|drip cone"),
    "garden": ("Cordless Galvanised Oak Foldable Heavy-duty", "pruner|watering can|raised bed|wheelbarrow|rake"),
    "music": ("Acoustic Electric Vintage Studio Travel", "guitar|keyboard|microphone|metronome|ukulele"),
    "photo": ("Wide-angle Compact Mirrorless Weatherproof Pro", "lens|camera|tripod|flash|camera bag"),
    "toys": ("Wooden Magnetic Giant Musical Glow", "train|puzzle|building blocks|marble run|kite"),
    "books": ("Illustrated Pocket Signed Annotated Collector's", "atlas|cookbook|crime novel|biography|travel guide"),
    "cycling": ("Gravel Commuter Aero Tubeless Thermal", "bike helmet|tyre|saddle|gloves|bike light"),
    "yoga": ("Cork Organic Extra-thick Soft Balance", "yoga mat|block|bolster|strap|leggings"),
    "gaming": ("Wireless Mechanical Curved Ergonomic Silent", "controller|keyboard stand|monitor|gaming chair|headset"),
}


@dataclass
class Item:
    id: int  # from 1; 0 is padding
    name: str
    category: int  # from 1; 0 is padding
    category_name: str
    appeal: float


@dataclass
class Visit:
    customer: int
    left: int  # visits that the customer makes after this one
    history: list  # items clicked before, oldest first
    page: list  # items shown
    clicked: list  # of each whether it was


def stock(rng):
    items = [None]
    for category, (name, (styles, things)) in enumerate(CATEGORIES.items(), start=1):
        for style in styles.split():
            for thing in things.split("|"):
                items.append(Item(len(items), f"{style} {thing}", category, name, float(rng.normal())))
    return items


class Customer:
    def __init__(self, id, rng):
        self.id, self.rng = id, rng
        self.interests = list(rng.choice(np.arange(1, len(CATEGORIES) + 1), rng.integers(1, 4), replace=False))
        self.eagerness = rng.normal(0, 0.4)

    def drift(self):
        if self.rng.random() < 0.08:
            others = [c for c in range(1, len(CATEGORIES) + 1) if c not in self.interests]
            self.interests[self.rng.integers(len(self.interests))] = int(self.rng.choice(others))

    def clicks(self, item):
        logit = self.eagerness - 3.0 + 3.2 * (item.category in self.interests) + 0.7 * item.appeal
        return bool(self.rng.random() < 1 / (1 + np.exp(-logit)))


def draw_page(customer, items, popularity, rng):
    near = [item.id for item in items[1:] if item.category in customer.interests]
    page = [
        *rng.choice(near, PAGE // 2, replace=False),
        *rng.choice(np.arange(1, len(items)), PAGE - PAGE // 2, replace=False, p=popularity),
    ]
    return [items[id] for id in rng.permutation(page)]


def simulate(items, rng):
    """All visits, customer by customer, in the order of time."""
    popularity = np.exp([0.7 * item.appeal for item in items[1:]])
    popularity /= popularity.sum()
    visits = []
    for id in range(1, CUSTOMERS + 1):
        customer, history = Customer(id, rng), []
        for left in reversed(range(rng.integers(6, MOST_VISITS + 1))):
            page = draw_page(customer, items, popularity, rng)
            clicked = [customer.clicks(item) for item in page]
            visits.append(Visit(id, left, list(history), page, clicked))
            history += [item for item, click in zip(page, clicked) if click]
            customer.drift()
    return visits
