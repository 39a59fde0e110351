package dinghy;

/**
 * What scorers compute of pairs of a candidate and a behaviour, kept from call to call and looked up the next time: the
 * same scores, bit for bit, several times as fast where users share items (docs/memo.md). Any number of threads use
 * one at once. A scorer that was made with it keeps its memory.
 */
public final class PairMemo extends Handle {
  /** What a memo has done since it was made. */
  public static final class Counters {
    /** Pairs that were looked up. */
    public final long found;

    /** Pairs that were looked for and not there. */
    public final long computed;

    /** Computed pairs that were put in, */
    public final long kept;

    /** of them in the place of another. */
    public final long replaced;

    /** Items that have a number. */
    public final long items;

    /** For how many pairs there are places. */
    public final long room;

    private Counters(long[] counters) {
      found = counters[0];
      computed = counters[1];
      kept = counters[2];
      replaced = counters[3];
      items = counters[4];
      room = counters[5];
    }
  }

  private PairMemo(long address) {
    super("PairMemo", address);
  }

  /**
   * Makes a memo without a pair.
   *
   * @param model of the scorers that will use it
   * @param bytes of memory, taken at once and no more later; 0 stands for 64 MiB
   * @param options its instruction set and integers, those of the scorers
   * @return the memo; close it
   * @throws DinghyException UNSUPPORTED (the model's pairs cannot be kept), INVALID_ARGUMENT (too few bytes),
   *     UNKNOWN_ISA, UNAVAILABLE_ISA, OUT_OF_MEMORY
   */
  public static PairMemo create(Model model, long bytes, Options options) throws DinghyException {
    if (bytes < 0) throw DinghyException.invalid("bytes is negative");
    byte[] isa = Native.text(options.isa, "isa");
    model.beginReading();
    try {
      return new PairMemo(Native.createMemo(model.address, bytes, isa, options.integers.ordinal()));
    } finally {
      model.endReading();
    }
  }

  /**
   * Counts, at any time.
   *
   * @return the counters as they are now
   * @throws DinghyException never, as far as is known
   */
  public Counters count() throws DinghyException {
    long[] counters = new long[6];
    beginReading();
    try {
      Native.countMemo(address, counters);
    } finally {
      endReading();
    }
    return new Counters(counters);
  }

  @Override
  void free() {
    Native.freeMemo(address);
  }
}
