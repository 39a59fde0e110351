package dinghy;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;

/** The cases of tests/conformance, whose README.md has the steps. */
@RunWith(Parameterized.class)
public class ConformanceTest {
  private static final Path FOLDER = Paths.get(System.getProperty("dinghy.conformance"));
  private static final float TOLERANCE = 1e-5f;

  private final List<Map<String, Object>> steps;
  private final Map<String, float[]> labels = new TreeMap<>();
  private Model model;
  private UserState user;
  private Scorer scorer;
  private float[] scores = {};
  private float[] attention = {};

  public ConformanceTest(String name, List<Map<String, Object>> steps) {
    this.steps = steps;
  }

  @Parameters(name = "{0}")
  public static List<Object[]> cases() throws Exception {
    List<Object[]> cases = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER.resolve("cases"))) {
      for (Path file : files.sorted().collect(Collectors.toList())) {
        for (Map<String, Object> one : maps(object(Json.read(file)).get("cases"))) {
          cases.add(new Object[] {file.getFileName() + ": " + one.get("name"), one.get("steps")});
        }
      }
    }
    return cases;
  }

  @Test
  public void everyStepComesOutAsTheCaseSays() throws Exception {
    int number = 0;
    for (Map<String, Object> step : steps) {
      String where = "step " + number++ + " (" + step.get("call") + ")";
      String code = "ok";
      try {
        call(step);
      } catch (DinghyException refused) {
        code = refused.code().name().toLowerCase(Locale.ROOT);
        assertTrue(where + ": a message", refused.getMessage().length() > 10);
      }
      assertEquals(where, step.getOrDefault("error", "ok"), code);
      if (code.equals("ok")) compare(where, step);
    }
  }

  private void call(Map<String, Object> step) throws Exception {
    switch ((String) step.get("call")) {
      case "open":
        model = open(FOLDER.resolve("models").resolve(step.get("model") + ".dinghy"), step);
        break;
      case "verify":
        model.verify();
        break;
      case "selftest":
        model.selftest((String) step.getOrDefault("isa", ""));
        break;
      case "prefetch":
        model.prefetch(rows(step, "columns"));
        break;
      case "create":
        create(step);
        break;
      case "set":
        user.set(who(step), rows(step, "history"));
        break;
      case "append":
        user.append(rows(step, "history"));
        break;
      case "score":
        Columns candidates = rows(step, "candidates");
        makeRoom(candidates.rows());
        scorer.score(user, candidates, scores, attention);
        break;
      case "rescore":
        makeRoom(scorer.scored());
        scorer.rescore(user, scores, attention);
        break;
      case "close_model":
        model.close();
        break;
      case "features":
      case "missing_ids":
      case "history_lengths":
        break;
      default:
        throw new IllegalArgumentException("unknown call " + step.get("call"));
    }
  }

  private static Model open(Path file, Map<String, Object> step) throws Exception {
    if (!"memory".equals(step.get("from"))) return Model.open(file.toString());
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
      MappedByteBuffer mapped = opened.getChannel().map(MapMode.READ_ONLY, 0, opened.length());
      return Model.fromMemory(mapped);
    }
  }

  private void create(Map<String, Object> step) throws DinghyException {
    Options options =
        new Options()
            .maxCandidates(number(step, "max_candidates"))
            .maxHistory(number(step, "max_history"))
            .isa((String) step.getOrDefault("isa", ""))
            .integers(
                Options.Integers.valueOf(
                    ((String) step.getOrDefault("integers", "when_faster")).toUpperCase(Locale.ROOT)));
    int bytes = number(step, "memo_bytes");
    if (bytes > 0) options.memo(PairMemo.create(model, bytes, options));
    user = UserState.create(model, options);
    scorer = Scorer.create(model, options);
  }

  private void makeRoom(int candidates) {
    scores = new float[candidates];
    attention = new float[Scorer.attentionSize(user, candidates)];
  }

  private void compare(String where, Map<String, Object> step) throws DinghyException {
    switch ((String) step.get("call")) {
      case "features":
        assertEquals(where, step.get("expect"), described());
        break;
      case "missing_ids":
        assertEquals(where, step.get("expect"), model.missingIds(model.feature((String) step.get("feature"))));
        break;
      case "history_lengths":
        List<Object> lengths = new ArrayList<>();
        for (int i = 0; i < model.interests(); ++i) lengths.add((long) user.historyLength(i));
        assertEquals(where, step.get("expect"), lengths);
        break;
      case "score":
      case "rescore":
        compareScores(where, step);
        break;
      default:
        break;
    }
  }

  private Map<String, Object> described() {
    Map<String, Object> all = new TreeMap<>();
    for (Feature f : model.features()) {
      Map<String, Object> one = new TreeMap<>();
      one.put("role", f.role().name().toLowerCase(Locale.ROOT));
      one.put("kind", f.kind().name().toLowerCase(Locale.ROOT));
      one.put("width", (long) f.denseWidth());
      one.put("history", f.inHistory());
      one.put("strings", f.stringIds());
      all.put(f.name(), one);
    }
    return all;
  }

  private void compareScores(String where, Map<String, Object> step) {
    if (step.containsKey("scores")) assertClose(where + ": scores", step.get("scores"), scores);
    if (step.containsKey("attention")) assertClose(where + ": attention", step.get("attention"), attention);
    if (step.containsKey("equals")) {
      float[] all = labels.get(step.get("equals"));
      List<Object> rows = list(step.get("rows"));
      for (int i = 0; i < scores.length; ++i) {
        float expected = all[rows.isEmpty() ? i : ((Long) rows.get(i)).intValue()];
        assertEquals(where + ": score " + i, Float.floatToIntBits(expected), Float.floatToIntBits(scores[i]));
      }
    }
    if (step.containsKey("label")) labels.put((String) step.get("label"), scores);
  }

  private static void assertClose(String where, Object expected, float[] got) {
    List<Object> numbers = new ArrayList<>();
    flatten(expected, numbers);
    assertEquals(where + ", how many", numbers.size(), got.length);
    for (int i = 0; i < got.length; ++i) {
      assertEquals(where + ", number " + i, number(numbers.get(i)), got[i], TOLERANCE);
    }
  }

  // ---- values of a case as columns

  private Columns who(Map<String, Object> step) throws DinghyException {
    Columns columns = new Columns(model);
    for (String part : new String[] {"user", "context"}) {
      for (Map.Entry<String, Object> value : object(step.get(part)).entrySet()) {
        add(columns, value.getKey(), Collections.singletonList(value.getValue()));
      }
    }
    return columns;
  }

  private Columns rows(Map<String, Object> step, String part) throws DinghyException {
    Columns columns = new Columns(model);
    for (Map.Entry<String, Object> value : object(step.get(part)).entrySet()) {
      add(columns, value.getKey(), list(value.getValue()));
    }
    return columns;
  }

  private void add(Columns columns, String name, List<Object> rows) throws DinghyException {
    Feature feature = model.feature(name);
    List<Object> flat = new ArrayList<>();
    flatten(rows, flat);
    boolean fractions = rows.stream().anyMatch(row -> row instanceof Double);
    boolean strings = rows.isEmpty() ? feature.stringIds() : flat.stream().anyMatch(v -> v instanceof String);
    if (fractions || feature.kind() == Feature.Kind.DENSE) {
      float[] numbers = new float[flat.size()];
      for (int i = 0; i < numbers.length; ++i) numbers[i] = number(flat.get(i));
      columns.numbers(feature, numbers);
    } else if (rows.isEmpty() ? feature.kind() == Feature.Kind.BAG : rows.get(0) instanceof List) {
      int[] offsets = new int[rows.size() + 1];
      for (int i = 0; i < rows.size(); ++i) offsets[i + 1] = offsets[i] + list(rows.get(i)).size();
      if (strings) columns.stringBags(feature, flat.toArray(new String[0]), offsets);
      else columns.bags(feature, longs(flat), offsets);
    } else if (strings) {
      columns.strings(feature, flat.toArray(new String[0]));
    } else {
      columns.ids(feature, longs(flat));
    }
  }

  private static long[] longs(List<Object> values) {
    return values.stream().mapToLong(value -> (Long) value).toArray();
  }

  private static void flatten(Object value, List<Object> into) {
    if (value instanceof List) {
      for (Object one : (List<?>) value) flatten(one, into);
    } else {
      into.add(value);
    }
  }

  private static float number(Object value) {
    return value instanceof String ? Float.parseFloat((String) value) : ((Number) value).floatValue();
  }

  private static int number(Map<String, Object> step, String key) {
    return ((Long) step.getOrDefault(key, 0L)).intValue();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object value) {
    return value == null ? Collections.emptyMap() : (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return value == null ? Collections.emptyList() : (List<Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> maps(Object value) {
    return (List<Map<String, Object>>) value;
  }
}
