"""What a network reads: the groups of features, and which of them the behaviours have too."""

from dataclasses import dataclass, replace

from dinghy_train.errors import TrainingError

ROLES = ("user", "context", "candidate")
KINDS = ("id", "bag", "dense")


@dataclass(frozen=True)
class Feature:
    """One feature: an id, a bag of ids (their vectors are averaged), or numbers."""

    name: str
    role: str = "candidate"
    kind: str = "id"
    rows: int = 0  # of the table: ids are 0 to rows - 1, and 0 stands for unknown ones
    width: int = 16  # of a vector of the table, or how many numbers
    history: bool = False  # behaviours have it too

    def __post_init__(self):
        def require(holds, what):
            if not holds:
                raise TrainingError(f"feature {self.name!r}: {what}")

        require(self.name.isidentifier(), "a name is made of letters, digits and _")
        require(self.role in ROLES, f"role is {self.role!r}; it may be one of {', '.join(ROLES)}")
        require(self.kind in KINDS, f"kind is {self.kind!r}; it may be one of {', '.join(KINDS)}")
        require(self.width > 0, "width has to be positive")
        require(self.kind == "dense" or self.rows > 0, "a table needs rows, one more than its largest id")
        require(not self.history or self.role == "candidate", "only a candidate's feature may stand in the history")


@dataclass(frozen=True)
class Description:
    """The features in the order of the tower's input, and the longest history: the last behaviours are kept."""

    features: tuple[Feature, ...]
    max_history: int = 50

    def __post_init__(self):
        names = [feature.name for feature in self.features]
        for name in names:
            if names.count(name) > 1:
                raise TrainingError(f"feature {name!r} is described twice")
        if not self.history:
            raise TrainingError("no feature has history = true; without a history there is no interest to learn")
        if self.max_history <= 0:
            raise TrainingError("max_history has to be positive")

    @property
    def history(self):
        """The features of a behaviour: query and keys are their vectors side by side."""
        return tuple(feature for feature in self.features if feature.history)

    @property
    def tables(self):
        return tuple(feature for feature in self.features if feature.kind != "dense")

    def without(self, names):
        """The same without some features, to see what they are worth."""
        for name in set(names) - {feature.name for feature in self.features}:
            raise TrainingError(f"there is no feature {name!r} to leave out")
        return replace(self, features=tuple(f for f in self.features if f.name not in names))
