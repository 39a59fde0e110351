package dinghy;

/**
 * One feature of a model, as callers pass it: the name of a column. Immutable. Ask the model for it once, by
 * {@link Model#feature} or {@link Model#features}; it belongs to that model, and stays readable after its close.
 */
public final class Feature {
  /** Where a feature belongs. */
  public enum Role {
    /** One row for each user: {@link UserState#set}. */
    USER,
    /** One row for each request, passed with those of the user. */
    CONTEXT,
    /** A row for each candidate: {@link Scorer#score}. */
    CANDIDATE,
    /** A row for each behaviour, and none for candidates. */
    HISTORY
  }

  /** What a row of a feature is. */
  public enum Kind {
    /** One id. */
    ID,
    /** Any number of ids. */
    BAG,
    /** {@link Feature#denseWidth()} numbers. */
    DENSE
  }

  private static final Role[] ROLES = Role.values();
  private static final Kind[] KINDS = Kind.values();

  final Model model;
  final int number;
  private final String name;
  private final Role role;
  private final Kind kind;
  private final int denseWidth;
  private final boolean inHistory;
  private final boolean stringIds;

  /** {@code facts}: role, kind, inHistory, stringIds and denseWidth, as Native.feature gives them. */
  Feature(Model model, int number, String name, int[] facts) {
    this.model = model;
    this.number = number;
    this.name = name;
    role = ROLES[facts[0]];
    kind = KINDS[facts[1]];
    inHistory = facts[2] != 0;
    stringIds = facts[3] != 0;
    denseWidth = facts[4];
  }

  /**
   * The name that training gave it.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Where the feature belongs.
   *
   * @return the role
   */
  public Role role() {
    return role;
  }

  /**
   * What a row of it is.
   *
   * @return the kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * How many numbers a row has.
   *
   * @return the width of a {@link Kind#DENSE} feature, else 0
   */
  public int denseWidth() {
    return denseWidth;
  }

  /**
   * Whether the behaviour history has a column of it (too).
   *
   * @return true for a column of the history
   */
  public boolean inHistory() {
    return inHistory;
  }

  /**
   * Whether its ids are strings.
   *
   * @return true for {@link Columns#strings}, false for {@link Columns#ids(Feature, long...)}
   */
  public boolean stringIds() {
    return stringIds;
  }

  @Override
  public String toString() {
    return name + " (" + role + ", " + kind + ")";
  }
}
