"""Writes a TensorFlow Lite model: the graph in TensorFlow, then its own converter."""

import tensorflow as tf


class Ops:
    constant = staticmethod(tf.constant)
    take = staticmethod(lambda table, ids: tf.gather(tf.constant(table), ids))
    matmul = staticmethod(tf.matmul)
    add = staticmethod(tf.add)
    sub = staticmethod(tf.subtract)
    mul = staticmethod(tf.multiply)
    one_minus = staticmethod(lambda x: 1 - x)
    sigmoid = staticmethod(tf.sigmoid)
    softmax = staticmethod(tf.nn.softmax)
    concat = staticmethod(lambda parts: tf.concat(parts, axis=-1))
    reshape = staticmethod(tf.reshape)
    expand = staticmethod(tf.broadcast_to)
    transpose = staticmethod(tf.transpose)

    @staticmethod
    def linear(x, weight, bias):
        y = tf.matmul(x, tf.constant(weight))
        return y if bias is None else y + tf.constant(bias)


def save_graph(net, form, path, int8):
    """`int8`: weights in int8, activations quantized with the ranges of each request."""
    signature = {name: tf.TensorSpec([rows.shape[1]], tf.int32, name=name) for name, rows in net.requests.items()}

    @tf.function(input_signature=[signature])
    def scores(inputs):
        return {"scores": form(Ops(), net, inputs)}

    converter = tf.lite.TFLiteConverter.from_concrete_functions([scores.get_concrete_function()])
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    path.write_bytes(converter.convert())
