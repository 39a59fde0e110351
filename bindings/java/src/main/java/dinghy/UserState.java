package dinghy;

/**
 * A user: features and behaviour history, and what follows from them for all candidates. One thread may change it at a
 * time; while nobody does, any number of scorers read it.
 */
public final class UserState extends Handle {
  final Model model;

  private UserState(Model model, long address) {
    super("UserState", address);
    this.model = model;
  }

  /**
   * Makes a state without a user, with all the memory that it will need.
   *
   * @param model of the scorers that will read it
   * @param options how many behaviours it keeps, and the instruction set
   * @return the state; close it
   * @throws DinghyException UNKNOWN_ISA, UNAVAILABLE_ISA, OUT_OF_MEMORY, INVALID_ARGUMENT
   */
  public static UserState create(Model model, Options options) throws DinghyException {
    byte[] isa = Native.text(options.isa, "isa");
    model.beginReading();
    try {
      return new UserState(model, Native.createUser(model.address, options.maxHistory, isa));
    } finally {
      model.endReading();
    }
  }

  /**
   * Replaces the user.
   *
   * @param features one row of each user and context feature
   * @param history a row for each behaviour, oldest first, perhaps none; a history longer than
   *     {@link Options#maxHistory(int)} keeps what the model says, mostly its last
   * @throws DinghyException INVALID_ARGUMENT, MISSING_ID; the state is then an empty one, which no scorer accepts,
   *     until the next set
   */
  public void set(Columns features, Columns history) throws DinghyException {
    model.check(features);
    model.check(history);
    beginChanging();
    try {
      features.uses.beginChanging();
      try {
        history.uses.beginChanging();
        try {
          Native.set(address, features.address(), features.count(), history.address(), history.count());
        } finally {
          history.uses.endChanging();
        }
      } finally {
        features.uses.endChanging();
      }
    } finally {
      endChanging();
    }
  }

  /**
   * Adds behaviours behind the history; beyond {@link Options#maxHistory(int)} the oldest leave.
   *
   * @param behaviors a row for each, oldest first
   * @throws DinghyException INVALID_ARGUMENT, before the first set too; MISSING_ID; the state is unchanged then
   */
  public void append(Columns behaviors) throws DinghyException {
    model.check(behaviors);
    beginChanging();
    try {
      behaviors.uses.beginChanging();
      try {
        Native.append(address, behaviors.address(), behaviors.count());
      } finally {
        behaviors.uses.endChanging();
      }
    } finally {
      endChanging();
    }
  }

  /**
   * How many behaviours are kept now.
   *
   * @param interest whose history, from 0 on
   * @return their number
   * @throws IndexOutOfBoundsException for an interest that the model does not have
   */
  public int historyLength(int interest) {
    if (interest < 0 || interest >= model.interests()) {
      throw new IndexOutOfBoundsException("interest " + interest + "; the model has " + model.interests());
    }
    beginReading();
    try {
      return Native.historyLength(address, interest);
    } finally {
      endReading();
    }
  }

  @Override
  void free() {
    Native.freeUser(address);
  }
}
