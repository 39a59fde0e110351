package dinghy;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model file, opened and verified. Immutable: any number of threads may use it at once. User states and scorers keep
 * what they need of it, so it may be closed before them.
 */
public final class Model extends Handle {
  private final String name;
  private final String version;
  private final long id;
  private final int interests;
  private final int trainedHistory;
  private final List<Feature> features;
  private final Map<String, Feature> byName = new HashMap<>();

  private Model(long address) {
    super("Model", address);
    name = Native.string(Native.modelName(address));
    version = Native.string(Native.modelVersion(address));
    id = Native.modelId(address);
    interests = Native.interests(address);
    trainedHistory = Native.trainedHistory(address);
    features = Collections.unmodifiableList(readFeatures());
    for (Feature feature : features) byName.put(feature.name(), feature);
  }

  /**
   * Maps a file. While the model, a user state or a scorer of it lives, the file must not change in place, or be cut:
   * replace it by renaming a new one over it.
   *
   * @param path of a .dinghy file
   * @return the model; close it
   * @throws DinghyException IO_ERROR, BAD_FILE, UNSUPPORTED, OUT_OF_MEMORY
   */
  public static Model open(String path) throws DinghyException {
    return new Model(Native.open(Native.text(path, "path"), false));
  }

  /**
   * Reads a file into memory, for files that others may write to.
   *
   * @param path of a .dinghy file
   * @return the model; close it
   * @throws DinghyException as {@link #open(String)}
   */
  public static Model read(String path) throws DinghyException {
    return new Model(Native.open(Native.text(path, "path"), true));
  }

  /**
   * Maps a part of a file that is open already, such as an asset that an APK stores without compression:
   * {@code open(asset.getParcelFileDescriptor().getFd(), asset.getStartOffset(), asset.getLength())}.
   *
   * @param descriptor of the operating system; stays the caller's, who may close it
   * @param offset of the first byte, a multiple of 4
   * @param size in bytes; 0 for all that follows
   * @return the model; close it
   * @throws DinghyException as {@link #open(String)}; INVALID_ARGUMENT for bytes that the file does not have
   */
  public static Model open(int descriptor, long offset, long size) throws DinghyException {
    if (offset < 0 || size < 0) throw DinghyException.invalid("offset or size is negative");
    return new Model(Native.openDescriptor(descriptor, offset, size));
  }

  /**
   * The model in the bytes between the buffer's position and its limit. A direct buffer that is read-only, as
   * {@code FileChannel.map} gives one, is used where it lies, and must not change while the model, a user state or a
   * scorer of it lives; of any other buffer a copy is taken.
   *
   * @param bytes of a .dinghy file; its position and limit stay as they are
   * @return the model; close it
   * @throws DinghyException BAD_FILE, UNSUPPORTED, OUT_OF_MEMORY; INVALID_ARGUMENT where bytes that are used in place
   *     do not lie at a multiple of 4
   */
  public static Model fromMemory(ByteBuffer bytes) throws DinghyException {
    ByteBuffer used = bytes;
    if (!bytes.isDirect() || !bytes.isReadOnly()) {
      used = ByteBuffer.allocateDirect(bytes.remaining());
      used.put(bytes.duplicate());
      ((Buffer) used).flip(); // which ByteBuffer itself has from Java 9 on
    }
    return new Model(Native.fromMemory(used, used.position(), used.remaining()));
  }

  /**
   * The instruction sets that this machine can run, the preferred one first, "reference" last.
   *
   * @return their names, for {@link Options#isa(String)}
   */
  public static List<String> isas() {
    List<String> names = new ArrayList<>();
    byte[] name = Native.isaName(0);
    for (int i = 0; name != null; name = Native.isaName(++i)) {
      if (Native.isaAvailable(i)) names.add(Native.string(name));
    }
    return names;
  }

  /**
   * The version of the engine in the native library.
   *
   * @return such as "0.1.0"
   */
  public static String engineVersion() {
    return Native.string(Native.version());
  }

  /**
   * The name in the file.
   *
   * @return may be empty
   */
  public String name() {
    return name;
  }

