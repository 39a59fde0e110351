"""Where samples come from: each form gives a DataSet."""

from dataclasses import dataclass

from dinghy_train.description import Description
from dinghy_train.samples import Samples


@dataclass
class DataSet:
    """Samples in three splits. The validation chooses, the test is looked at once."""

    name: str  # what it is, with the settings that made it
    description: Description
    train: Samples
    valid: Samples
    test: Samples

    def check(self):
        for split in ("train", "valid", "test"):
            getattr(self, split).check(self.description, f"{self.name}: {split}")
        return self
