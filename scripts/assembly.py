"""Machine code as text: the functions of an object or a program, and their innermost loops.

It reads what objdump writes (binutils' or LLVM's), for ARM and x86.
"""

import dataclasses
import re
import subprocess

MULTIPLY_ADD = re.compile(r"(fmla|sdot|vmla|vfma)\b|vfmadd\d|vpdpbusd|vpdpwssd|v?pmaddwd|v?pmaddubsw|v?mulps")
CALL = re.compile(r"blr?$|call|blx$")
BRANCH = re.compile(r"b$|b\.|cbn?z$|tbn?z$|j[a-z]+$|b(ne|eq|hi|ls|cc|cs|lt|gt|le|ge|mi|pl)(\.n)?$")
VECTOR = re.compile(r"(?<![a-z0-9])(?:[qvd]\d+|[xyz]mm\d+)")
STACK = re.compile(r"\[(sp|fp)\b|\(%rsp|\(%esp")


@dataclasses.dataclass
class Instruction:
    address: int
    name: str
    operands: str

    def target(self):
        """Where a branch goes, else None."""
        found = BRANCH.match(self.name) and re.search(r"(?:^|[\s,])(?:0x)?([0-9a-f]+)\s*<", self.operands)
        return int(found[1], 16) if found else None

    def multiplies(self):
        return MULTIPLY_ADD.match(self.name) is not None

    def calls(self):
        return CALL.match(self.name) is not None

    def is_of_vectors(self):
        return VECTOR.search(self.operands) is not None

    def moves_vector_on_stack(self):
        """Loads or stores a vector in the function's own frame: a value that found no register."""
        return self.is_of_vectors() and STACK.search(self.operands) is not None

    def stores_vector_on_stack(self):
        """Alone: what is loaded from there may be a constant."""
        if "%" in self.operands:  # AT&T's order, the destination last
            return self.moves_vector_on_stack() and self.operands.endswith(")")
        return self.moves_vector_on_stack() and self.name.startswith(("st", "vst"))


@dataclasses.dataclass
class Loop:
    function: str
    body: list  # of instructions, the last of which jumps to the first

    def multiplications(self):
        return sum(i.multiplies() for i in self.body)


def functions(file, objdump="objdump"):
    """{name: [Instruction]}"""
    text = subprocess.run([objdump, "-d", "-C", "--no-show-raw-insn", file], check=True, capture_output=True, text=True)
    result, body = {}, []
    for line in text.stdout.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            body = result.setdefault(head[1], [])
        elif found := re.match(r"\s*([0-9a-f]+):\s+(?:{vex} )?(\S+)\s*(.*?)\s*(?:\s//.*|\s{2,}#.*|\s[@;] .*)?$", line):
            body.append(Instruction(int(found[1], 16), found[2], found[3]))
    return result


def innermost_loops(name, body):
    """Those of a function: from a branch back to where it goes, with no other such branch between."""
    at = {instruction.address: i for i, instruction in enumerate(body)}
    back = []
    for i, instruction in enumerate(body):
        first = at.get(instruction.target())
        if first is not None and first <= i:
            back.append((first, i))
    for first, last in back:
        if not any(first <= other_first and other_last < last for other_first, other_last in back):
            yield Loop(name, body[first : last + 1])
