package dinghy;

import java.util.Objects;

/**
 * How large a {@link UserState} and a {@link Scorer} are, and how they compute. Give the same options to both. Read
 * when an object is made, and not later; for one thread.
 */
public final class Options {
  /** When a model that names integers for its attention is computed with them. Scores differ slightly. */
  public enum Integers {
    /** With bytes, and with 16 bits where a key has at least 48 numbers. */
    WHEN_FASTER,
    /** Always. */
    ALWAYS,
    /** Never. */
    NEVER
  }

  int maxHistory;
  int maxCandidates;
  String isa = "";
  Integers integers = Integers.WHEN_FASTER;
  PairMemo memo; // null: none

  /** 200 candidates, 100 behaviours, the best instruction set of this machine, no memo. */
  public Options() {}

  /**
   * How many behaviours are kept; the model's {@link Model#trainedHistory()} bounds it too.
   *
   * @param behaviors at least 0; 0 stands for 100
   * @return this
   */
  public Options maxHistory(int behaviors) {
    maxHistory = natural(behaviors, "maxHistory");
    return this;
  }

  /**
   * How many candidates a call of a scorer may have.
   *
   * @param candidates at least 0; 0 stands for 200
   * @return this
   */
  public Options maxCandidates(int candidates) {
    maxCandidates = natural(candidates, "maxCandidates");
    return this;
  }

  /**
   * The instruction set to compute with.
   *
   * @param name one of {@link Model#isas()}; "": DINGHY_ISA from the environment, else the best available
   * @return this
   */
  public Options isa(String name) {
    isa = Objects.requireNonNull(name, "name");
    return this;
  }

  /**
   * When a model that names integers is computed with them.
   *
   * @param when when it is
   * @return this
   */
  public Options integers(Integers when) {
    integers = Objects.requireNonNull(when, "when");
    return this;
  }

  /**
   * Scorers look up pairs of a candidate and a behaviour that were computed before: the same scores, bit for bit.
   *
   * @param memo of the same model, instruction set and integers; used while the scorer lives, closed or not
   * @return this
   */
  public Options memo(PairMemo memo) {
    this.memo = Objects.requireNonNull(memo, "memo");
    return this;
  }

  private static int natural(int value, String name) {
    if (value < 0) throw new IllegalArgumentException(name + " is " + value + "; it has to be at least 0");
    return value;
  }
}
