package dinghy;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Objects;

/**
 * The values of features for some rows: candidates, behaviours, or the one row of a user. One column for each
 * feature, in any order, all with the same number of rows.
 *
 * <p>Values are copied when they come in, so arrays and buffers are the caller's again at once. Make one object for
 * each kind of rows and fill it anew for each request, {@code page.clear().ids(item, items).ids(category, categories)}:
 * its memory, outside the Java heap, grows to the largest request and is kept. It goes with the object, which needs no
 * close. One call at a time uses the object; another one meanwhile is an {@link IllegalStateException}.
 *
 * <p>What a column may hold is the model's to say, and checked by the call that gets the columns: a
 * {@link DinghyException} then names the feature. A feature of another model is an {@link IllegalArgumentException}
 * here.
 */
public final class Columns {
  // What the native library reads (columns.cc): a descriptor of six longs for each column, room in which it puts its
  // own for each, then values.
  private static final int DESCRIPTOR = 6 * 8;
  private static final int NATIVE_COLUMN = 40;
  private static final int IDS = 0;
  private static final int STRINGS = 1;
  private static final int NUMBERS = 2;
  private static final int STRING_ENTRY = 2 * 16; // where it is and its size, and room for the same as pointer

  final Model model;
  final Uses uses = new Uses("Columns object");
  private final int capacity;
  private ByteBuffer memory;
  private IntBuffer ints;
  private LongBuffer longs;
  private FloatBuffer floats;
  private long address;
  private int count;
  private int rows;
  private int end; // of what is used of the memory, a multiple of 8

  /**
   * No columns yet.
   *
   * @param model whose features these are; may be closed later
   */
  public Columns(Model model) {
    this.model = Objects.requireNonNull(model, "model");
    capacity = model.features().size();
    use(ByteBuffer.allocateDirect(firstValue() + 1024));
    end = firstValue();
  }

  /**
   * Takes all columns out, and keeps the memory for the next ones.
   *
   * @return this
   */
  public Columns clear() {
    uses.beginChanging();
    count = 0;
    rows = 0;
    end = firstValue();
    uses.endChanging();
    return this;
  }

  /**
   * Adds a column of integer ids, one a row.
   *
   * @param feature of this model
   * @param ids as the application has them
   * @return this
   */
  public Columns ids(Feature feature, long... ids) {
    return ids(feature, ids, 0, ids.length);
  }

  /**
   * Adds a column of integer ids, one a row, out of a part of an array.
   *
   * @param feature of this model
   * @param ids an array
   * @param offset of the first id
   * @param length how many
   * @return this
   * @throws IndexOutOfBoundsException for a part that the array does not have
   */
  public Columns ids(Feature feature, long[] ids, int offset, int length) {
    Objects.requireNonNull(ids, "ids");
    uses.beginChanging();
    try {
      int at = begin(feature, 8L * Math.max(length, 0));
      putLongs(at, ids, offset, length);
      add(feature, IDS, at, length, 0, 0, at + 8 * length);
    } finally {
      uses.endChanging();
    }
    return this;
  }

  /**
   * Adds a column of integer ids, one a row: those between the buffer's position and its limit, which stay as they are.
   *
   * @param feature of this model
   * @param ids direct or not, in any byte order
   * @return this
   */
  public Columns ids(Feature feature, LongBuffer ids) {
    Objects.requireNonNull(ids, "ids");
    uses.beginChanging();
    try {
      int position = ids.position();
      int length = ids.remaining();
      int at = begin(feature, 8L * length);
      ((Buffer) longs).position(at / 8);
      longs.put(ids);
      ((Buffer) ids).position(position);
      add(feature, IDS, at, length, 0, 0, at + 8 * length);
    } finally {
      uses.endChanging();
    }
    return this;
  }

