// The self-test of models by the engine as a module of WebAssembly, wherever that runs: a page, Node.

const OK = 0;
const STATUS_SIZE = 4 + 252; // dinghy_status: the code, then the message

// What `call(status)` says of itself: the empty string when all is well.
function problem(dinghy, call) {
  const status = dinghy._malloc(STATUS_SIZE);
  const text = call(status) === OK ? "" : dinghy.UTF8ToString(status + 4);
  dinghy._free(status);
  return text;
}

// One line for each ISA of the module, `open` where the model cannot be opened, and whether all are right.
function selftestOne(dinghy, name, bytes, print) {
  const memory = dinghy._malloc(bytes.length);
  const handle = dinghy._malloc(4);
  dinghy.HEAPU8.set(bytes, memory);
  let right = true;
  const tell = (what, wrong) => {
    print(`${name}: ${what}: ${wrong || "right"}`);
    right &&= !wrong;
  };
  const wrong = problem(dinghy, (status) => dinghy._dinghy_model_from_memory(memory, bytes.length, handle, status));
  const model = dinghy.HEAPU32[handle / 4];
  if (wrong) tell("open", wrong);
  for (let index = 0, isa; !wrong && (isa = dinghy._dinghy_isa_name(index)) !== 0; ++index) {
    tell(dinghy.UTF8ToString(isa), problem(dinghy, (status) => dinghy._dinghy_model_selftest(model, isa, status)));
  }
  dinghy._dinghy_model_free(model);
  dinghy._free(handle);
  dinghy._free(memory);
  return right;
}

// Tests the models `names`; `read(name)` gives the bytes of one. Prints a line for each, and `pass` or `fail` at the end.
export async function selftest(createDinghy, names, read, print) {
  let right = names.length > 0;
  try {
    const dinghy = await createDinghy();
    for (const name of names) right = selftestOne(dinghy, name, await read(name), print) && right;
  } catch (error) {
    print(String(error));
    right = false;
  }
  print(right ? "pass" : "fail");
  return right;
}