  /**
   * Which training of the model this is: what {@code dinghy convert --model-version} was given.
   *
   * @return may be empty
   */
  public String version() {
    return version;
  }

  /**
   * A number that tells this file from others, for caches and logs.
   *
   * @return 64 bits; {@code Long.toHexString} shows what other tools show
   */
  public long id() {
    return id;
  }

  /**
   * How many interests (local activation units) the model has, each with attention of its own.
   *
   * @return at least 1
   */
  public int interests() {
    return interests;
  }

  /**
   * The longest history that training saw.
   *
   * @return 0 where the model states none
   */
  public int trainedHistory() {
    return trainedHistory;
  }

  /**
   * All features, in the order of their numbers.
   *
   * @return cannot be changed
   */
  public List<Feature> features() {
    return features;
  }

  /**
   * The feature of a name.
   *
   * @param name such as "item"
   * @return the feature
   * @throws DinghyException INVALID_ARGUMENT where the model has none; the message lists those that it has
   */
  public Feature feature(String name) throws DinghyException {
    Feature feature = byName.get(Objects.requireNonNull(name, "name"));
    if (feature == null) throw DinghyException.invalid("no feature '" + name + "'; the model has " + byName.keySet());
    return feature;
  }

  /**
   * What there is to know of the model's inputs: features, tables, histories, interests, limits, origin.
   *
   * @return one line of JSON; docs/embedding.md has the keys
   */
  public String describe() {
    beginReading();
    try {
      return Native.string(Native.describe(address));
    } finally {
      endReading();
    }
  }

  /**
   * How often an id of this feature had no row, since the model was opened.
   *
   * @param feature of this model
   * @return over all its users
   */
  public long missingIds(Feature feature) {
    if (feature.model != this) throw new IllegalArgumentException(feature + " is a feature of another model");
    beginReading();
    try {
      return Native.missingIds(address, feature.number);
    } finally {
      endReading();
    }
  }

  /**
   * Reads the whole file and compares its hashes: finds what a broken disk or transfer does. Takes as long as reading.
   *
   * @throws DinghyException BAD_FILE, naming the damaged part; UNSUPPORTED for a file of an older converter
   */
  public void verify() throws DinghyException {
    beginReading();
    try {
      Native.verify(address);
    } finally {
      endReading();
    }
  }

  /**
   * Scores the golden rows of the file here, and compares with what the original framework gave.
   *
   * @param isa the instruction set; "": the one that scorers take by default
   * @throws DinghyException WRONG_SCORES, naming the row that is furthest off; UNSUPPORTED for a file without golden
   *     rows; UNKNOWN_ISA, UNAVAILABLE_ISA, BAD_FILE, OUT_OF_MEMORY
   */
  public void selftest(String isa) throws DinghyException {
    byte[] name = Native.text(isa, "isa");
    beginReading();
    try {
      Native.selftest(address, name);
    } finally {
      endReading();
    }
  }

  /**
   * Asks the system for the pages on which the rows of these ids lie, without waiting for them: call it as soon as the
   * candidates are known.
   *
   * @param columns of any features, with any numbers of rows; ids without a row are passed over
   * @throws DinghyException INVALID_ARGUMENT
   */
  public void prefetch(Columns columns) throws DinghyException {
    check(columns);
    beginReading();
    try {
      columns.uses.beginChanging();
      try {
        Native.prefetch(address, columns.address(), columns.count());
      } finally {
        columns.uses.endChanging();
      }
    } finally {
      endReading();
    }
  }

  /** Numbers of features mean something in one model alone. */
  void check(Columns columns) {
    if (columns.model != this) throw new IllegalArgumentException("the columns are of another model");
  }

  @Override
  void free() {
    Native.freeModel(address);
  }

  private List<Feature> readFeatures() {
    List<Feature> read = new ArrayList<>();
    int[] facts = new int[5];
    for (int i = 0; i < Native.featureCount(address); ++i) {
      String featureName = Native.string(Native.feature(address, i, facts));
      read.add(new Feature(this, i, featureName, facts));
    }
    return read;
  }
}
