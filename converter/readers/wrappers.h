// What trainers, compilers and optimizers put around a network. One place for all readers.
#pragma once

#include "converter/tensor.h"

namespace dinghy::converter {

/// Makes of the tensors of `checkpoint`, and of its alternatives, those that the network's own state_dict has, in their
/// order: takes prefixes off that all names share, parts of names that wrappers of modules leave, counters and losses;
/// folds weight norm and pruning. The facts of a module inside a wrapper lose its prefix too. Says in
/// Checkpoint::unwrapped and left_out what it did, and keeps of the alternatives those that are weights of the same
/// network. A checkpoint with a graph stays as it is. Throws Error for what a wrapper keeps in a form of its own.
void unwrap(Checkpoint& checkpoint);

}  // namespace dinghy::converter
