"""What a new user types, on a machine that has Python and the wheel and no compiler: scripts/wheels runs it there."""

import json
from pathlib import Path

import dinghy

CASES = {
    "deepctr-torch-softmax": ("model.pth", "recipe.toml"),
    "seed-keras3": ("din.keras", None),
}

for case, (checkpoint, recipe) in CASES.items():
    folder = Path(case)
    golden = folder / "golden.jsonl"
    row = json.loads(max(golden.read_text().splitlines(), key=len))
    request = {part: row[part] for part in ("user", "history", "candidates")}

    dinghy.convert(folder / checkpoint, "ctr.dinghy", recipe=recipe and folder / recipe, check=golden)
    scores = dinghy.open("ctr.dinghy").score(**request)
    print(f"{case}: {[round(float(score), 6) for score in scores]}; by what trained it: {row['scores']}")
    assert len(scores) == len(row["scores"])
    assert all(abs(score - wanted) < 1e-5 for score, wanted in zip(scores, row["scores"], strict=True))
