package dinghy;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;

/**
 * The functions of the native library. Handles are addresses; whoever calls keeps them alive, and keeps other calls
 * out where dinghy.h says so. Texts are UTF-8 with a zero behind them where they go in.
 */
final class Native {
  static {
    NativeLibrary.load();
  }

  private static final Charset UTF_8 = Charset.forName("UTF-8");

  private Native() {}

  /** A text for the engine. */
  static byte[] text(String text, String what) throws DinghyException {
    if (text.indexOf('\0') >= 0) throw DinghyException.invalid(what + " holds a zero character");
    return (text + '\0').getBytes(UTF_8);
  }

  static String string(byte[] utf8) {
    return new String(utf8, UTF_8);
  }

  static native byte[] version();

  /** Null behind the last. */
  static native byte[] isaName(int index);

  static native boolean isaAvailable(int index);

  // ---- models

  static native long open(byte[] path, boolean copy) throws DinghyException;

  static native long openDescriptor(int descriptor, long offset, long size) throws DinghyException;

  /** {@code size} bytes from {@code position} on; the library refers to the buffer until the last handle is freed. */
  static native long fromMemory(ByteBuffer direct, int position, int size) throws DinghyException;

  static native void freeModel(long model);

  static native byte[] modelName(long model);

  static native byte[] modelVersion(long model);

  static native long modelId(long model);

  static native int interests(long model);

  static native int trainedHistory(long model);

  static native byte[] describe(long model);

  static native int featureCount(long model);

  /** Its name; {@code facts}: role, kind, in_history, string_ids, dense_width. */
  static native byte[] feature(long model, int index, int[] facts);

  static native long missingIds(long model, int feature);

  static native void verify(long model) throws DinghyException;

  static native void selftest(long model, byte[] isa) throws DinghyException;

  static native void prefetch(long model, long columns, int count) throws DinghyException;

  // ---- user states; columns: the address of Columns' memory, and how many there are

  static native long createUser(long model, int maxHistory, byte[] isa) throws DinghyException;

  static native void freeUser(long user);

  static native void set(long user, long features, int featureCount, long history, int historyCount)
      throws DinghyException;

  static native void append(long user, long behaviors, int count) throws DinghyException;

  static native int historyLength(long user, int interest);

  // ---- memos

  static native long createMemo(long model, long bytes, byte[] isa, int integers) throws DinghyException;

  static native void freeMemo(long memo);

  /** found, computed, kept, replaced, items, room. */
  static native void countMemo(long memo, long[] counters) throws DinghyException;

  // ---- scorers; rows: how many candidates; a call of score with no columns' address scores the last ones again

  static native long createScorer(
      long model, int maxCandidates, int maxHistory, byte[] isa, int integers, long memo, int interests)
      throws DinghyException;

  static native void freeScorer(long scorer);

  static native byte[] scorerIsa(long scorer);

  static native boolean usesIntegers(long scorer);

  /** {@code attention}: null for none. */
  static native void score(
      long scorer, long user, long columns, int count, int rows, float[] scores, float[] attention)
      throws DinghyException;

  /** The same into direct buffers, from positions on, in floats. */
  static native void scoreInto(
      long scorer,
      long user,
      long columns,
      int count,
      int rows,
      Buffer scores,
      int scoresPosition,
      Buffer attention,
      int attentionPosition,
      int attentionRoom)
      throws DinghyException;

  /** Where a direct buffer begins. */
  static native long address(Buffer direct);
}
