// The instructions of a pickle that data needs, named as Python's pickletools names them.
#pragma once

#include <cstdint>

namespace dinghy::converter::opcode {

enum Opcode : std::uint8_t {
  PROTO = 0x80, STOP = '.', MARK = '(', POP = '0', POP_MARK = '1', DUP = '2', FRAME = 0x95,
  NONE = 'N', NEWTRUE = 0x88, NEWFALSE = 0x89, BININT = 'J', BININT1 = 'K', BININT2 = 'M', LONG1 = 0x8a, LONG4 = 0x8b,
  BINFLOAT = 'G', BINUNICODE = 'X', SHORT_BINUNICODE = 0x8c, BINUNICODE8 = 0x8d, BINSTRING = 'T', SHORT_BINSTRING = 'U',
  BINBYTES = 'B', SHORT_BINBYTES = 'C', BINBYTES8 = 0x8e, BYTEARRAY8 = 0x96,
  EMPTY_TUPLE = ')', TUPLE = 't', TUPLE1 = 0x85, TUPLE2 = 0x86, TUPLE3 = 0x87, EMPTY_LIST = ']', APPEND = 'a',
  APPENDS = 'e', EMPTY_DICT = '}', SETITEM = 's', SETITEMS = 'u', EMPTY_SET = 0x8f, ADDITEMS = 0x90, FROZENSET = 0x91,
  GLOBAL = 'c', STACK_GLOBAL = 0x93, REDUCE = 'R', BUILD = 'b', NEWOBJ = 0x81, NEWOBJ_EX = 0x92, BINPERSID = 'Q',
  BINPUT = 'q', LONG_BINPUT = 'r', MEMOIZE = 0x94, BINGET = 'h', LONG_BINGET = 'j',
};

}  // namespace dinghy::converter::opcode
