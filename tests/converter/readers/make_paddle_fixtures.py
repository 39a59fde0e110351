"""Writes the .pdparams files of tests/converter/readers/fixtures with the real Paddle.

    pip install paddlepaddle==3.3.1 && python make_paddle_fixtures.py

A file of its own because Paddle and PyTorch seldom share an environment. Values are those of make_fixtures.py: 0, 1, 2 …
"""

import pathlib

import paddle

FIXTURES = pathlib.Path(__file__).parent / "fixtures"

DTYPES = ["float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]


def ramp(*shape):
    return paddle.arange(int(paddle.to_tensor(shape).prod()), dtype="float32").reshape(shape)


def state_dict():
    """Two parameters that Paddle names linear_N.w_0 and linear_N.b_0."""
    layer = paddle.nn.Linear(2, 3)
    layer.weight.set_value(ramp(2, 3))
    layer.bias.set_value(ramp(3) + 198)  # two bytes in the text that protocol 2 makes of them
    return layer.state_dict()


def main():
    state = state_dict()
    paddle.save(state, str(FIXTURES / "protocol4.pdparams"))
    paddle.save(state, str(FIXTURES / "protocol2.pdparams"), protocol=2)
    paddle.save({"epoch": 3, "model": state}, str(FIXTURES / "wrapped.pdparams"))
    paddle.save({dtype: ramp(2, 3).astype(dtype) for dtype in DTYPES}, str(FIXTURES / "dtypes.pdparams"))
    paddle.save([ramp(1)], str(FIXTURES / "list.pdparams"))


if __name__ == "__main__":
    main()
