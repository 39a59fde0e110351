"""The operations that network.py writes graphs with, once for each way to make a graph.

Every module has a class Ops: input(name, shape), constant(array), take(table, ids), linear(x, weight, bias or None),
matmul(a, b), add, sub, mul (with broadcasting), one_minus, sigmoid, softmax (over the last axis), concat (along the
last axis), reshape, expand, transpose (of a matrix).
"""
