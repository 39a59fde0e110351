import dinghy.Columns;
import dinghy.Feature;
import dinghy.Model;
import dinghy.Options;
import dinghy.Scorer;
import dinghy.UserState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * What a call from Java takes: java -cp build/release/bindings/java/dinghy.jar bench/JavaCalls.java shop.dinghy
 *
 * <p>A model whose features are integer ids; ids count up from 1. A request without behaviours and candidates is what a call
 * itself costs. Each figure is the fastest of many batches, in nanoseconds.
 */
public final class JavaCalls {
  private static final int IDS = 8; // the fewest rows of a table of the golden models, without padding

  private interface Call {
    void run() throws Exception;
  }

  private static double nanoseconds(Call call, int number) throws Exception {
    double fastest = Double.MAX_VALUE;
    for (int batch = 0; batch < 2000; ++batch) {
      long begin = System.nanoTime();
      for (int i = 0; i < number; ++i) call.run();
      fastest = Math.min(fastest, (System.nanoTime() - begin) / (double) number);
    }
    return fastest;
  }

  private static Columns rows(Model model, Columns columns, Feature.Role role, boolean history, long[] ids) {
    columns.clear();
    for (Feature feature : model.features()) {
      if (history ? feature.inHistory() : feature.role() == role) columns.ids(feature, ids);
    }
    return columns;
  }

  public static void main(String[] arguments) throws Exception {
    try (Model model = Model.open(arguments[0]);
        UserState user = UserState.create(model, new Options());
        Scorer scorer = Scorer.create(model, new Options())) {
      String java = System.getProperty("java.version");
      System.out.printf("Java %s, engine %s, %s%n", java, Model.engineVersion(), scorer.isa());
      double asks = nanoseconds(() -> user.historyLength(0), 1000);
      System.out.printf("a call that only asks (historyLength): %.0f ns%n", asks);
      Columns who = rows(model, new Columns(model), Feature.Role.USER, false, new long[] {1});
      Columns seen = new Columns(model);
      Columns page = new Columns(model);
      for (int[] sizes : new int[][] {{0, 0}, {5, 3}, {50, 100}}) {
        long[] behaviors = new long[sizes[0]];
        long[] candidates = new long[sizes[1]];
        Arrays.setAll(behaviors, i -> 1 + i % IDS);
        Arrays.setAll(candidates, i -> 1 + (7 * i) % IDS);
        user.set(who, rows(model, seen, Feature.Role.HISTORY, true, behaviors));
        rows(model, page, Feature.Role.CANDIDATE, false, candidates);
        float[] scores = new float[sizes[1]];
        FloatBuffer direct =
            ByteBuffer.allocateDirect(4 * sizes[1]).order(ByteOrder.nativeOrder()).asFloatBuffer();
        int number = sizes[1] == 0 ? 1000 : 50;
        System.out.printf(
            "%3d behaviours, %3d candidates: set %.0f ns, score into an array %.0f ns, into a direct buffer %.0f ns, "
                + "columns filled anew and scored %.0f ns%n",
            sizes[0],
            sizes[1],
            nanoseconds(() -> user.set(who, seen), number),
            nanoseconds(() -> scorer.score(user, page, scores), number),
            nanoseconds(() -> scorer.score(user, page, direct), number),
            nanoseconds(
                () -> {
                  rows(model, page, Feature.Role.CANDIDATE, false, candidates);
                  scorer.score(user, page, scores);
                },
                number));
      }
    }
  }
}
