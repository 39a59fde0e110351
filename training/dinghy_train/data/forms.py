"""The words of [data] form, and what makes a DataSet of each: a dataclass of settings with make(seed)."""

from dinghy_train.data.amazon import Amazon
from dinghy_train.data.movielens import MovieLens
from dinghy_train.data.s3rec import S3Rec
from dinghy_train.data.stream import StreamWorld
from dinghy_train.data.tables import Tables
from dinghy_train.data.worlds import FineIdsWorld, LocalWorld

FORMS = {
    "local": LocalWorld,
    "fine-ids": FineIdsWorld,
    "stream": StreamWorld,
    "movielens": MovieLens,
    "s3rec": S3Rec,
    "amazon": Amazon,
    "tables": Tables,
}
