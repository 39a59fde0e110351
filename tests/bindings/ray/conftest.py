import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))
from fixtures import converted, model, model_path, scores, table  # noqa: E402, F401
