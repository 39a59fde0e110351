"""What dinghy.export takes, says and leaves behind."""

import warnings

import pytest

import dinghy
import numpy
import torch
from idioms import ITEMS, LENGTH, ROWS, USERS, Din, FloatMask, ManyCandidates, ids_alone, with_mask


@pytest.fixture
def export(tmp_path):
    """dinghy.export to a file of this test, without warnings."""

    def run(module, batch, **options):
        torch.manual_seed(5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dinghy.AssumptionWarning)
            return dinghy.export(module, batch, tmp_path / "m.dinghy", **options)

    return run


class Wrapped(Din):
    def forward(self, user, item, hist_item):
        return {"probability": super().forward(user, item, hist_item), "loss": torch.zeros(())}


class Classes(Din):
    def __init__(self):
        super().__init__()
        self.tower[2] = torch.nn.Linear(10, 2)

    def head(self, x):
        return self.tower(x).softmax(dim=-1)


class OfTheBatch(Din):
    def head(self, x):
        return super().head(x - x.mean(dim=0))


class Branching(Din):
    def head(self, x):
        return super().head(x) if x.sum() > 0 else super().head(-x)


class Training(Din):
    def __init__(self):
        super().__init__()
        self.drop, self.norm = torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(16)

    def head(self, x):
        return super().head(self.drop(self.norm(x)))


def test_report_says_what_became_of_each_argument(export):
    report = export(Din(), ids_alone())
    assert [(use["input"], use["becomes"], use["feature"]) for use in report.inputs] == [
        ("user", "feature", "user"),
        ("item", "feature", "item"),
        ("hist_item", "history", "item"),
    ]
    assert report.inputs[2]["shape"] == [None, LENGTH] and report.inputs[2]["padding_id"] == 0
    assert report.checkpoint == "Din" and repr(report).startswith("Din: ONNX")


def test_arrays_and_tuples_are_batches_too(export):
    batch = ids_alone()
    report = export(Din(), tuple(tensor.numpy() for tensor in batch.values()))
    assert report.checks[0]["rows"] >= ROWS


def test_rows_limits_the_golden_rows(export):
    assert export(Din(), ids_alone(), rows=2).checks[0]["rows"] == 2 + 3 * 2  # two, and three shorter histories of each


def test_module_is_left_as_it_was(export):
    module = Training().train()
    module.drop.eval()
    export(module, ids_alone())
    assert module.training and module.norm.training and not module.drop.training
    assert module.norm.num_batches_tracked == 0
    export(module, ids_alone(), score=lambda out: out)
    assert module.training and module.norm.training and not module.drop.training


def test_score_picks_out_of_what_a_module_returns(export):
    report = export(Wrapped(), ids_alone(), score=lambda out: out["probability"])
    assert report.inputs[0]["input"] == "user"
    with pytest.raises(dinghy.ConversionError, match="gives a dict for 12 rows; .* score=lambda"):
        export(Wrapped(), ids_alone())
    assert export(Classes(), ids_alone(), score=lambda out: out[:, 1])
    with pytest.raises(dinghy.ConversionError, match="when they are classes, say which"):
        export(Classes(), ids_alone())


def test_recipe_names_features_and_gives_them_roles(export):
    recipe = {"inputs": {"context": ["user"], "candidate": ["item"]}, "rename": {"user": "where"}}
    report = export(Din(), ids_alone(), recipe=recipe)
    features = {feature.name: feature.role for feature in dinghy.open(report.path).features}
    assert features == {"where": "context", "item": "candidate"}


def test_candidates_as_many_as_behaviours_are_told_apart_or_refused(export):
    batch = {**ids_alone(), "item": torch.randint(1, ITEMS, (ROWS, LENGTH))}
    with pytest.raises(dinghy.ConversionError, match="histories have another length than it has candidates"):
        export(ManyCandidates(), batch)


def test_a_mask_of_other_numbers_than_0_and_1_is_refused(export):
    batch = with_mask(torch.float32)
    batch["mask"] *= 0.5
    with pytest.raises(dinghy.ConversionError, match="the mask mask has to be 0 or 1 everywhere"):
        export(FloatMask(), batch)


def test_scores_of_a_batch_instead_of_a_row_are_refused(export):
    with pytest.raises(dinghy.ConversionError):
        export(OfTheBatch(), ids_alone())


def test_what_pytorch_cannot_export_is_said_to_be_so(export):
    with pytest.raises(dinghy.ConversionError, match="Branching cannot be exported by PyTorch"):
        export(Branching(), ids_alone())


def test_batches_without_rows_are_refused(export):
    one = {name: tensor[:1] for name, tensor in ids_alone().items()}
    with pytest.raises(dinghy.InvalidArgumentError, match="two or more; this one has 1 of user"):
        export(Din(), one)
    uneven = {**ids_alone(), "user": torch.randint(0, USERS, (5,))}
    with pytest.raises(dinghy.InvalidArgumentError, match="5 of user, 12 of item"):
        export(Din(), uneven)
    with pytest.raises(dinghy.InvalidArgumentError, match="export takes a torch.nn.Module"):
        export(numpy.zeros(3), ids_alone())


def test_scores_that_are_all_alike_warn(export):
    module = Din()
    torch.nn.init.zeros_(module.tower[2].weight)
    with pytest.warns(UserWarning, match="nearly the same score"):
        export(module, ids_alone())


def test_assumptions_warn_where_export_is_called(tmp_path):
    with pytest.warns(dinghy.AssumptionWarning) as caught:
        dinghy.export(Din(), ids_alone(), tmp_path / "m.dinghy")
    assert {warning.filename for warning in caught} == {__file__}
