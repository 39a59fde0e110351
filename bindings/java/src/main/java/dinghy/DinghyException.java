package dinghy;

import java.nio.charset.Charset;

/**
 * What the engine refused: the code says what kind of thing went wrong, the message, one line, what and where. The
 * objects of the call stay usable; {@link UserState#set} and {@link UserState#append} say in which state.
 */
public final class DinghyException extends Exception {
  private static final long serialVersionUID = 1;
  private static final Charset UTF_8 = Charset.forName("UTF-8");

  /** The kinds of errors, those of the engine's other interfaces. */
  public enum Code {
    // In the order of dinghy.h, from 1 on.
    /** The file cannot be opened, read or mapped. */
    IO_ERROR,
    /** The file is not a valid .dinghy file; the message names the field. */
    BAD_FILE,
    /** A valid file that needs a newer engine, or an ability that this one lacks. */
    UNSUPPORTED,
    /** The engine got no memory. */
    OUT_OF_MEMORY,
    /** No instruction set of this name exists in this build. */
    UNKNOWN_ISA,
    /** This processor or operating system cannot run the instruction set. */
    UNAVAILABLE_ISA,
    /** A column is missing, given twice, of the wrong length or kind, or holds a NaN; an array is too short. */
    INVALID_ARGUMENT,
    /** More candidates than {@link Options#maxCandidates(int)}. */
    LIMIT_EXCEEDED,
    /** An id without a row, in a table that has no row for such ids. */
    MISSING_ID,
    /** The model defines no score for a user without behaviours. */
    EMPTY_HISTORY,
    /** {@link Model#selftest}: a golden row of the file does not come out as it should. */
    WRONG_SCORES,
    /** Rows that came with a call are of another version of the table than the model's. */
    VERSION_MISMATCH
  }

  private static final Code[] CODES = Code.values();

  private final Code code;

  DinghyException(Code code, String message) {
    super(message);
    this.code = code;
  }

  /** Called by the native library: a code of dinghy.h, and a text that may be cut within a character. */
  DinghyException(int code, byte[] message) {
    this(CODES[code - 1], new String(message, UTF_8));
  }

  /**
   * What kind of thing went wrong.
   *
   * @return the code
   */
  public Code code() {
    return code;
  }

  static DinghyException invalid(String message) {
    return new DinghyException(Code.INVALID_ARGUMENT, message);
  }
}