  /**
   * Adds a column of string ids, one a row, for a feature with {@link Feature#stringIds()}.
   *
   * @param feature of this model
   * @param strings none of them null
   * @return this
   */
  public Columns strings(Feature feature, String... strings) {
    Objects.requireNonNull(strings, "strings");
    uses.beginChanging();
    try {
      int at = begin(feature, stringBytes(strings));
      add(feature, STRINGS, at, strings.length, 0, 0, putStrings(at, strings));
    } finally {
      uses.endChanging();
    }
    return this;
  }

  /**
   * Adds a column of numbers, {@link Feature#denseWidth()} for each row, row by row.
   *
   * @param feature of this model
   * @param numbers finite ones
   * @return this
   */
  public Columns numbers(Feature feature, float... numbers) {
    return numbers(feature, numbers, 0, numbers.length);
  }

  /**
   * Adds a column of numbers out of a part of an array.
   *
   * @param feature of this model
   * @param numbers an array of finite numbers
   * @param offset of the first number
   * @param length how many numbers
   * @return this
   * @throws IndexOutOfBoundsException for a part that the array does not have
   */
  public Columns numbers(Feature feature, float[] numbers, int offset, int length) {
    Objects.requireNonNull(numbers, "numbers");
    uses.beginChanging();
    try {
      int at = begin(feature, 4L * Math.max(length, 0));
      ((Buffer) floats).position(at / 4);
      floats.put(numbers, offset, length);
      add(feature, NUMBERS, at, length, 0, 0, at + 4 * length);
    } finally {
      uses.endChanging();
    }
    return this;
  }

  /**
   * Adds a column of numbers: those between the buffer's position and its limit, which stay as they are.
   *
   * @param feature of this model
   * @param numbers direct or not, in any byte order
   * @return this
   */
  public Columns numbers(Feature feature, FloatBuffer numbers) {
    Objects.requireNonNull(numbers, "numbers");
    uses.beginChanging();
    try {
      int position = numbers.position();
      int length = numbers.remaining();
      int at = begin(feature, 4L * length);
      ((Buffer) floats).position(at / 4);
      floats.put(numbers);
      ((Buffer) numbers).position(position);
      add(feature, NUMBERS, at, length, 0, 0, at + 4 * length);
    } finally {
      uses.endChanging();
    }
    return this;
  }

  /**
   * Adds a column of bags of integer ids: row r has {@code ids[offsets[r]]} to {@code ids[offsets[r + 1] - 1]}.
   *
   * @param feature of this model
   * @param ids of all rows
   * @param offsets one more than there are rows, rising, from 0 on
   * @return this
   */
  public Columns bags(Feature feature, long[] ids, int[] offsets) {
    Objects.requireNonNull(ids, "ids");
    Objects.requireNonNull(offsets, "offsets");
    uses.beginChanging();
    try {
      int at = begin(feature, 8L * ids.length + 4L * offsets.length);
      putLongs(at, ids, 0, ids.length);
      addBags(feature, IDS, at, ids.length, at + 8 * ids.length, offsets);
    } finally {
      uses.endChanging();
    }
    return this;
  }

  /**
   * Adds a column of bags of string ids, as {@link #bags}.
   *
   * @param feature of this model
   * @param strings of all rows, none of them null
   * @param offsets one more than there are rows, rising, from 0 on
   * @return this
   */
  public Columns stringBags(Feature feature, String[] strings, int[] offsets) {
    Objects.requireNonNull(strings, "strings");
    Objects.requireNonNull(offsets, "offsets");
    uses.beginChanging();
    try {
      int at = begin(feature, stringBytes(strings) + 4L * offsets.length);
      addBags(feature, STRINGS, at, strings.length, putStrings(at, strings), offsets);
    } finally {
      uses.endChanging();
    }
    return this;
  }

  /**
   * How many rows the columns have.
   *
   * @return the rows of the first column; 0 without any
   */
  public int rows() {
    return rows;
  }

  /** For the native library, by a call that has begun to change the columns. */
  long address() {
    return address;
  }

  int count() {
    return count;
  }

  private int firstValue() {
    return capacity * (DESCRIPTOR + NATIVE_COLUMN);
  }

