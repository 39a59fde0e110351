"""Reads the machine code of the kernels: no sum of a product lies in memory, and no activation calls a function.

usage: hot_loops.py OBJDUMP OBJECT...

Objects are known by their names, which are those of the ISAs: isa/NAME.cc.o. The loops of products are those that
multiply most densely: at least eight multiply-adds, one in four instructions. They have no vector stored in the function's
frame and no call. Neither has an innermost loop of an activation, however dense, a call: what is called hides there.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))
import assembly  # noqa: E402

# What more registers would take: products of bytes by `pmaddubsw`, which need two words of the weight for each vector.
KNOWN = {"sse4_2": "integer_tile<.*Int8<", "avx512": "integer_tile<.*Int8<"}


def is_of_product(loop):
    return loop.multiplications() >= 8 and 4 * loop.multiplications() >= len(loop.body)


def faults(loop):
    for i in loop.body:
        if i.calls():
            yield f"calls: {i.name} {i.operands}"
        elif is_of_product(loop) and i.stores_vector_on_stack():
            yield f"keeps a sum in memory: {i.name} {i.operands}"


def check(objdump, file):
    """How many loops of products the object has; prints what is wrong with them."""
    isa = pathlib.Path(file).name.split(".")[0]
    found, wrong = 0, 0
    for name, body in assembly.functions(file, objdump).items():
        for loop in assembly.innermost_loops(name, body):
            found += is_of_product(loop)
            if not is_of_product(loop) and "activate" not in name.split("(")[0]:
                continue
            for fault in faults(loop):
                if isa in KNOWN and re.search(KNOWN[isa], name):
                    continue
                print(f"{file}: a hot loop of {name} {fault}")
                wrong += 1
    if found == 0:
        print(f"{file}: no loop of a product was found, so nothing was looked at")
        wrong += 1
    print(f"{isa}: {found} loops of products")
    return wrong


def main():
    objdump, *objects = sys.argv[1:]
    sys.exit(1 if sum(check(objdump, file) for file in objects) else 0)


if __name__ == "__main__":
    main()
