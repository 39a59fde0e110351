package dinghy;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * The candidates' part of a request: one scorer for each thread.
 *
 * <p>Results go into arrays of the caller's, which may be longer than needed: their first numbers are written. Or into
 * direct buffers, writable and of the native byte order, from their position on, which stays as it is. After an error
 * their content is unspecified. Attention is [interest][candidate][behaviour], behaviour 0 the oldest kept,
 * {@link #attentionSize} numbers.
 */
public final class Scorer extends Handle {
  private final Model model;
  private int scored; // candidates of the last successful score

  private Scorer(Model model, long address) {
    super("Scorer", address);
    this.model = model;
  }

  /**
   * Makes a scorer with all the memory that it will need.
   *
   * @param model of the user states that it will read
   * @param options its sizes, instruction set, integers and memo
   * @return the scorer; close it
   * @throws DinghyException UNKNOWN_ISA, UNAVAILABLE_ISA, OUT_OF_MEMORY; INVALID_ARGUMENT, for a memo of another model
   *     or instruction set too
   */
  public static Scorer create(Model model, Options options) throws DinghyException {
    model.beginReading();
    try {
      if (options.memo == null) return create(model, options, 0);
      options.memo.beginReading();
      try {
        return create(model, options, options.memo.address);
      } finally {
        options.memo.endReading();
      }
    } finally {
      model.endReading();
    }
  }

  private static Scorer create(Model model, Options options, long memo) throws DinghyException {
    byte[] isa = Native.text(options.isa, "isa");
    long scorer =
        Native.createScorer(
            model.address,
            options.maxCandidates,
            options.maxHistory,
            isa,
            options.integers.ordinal(),
            memo,
            model.interests());
    return new Scorer(model, scorer);
  }

  /**
   * Click probabilities of candidates.
   *
   * @param user of the same model
   * @param candidates a row for each, a column for each candidate feature; no rows are fine
   * @param scores gets one for each row of {@code candidates}
   * @throws DinghyException INVALID_ARGUMENT, LIMIT_EXCEEDED, MISSING_ID, EMPTY_HISTORY
   */
  public void score(UserState user, Columns candidates, float[] scores) throws DinghyException {
    scoreArrays(user, Objects.requireNonNull(candidates, "candidates"), scores, null);
  }

  /**
   * Click probabilities, and the weights that the behaviours had.
   *
   * @param user of the same model
   * @param candidates as in {@link #score(UserState, Columns, float[])}
   * @param scores likewise
   * @param attention gets {@link #attentionSize} weights
   * @throws DinghyException likewise
   */
  public void score(UserState user, Columns candidates, float[] scores, float[] attention) throws DinghyException {
    Objects.requireNonNull(candidates, "candidates");
    scoreArrays(user, candidates, scores, Objects.requireNonNull(attention, "attention"));
  }

  /**
   * Click probabilities, into a direct buffer.
   *
   * @param user of the same model
   * @param candidates as in {@link #score(UserState, Columns, float[])}
   * @param scores likewise
   * @throws DinghyException likewise
   */
  public void score(UserState user, Columns candidates, FloatBuffer scores) throws DinghyException {
    scoreBuffers(user, Objects.requireNonNull(candidates, "candidates"), scores, null);
  }

  /**
   * Click probabilities, and the weights that the behaviours had, into direct buffers.
   *
   * @param user of the same model
   * @param candidates as in {@link #score(UserState, Columns, float[])}
   * @param scores likewise
   * @param attention gets {@link #attentionSize} weights; its numbers may not be those of {@code scores}
   * @throws DinghyException likewise
   */
  public void score(UserState user, Columns candidates, FloatBuffer scores, FloatBuffer attention)
      throws DinghyException {
    Objects.requireNonNull(candidates, "candidates");
    scoreBuffers(user, candidates, scores, Objects.requireNonNull(attention, "attention"));
  }

  /**
   * The candidates of the last successful score once more, for the user as it is now: where behaviours have only been
   * appended since, only their pairs are computed.
   *
   * @param user of the same model
   * @param scores gets {@link #scored()} numbers
   * @throws DinghyException as {@link #score(UserState, Columns, float[])}; INVALID_ARGUMENT before the first score too
   */
  public void rescore(UserState user, float[] scores) throws DinghyException {
    scoreArrays(user, null, scores, null);
  }

  /**
   * The same with the weights that the behaviours had.
   *
   * @param user of the same model
   * @param scores gets {@link #scored()} numbers
   * @param attention gets {@link #attentionSize} weights
   * @throws DinghyException as {@link #rescore(UserState, float[])}
   */
  public void rescore(UserState user, float[] scores, float[] attention) throws DinghyException {
    scoreArrays(user, null, scores, Objects.requireNonNull(attention, "attention"));
  }

  /**
   * The same into a direct buffer.
   *
   * @param user of the same model
   * @param scores gets {@link #scored()} numbers
   * @throws DinghyException as {@link #rescore(UserState, float[])}
   */
  public void rescore(UserState user, FloatBuffer scores) throws DinghyException {
    scoreBuffers(user, null, scores, null);
  }

  /**
   * The same with the weights that the behaviours had, into direct buffers.
   *
   * @param user of the same model
   * @param scores gets {@link #scored()} numbers
   * @param attention gets {@link #attentionSize} weights
   * @throws DinghyException as {@link #rescore(UserState, float[])}
   */
  public void rescore(UserState user, FloatBuffer scores, FloatBuffer attention) throws DinghyException {
    scoreBuffers(user, null, scores, Objects.requireNonNull(attention, "attention"));
  }

  /**
   * How many candidates the last successful score had, and rescore has.
   *
   * @return 0 before the first score
   */
  public int scored() {
    return scored;
  }

  /**
   * How many weights so many candidates have: candidates × behaviours kept now, over all interests.
   *
   * @param user whose behaviours
   * @param candidates how many
   * @return the least length of an array for attention
   */
  public static int attentionSize(UserState user, int candidates) {
    long size = 0;
    for (int i = 0; i < user.model.interests(); ++i) size += (long) candidates * user.historyLength(i);
    if (size != (int) size) throw new IllegalArgumentException(size + " weights, more than an array has");
    return (int) size;
  }

  /**
   * The instruction set that this scorer runs on.
   *
   * @return its name
   */
  public String isa() {
    beginReading();
    try {
      return Native.string(Native.scorerIsa(address));
    } finally {
      endReading();
    }
  }

  /**
   * Whether the attention is computed in integers: the model names them, the instruction set has them, and the options
   * allow them.
   *
   * @return true for integers
   */
  public boolean usesIntegers() {
    beginReading();
    try {
      return Native.usesIntegers(address);
    } finally {
      endReading();
    }
  }

  /** {@code candidates}: null for those of the last score; {@code attention}: null for none. */
  private void scoreArrays(UserState user, Columns candidates, float[] scores, float[] attention)
      throws DinghyException {
    begin(user, candidates);
    try {
      int rows = rows(candidates, scores.length);
      Native.score(address, user.address, address(candidates), count(candidates), rows, scores, attention);
      scored = rows;
    } finally {
      end(user, candidates);
    }
  }

  private void scoreBuffers(UserState user, Columns candidates, FloatBuffer scores, FloatBuffer attention)
      throws DinghyException {
    check(scores, "scores");
    if (attention != null) check(attention, "attention");
    begin(user, candidates);
    try {
      int rows = rows(candidates, scores.remaining());
      Native.scoreInto(
          address,
          user.address,
          address(candidates),
          count(candidates),
          rows,
          scores,
          scores.position(),
          attention,
          attention == null ? 0 : attention.position(),
          attention == null ? 0 : attention.remaining());
      scored = rows;
    } finally {
      end(user, candidates);
    }
  }

  private static void check(FloatBuffer buffer, String name) {
    if (!buffer.isDirect() || buffer.isReadOnly() || buffer.order() != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          name + ": the buffer has to be direct, writable and of ByteOrder.nativeOrder(); or give an array");
    }
  }

  /** Takes all objects of a call, or none. */
  private void begin(UserState user, Columns candidates) {
    if (user.model != model) throw new IllegalArgumentException("the user state is of another model");
    if (candidates != null) model.check(candidates);
    beginChanging();
    boolean begun = false;
    try {
      user.beginReading();
      try {
        if (candidates != null) candidates.uses.beginChanging();
        begun = true;
      } finally {
        if (!begun) user.endReading();
      }
    } finally {
      if (!begun) endChanging();
    }
  }

  private void end(UserState user, Columns candidates) {
    if (candidates != null) candidates.uses.endChanging();
    user.endReading();
    endChanging();
  }

  private int rows(Columns candidates, int room) throws DinghyException {
    int rows = candidates == null ? scored : candidates.rows();
    if (room < rows) throw DinghyException.invalid(rows + " candidates, room for " + room + " scores");
    return rows;
  }

  private static long address(Columns candidates) {
    return candidates == null ? 0 : candidates.address();
  }

  private static int count(Columns candidates) {
    return candidates == null ? 0 : candidates.count();
  }

  @Override
  void free() {
    Native.freeScorer(address);
  }
}