  /** Where values of so many bytes go. */
  private int begin(Feature feature, long bytes) {
    if (feature.model != model) throw new IllegalArgumentException(feature + " is a feature of another model");
    if (count == capacity) {
      throw new IllegalArgumentException("more columns than the model has features, " + capacity);
    }
    long needed = end + bytes;
    if (needed > Integer.MAX_VALUE - 8) throw new IllegalArgumentException("columns of more than 2 GB");
    if (needed > memory.capacity()) grow(needed);
    return end;
  }

  private void grow(long needed) {
    ByteBuffer larger = ByteBuffer.allocateDirect((int) Math.min(2 * needed, Integer.MAX_VALUE));
    ((Buffer) memory).position(0).limit(end);
    larger.put(memory);
    use(larger);
  }

  private void use(ByteBuffer larger) {
    ((Buffer) larger).clear();
    memory = larger.order(ByteOrder.nativeOrder());
    ints = memory.asIntBuffer();
    longs = memory.asLongBuffer();
    floats = memory.asFloatBuffer();
    address = Native.address(memory);
  }

  private void addBags(Feature feature, int kind, int at, int size, int offsetsAt, int[] offsets) {
    int aligned = (offsetsAt + 3) & ~3;
    ((Buffer) ints).position(aligned / 4);
    ints.put(offsets);
    add(feature, kind, at, size, aligned, offsets.length, aligned + 4 * offsets.length);
  }

  private void add(Feature feature, int kind, int at, int size, int offsetsAt, int offsetCount, int newEnd) {
    int d = count * DESCRIPTOR / 8;
    longs.put(d, feature.number);
    longs.put(d + 1, kind);
    longs.put(d + 2, at);
    longs.put(d + 3, size);
    longs.put(d + 4, offsetsAt);
    longs.put(d + 5, offsetCount);
    if (count == 0) rows = rowsOf(feature, kind, size, offsetsAt, offsetCount);
    ++count;
    end = (newEnd + 7) & ~7;
  }

  private static int rowsOf(Feature feature, int kind, int size, int offsetsAt, int offsetCount) {
    if (offsetsAt != 0) return Math.max(offsetCount - 1, 0);
    return kind == NUMBERS ? size / Math.max(feature.denseWidth(), 1) : size;
  }

  private void putLongs(int at, long[] values, int offset, int length) {
    ((Buffer) longs).position(at / 8);
    longs.put(values, offset, length);
  }

  /** At most: a char takes three bytes of UTF-8, and a pair of surrogates four. */
  private static long stringBytes(String[] strings) {
    long bytes = (long) STRING_ENTRY * strings.length + 4;
    for (String string : strings) bytes += 3L * string.length();
    return bytes;
  }

  /** Where they end. */
  private int putStrings(int at, String[] strings) {
    int text = at + STRING_ENTRY * strings.length;
    for (int i = 0; i < strings.length; ++i) {
      int textEnd = putUtf8(text, strings[i]);
      longs.put(at / 8 + 2 * i, text);
      longs.put(at / 8 + 2 * i + 1, textEnd - text);
      text = textEnd;
    }
    return text;
  }

  /** As String.getBytes does, without its array. */
  private int putUtf8(int at, String string) {
    for (int i = 0; i < string.length(); ++i) {
      int c = string.charAt(i);
      if (c < 0x80) {
        memory.put(at++, (byte) c);
        continue;
      }
      if (Character.isSurrogate((char) c)) {
        c = string.codePointAt(i);
        if (c < 0x10000) {
          memory.put(at++, (byte) '?'); // half a pair
          continue;
        }
        ++i;
      }
      at = putCodePoint(at, c);
    }
    return at;
  }

  private int putCodePoint(int at, int c) {
    int following = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    memory.put(at++, (byte) (-0x80 >> following | c >> 6 * following));
    for (int i = following - 1; i >= 0; --i) memory.put(at++, (byte) (0x80 | c >> 6 * i & 0x3F));
    return at;
  }
}
