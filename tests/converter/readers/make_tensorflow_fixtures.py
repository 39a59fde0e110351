"""Writes the small checkpoints of tests/converter/readers/fixtures/tensorflow with the real TensorFlow.

    pip install tensorflow==2.21.0 && python make_tensorflow_fixtures.py

Every value is a function of its position (see `ramp`), so that the tests need no copy of the numbers.
"""

import pathlib
import shutil

import numpy
import tensorflow as tf

FIXTURES = pathlib.Path(__file__).parent / "fixtures" / "tensorflow"
v1 = tf.compat.v1


def ramp(*shape, dtype=numpy.float32):
    """0, 1, 2 … in row-major order."""
    return numpy.arange(int(numpy.prod(shape))).reshape(shape).astype(dtype)


def save_session(folder, build):
    """A checkpoint of tf.train.Saver, as TensorFlow 1 scripts write it."""
    (FIXTURES / folder).mkdir(parents=True)
    with tf.Graph().as_default(), v1.Session() as session:
        build()
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(FIXTURES / folder / "ckpt"), write_meta_graph=folder == "graph")


def variable(name, value, **arguments):
    return v1.get_variable(name, initializer=tf.constant(value), use_resource=False, **arguments)


def training():
    """A partitioned table with an optimizer's slots, a moving average and counters beside it."""
    table = v1.get_variable(
        "table",
        [7, 2],
        initializer=lambda shape, dtype, partition_info=None: ramp_part(partition_info),
        partitioner=v1.fixed_size_partitioner(3),
        use_resource=False,
    )
    kernel = variable("f1/kernel", ramp(2, 3))
    step = v1.train.get_or_create_global_step()
    variable("f1/kernel/ExponentialMovingAverage", ramp(2, 3))
    loss = tf.reduce_sum(tf.matmul(tf.convert_to_tensor(table), kernel))
    v1.train.AdamOptimizer().minimize(loss, global_step=step)


def ramp_part(partition_info):
    first, rows = partition_info.var_offset[0], [3, 2, 2]
    return tf.constant(ramp(7, 2)[first : first + rows[{0: 0, 3: 1, 5: 2}[first]]])


def named_parts():
    """Partitions as variables of their own, as embedding libraries keep them."""
    for i in range(12):
        variable(f"table/part_{i}", ramp(12, 2)[i : i + 1])


def types():
    for dtype in [
        numpy.float16,
        numpy.float32,
        numpy.float64,
        numpy.int8,
        numpy.uint8,
        numpy.int16,
        numpy.int32,
        numpy.int64,
    ]:
        variable(numpy.dtype(dtype).name, ramp(2, 3, dtype=dtype))
    v1.get_variable("bfloat16", initializer=tf.cast(tf.constant(ramp(2, 3)), tf.bfloat16), use_resource=False)
    variable("bool", ramp(2, 3) % 2 == 1)
    variable("scalar", numpy.float32(2.5))
    variable("string", numpy.array(["a", "b"]))


def graph():
    """A list of whole numbers that only the .meta holds."""
    categories = tf.constant([2, 0, 1, 1, 0], dtype=tf.int64)
    tf.gather(variable("cate_emb_w", ramp(3, 2)), categories)
    variable("item_emb_w", ramp(5, 2))


class Layers(tf.Module):
    def __init__(self):
        super().__init__()
        for i in range(11):
            setattr(self, f"layer_with_weights-{i}", tf.Variable(ramp(2) + i, name=f"dense_{i}/bias"))
        self.tower = [tf.Variable(ramp(3), name="kernel"), tf.Variable(ramp(4), name="kernel")]


def objects():
    module = Layers()
    tf.train.Checkpoint(model=module, optimizer=tf.Module()).save(str(FIXTURES / "objects" / "ckpt"))
    tf.saved_model.save(module, str(FIXTURES / "saved_model"))
    for part in ["saved_model.pb", "fingerprint.pb"]:
        (FIXTURES / "saved_model" / part).unlink()
    for folder in ["assets"]:
        shutil.rmtree(FIXTURES / "saved_model" / folder)


def object_parts():
    """Partitions in an object graph, whose keys are attributes: their order is not that of the numbers in the names."""
    module = tf.Module()
    for i, attribute in enumerate(["hot", "cold", "new"]):
        setattr(module, attribute, tf.Variable(ramp(3, 2)[i : i + 1], name=f"table/part_{i}"))
    tf.train.Checkpoint(model=module).write(str(FIXTURES / "object_parts" / "ckpt"))


def main():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    for name, build in [("training", training), ("parts", named_parts), ("types", types), ("graph", graph)]:
        save_session(name, build)
        (FIXTURES / name / "checkpoint").unlink()
    objects()
    object_parts()


if __name__ == "__main__":
    main()
