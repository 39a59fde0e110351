"""The case xdl-form: a folder as XDL leaves it, with drawn (not trained) weights, and the scores of xdl_numpy.py."""

import behaviours
import numpy as np
from request_lines import write_golden_rows
from xdl_numpy import XdlNetwork

WIDTH = 3
KEY_WIDTH = 2 * WIDTH
# Ids as applications have them: large, with gaps. The behaviours' ids 0 … N are positions in these.
USER_IDS = 2_000_003 + 7 * np.arange(behaviours.USERS + 1)
ITEM_IDS = 10_000_000_019 + 1009 * np.arange(behaviours.ITEMS + 1)
CATEGORY_IDS = np.arange(behaviours.CATEGORIES + 1)
MAX_LENGTH = 12


def make(shop, folder):
    rng = np.random.default_rng(21)
    for name, ids in [("uid", USER_IDS), ("mid", ITEM_IDS), ("cat", CATEGORY_IDS)]:
        write_table(folder / f"{name}_embedding", ids, rng)
    (folder / "sparse.txt").write_text("cat_embedding\nmid_embedding\nuid_embedding\n")
    (folder / "ad_embedding.conf").write_text(groups("mid", "cat") + block("mid", "cat"))
    (folder / "user_embedding.conf").write_text(
        groups("uid", "mid_list", "cat_list")
        + block("uid")
        + block("mid_list", truncate=True)
        + block("cat_list", truncate=True)
    )
    np.savez(
        folder / "dense.npz",
        **{f"tf_model${name}": value.astype(np.float32) for name, value in dense_weights(rng).items()},
    )
    requests = [with_ids(line) for line in behaviours.golden_requests(shop, MAX_LENGTH, seed=16)]
    write_golden_rows(folder / "golden.jsonl", requests, XdlNetwork(folder).score)


def write_table(path, ids, rng):
    rows = rng.normal(0, 0.5, (len(ids), WIDTH))
    lines = (",".join([str(id), *(f"{number:.6f}" for number in row)]) for id, row in zip(ids, rows))
    path.write_text("\n".join(lines) + "\n")


def groups(*names):
    return "".join(
        f'feature_group_config {{\n  feature_group: "{name}"\n'
        f'  table_name: "{name.removesuffix("_list")}_embedding"\n  dim: {WIDTH}\n}}\n\n'
        for name in names
    )


def block(*names, truncate=False):
    udf = f"udf_type: 2\n    trunc_num: {MAX_LENGTH}" if truncate else "udf_type: 0"
    items = "".join(
        f'  embedding_block_config_item {{\n    feature_group: "{name}"\n    {udf}\n  }}\n' for name in names
    )
    return f"block_config {{\n{items}}}\n\n"


def dense_weights(rng):
    """Spread so that scores and attention differ between candidates; statistics as training would leave them."""
    tower = WIDTH + 4 * KEY_WIDTH
    weights = {
        "bn1$gamma": rng.uniform(0.5, 1.5, tower),
        "bn1$beta": rng.normal(0, 0.1, tower),
        "bn1$moving_mean": rng.normal(0, 0.1, tower),
        "bn1$moving_variance": rng.uniform(0.5, 2, tower),
    }
    for scope, inputs, units, gain in [
        ("f1_attnull", 4 * KEY_WIDTH, 80, 6),
        ("f2_attnull", 80, 40, 6),
        ("f3_attnull", 40, 1, 6),
        ("f1", tower, 24, 1),
        ("f2", 24, 16, 1),
        ("f3", 16, 2, 1),
    ]:
        weights[f"{scope}$kernel"] = rng.normal(0, gain / inputs**0.5, (inputs, units))
        weights[f"{scope}$bias"] = rng.normal(0, 0.1, units)
    for number, norm, units in [(1, "batch_normalization", 24), (2, "batch_normalization_1", 16)]:
        weights[f"dice_{number}$alphadice_{number}"] = rng.normal(0, 0.2, units)
        weights[f"{norm}$moving_mean"] = rng.normal(0, 0.2, units)
        weights[f"{norm}$moving_variance"] = rng.uniform(0.5, 2, units)
    return weights


def with_ids(line):
    def items(columns):
        return {
            "mid": ITEM_IDS[columns["item"]].tolist() if columns["item"] else [],
            "cat": CATEGORY_IDS[columns["category"]].tolist() if columns["category"] else [],
        }

    return {
        "user": {"uid": int(USER_IDS[line["user"]["user"]])},
        "history": items(line["history"]),
        "candidates": items(line["candidates"]),
    }
