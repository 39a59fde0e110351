"""Synthetic shop behaviours: what the golden checkpoints are trained on, and the requests that they answer.

Ids count from 1; 0 is padding. A user has two favourite categories, an item one category and a popularity.
"""

from dataclasses import dataclass

import numpy as np

USERS, ITEMS, CATEGORIES = 60, 120, 8


@dataclass
class Shop:
    """Arrays by id; what stands at id 0 is padding's."""

    category: np.ndarray  # of an item
    popularity: np.ndarray  # of an item
    activity: np.ndarray  # of a user
    favourites: np.ndarray  # of a user: two categories


def open_shop(seed=7):
    rng = np.random.default_rng(seed)
    category = np.concatenate([[0], rng.permutation(np.arange(ITEMS) % CATEGORIES) + 1])
    popularity = np.concatenate([[0], rng.normal(0, 1, ITEMS)]).astype(np.float32).round(4)
    activity = np.concatenate([[0], rng.uniform(-1, 1, USERS)]).astype(np.float32).round(4)
    favourites = np.array([rng.choice(CATEGORIES, 2, replace=False) + 1 for _ in range(USERS + 1)])
    return Shop(category, popularity, activity, favourites)


def draw_item(shop, user, rng, favourite_share):
    if rng.random() < favourite_share:
        return int(rng.choice(np.flatnonzero(np.isin(shop.category, shop.favourites[user]))))
    return int(rng.integers(1, ITEMS + 1))


def draw_history(shop, user, length, rng):
    return [draw_item(shop, user, rng, 0.8) for _ in range(length)]


def training_examples(shop, count, max_length, seed):
    """Columns for `count` impressions: user, item, category, pop, activity, length, hist_item, hist_category, label.

    A click follows how much of the history shares the candidate's category, and the candidate's popularity.
    """
    rng = np.random.default_rng(seed)
    users = rng.integers(1, USERS + 1, count)
    items = np.array([draw_item(shop, user, rng, 0.4) for user in users])
    lengths = rng.integers(0, max_length + 1, count)
    hist_items = np.zeros((count, max_length), dtype=np.int64)
    for row, (user, length) in enumerate(zip(users, lengths)):
        hist_items[row, :length] = draw_history(shop, user, length, rng)
    hist_categories = shop.category[hist_items]
    same = (hist_categories == shop.category[items][:, None]).sum(axis=1) / np.maximum(lengths, 1)
    logit = 5 * same + 0.6 * shop.popularity[items] - 1.4
    label = (rng.random(count) < 1 / (1 + np.exp(-logit))).astype(np.float32)
    return {
        "user": users,
        "item": items,
        "category": shop.category[items],
        "pop": shop.popularity[items],
        "activity": shop.activity[users],
        "length": lengths,
        "hist_item": hist_items,
        "hist_category": hist_categories,
        "label": label,
    }


def request(shop, user, history, candidates):
    return {
        "user": {"user": user},
        "history": {"item": list(history), "category": shop.category[history].tolist() if len(history) else []},
        "candidates": {"item": list(candidates), "category": shop.category[candidates].tolist()},
    }


def golden_requests(shop, max_length, seed=11):
    """40 requests: every history length that can go wrong, ids at the ends of tables, repeats, and ranking lists."""
    rng = np.random.default_rng(seed)

    def history(user, length):
        return draw_history(shop, user, length, rng)

    def candidates(count):
        return rng.integers(1, ITEMS + 1, count).tolist()

    requests = []
    for length in [0, 0, 0, 1, 1, 1, 1, 2, 2, max_length - 1, *[max_length] * 4, *rng.integers(2, max_length, 12)]:
        user = int(rng.integers(1, USERS + 1))
        requests.append(request(shop, user, history(user, length), candidates(1)))
    # The first and the last row of every table, id 0 of the candidate's tables among them.
    requests.append(request(shop, 1, [1, ITEMS, 1, ITEMS], [1, ITEMS]))
    requests.append(request(shop, USERS, [ITEMS], [ITEMS, 1]))
    requests.append(request(shop, 0, history(1, 5), [0, 1]))
    # One behaviour many times, the candidate itself among the behaviours, one candidate many times.
    requests.append(request(shop, 5, [17] * max_length, [17, 18]))
    requests.append(request(shop, 6, [3, 40, 3, 40, 3], [40, 3, 40]))
    requests.append(request(shop, 7, history(7, 6), [9, 9, 9]))
    for length, count in [(0, 10), (1, 10), (max_length // 2, 10), (max_length, 10), (max_length, 12)]:
        user = int(rng.integers(1, USERS + 1))
        requests.append(request(shop, user, history(user, length), candidates(count)))
    user = int(rng.integers(1, USERS + 1))
    repeated = candidates(5)
    requests.append(request(shop, user, history(user, 7), repeated + candidates(4) + repeated))
    while len(requests) < 40:
        user = int(rng.integers(1, USERS + 1))
        requests.append(request(shop, user, history(user, int(rng.integers(2, max_length))), candidates(2)))
    return requests


def add_dense(shop, requests, user=False, candidates=False):
    """The same requests with the dense features `activity` of the user and `pop` of the candidates, where wanted."""
    for line in requests:
        if user:
            line["user"]["activity"] = float(str(shop.activity[line["user"]["user"]]))
        if candidates:
            line["candidates"]["pop"] = [float(str(shop.popularity[item])) for item in line["candidates"]["item"]]
    return requests


def model_columns(shop, line, max_length):
    """A request as columns of training_examples(), one row for each candidate."""
    items = np.array(line["candidates"]["item"])
    count, length = len(items), len(line["history"]["item"])
    hist_items, hist_categories = (np.zeros((count, max_length), dtype=np.int64) for _ in range(2))
    hist_items[:, :length] = line["history"]["item"]
    hist_categories[:, :length] = line["history"]["category"]
    users = np.full(count, line["user"]["user"])
    return {
        "user": users,
        "item": items,
        "category": np.array(line["candidates"]["category"]),
        "pop": shop.popularity[items],
        "activity": shop.activity[users],
        "length": np.full(count, length),
        "hist_item": hist_items,
        "hist_category": hist_categories,
    }
