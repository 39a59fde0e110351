"""examples/notebook/ctr.ipynb, run as a reader runs it: its figures, not just its end."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[3] / "examples" / "notebook" / "ctr.ipynb"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """The notebook with its results. It takes half a minute, most of it the training and four exports."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    NotebookClient(notebook, timeout=1800, resources=resources).execute()
    return notebook


@pytest.fixture(scope="module")
def text(notebook):
    """All that the notebook prints."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.get("text") or output["data"].get("text/plain", "") for output in outputs)


def figure(pattern, text):
    return float(re.search(pattern, text)[1])


def test_the_notebook_scores_as_its_training_did(text):
    auc, theirs = figure(r"AUC (\S+), PyTorch", text), figure(r"PyTorch's (\S+);", text)
    assert auc == pytest.approx(theirs, abs=1e-5) and auc > 0.75
    assert figure(r"largest difference of a score (\S+)", text) < 1e-5


def test_the_notebook_prints_what_smaller_tables_cost(text):
    exact = figure(r"f32: tables .* AUC (\S+)", text)
    for tables, loss in (("f16", 1e-4), ("i8", 1e-3), ("i4", 1e-2)):
        assert figure(rf"{tables}: tables .* AUC (\S+)", text) == pytest.approx(exact, abs=loss)
    sizes = [figure(rf"{tables}: tables +(\d+) bytes", text) for tables in ("f32", "f16", "i8", "i4")]
    assert sizes == sorted(sizes, reverse=True)


def test_the_notebook_shows_the_attention_on_behaviours_like_the_candidate(text):
    weight, share = figure(r"(\d+)% of the weight", text), figure(r"lies on (\d+)% of the behaviours", text)
    assert 0 < share < 100 and weight > max(share, 50)  # "most of it"


def test_the_notebook_draws_the_attention_once(notebook):
    (figures,) = [cell.outputs for cell in notebook.cells if "plot_attention" in cell.source]
    assert ["image/png" in output.get("data", {}) for output in figures].count(True) == 1


def test_the_notebook_lies_without_results():
    cells = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in cells)
