package dinghy;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import dinghy.DinghyException.Code;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;

/** What is done wrongly is an exception that says so, and everything goes on working. */
public class MisuseTest {
  private Shop shop;

  @Before
  public void open() throws DinghyException {
    shop = new Shop().set();
  }

  @After
  public void stillScores() throws DinghyException {
    assertEquals(Shop.SCORE, shop.set().score(), 1e-5f);
    shop.close();
  }

  private static void assertRefused(Code code, String words, ThrowingRunnable call) {
    DinghyException refused = assertThrows(DinghyException.class, call);
    assertEquals(refused.getMessage(), code, refused.code());
    assertTrue(refused.getMessage(), refused.getMessage().contains(words));
  }

  private static void assertClosed(ThrowingRunnable call) {
    IllegalStateException closed = assertThrows(IllegalStateException.class, call);
    assertTrue(closed.getMessage(), closed.getMessage().endsWith("is closed"));
  }

  @Test
  public void arraysThatAreTooShortAreRefused() {
    Columns three = new Columns(shop.model).ids(shop.item, 1, 2, 3).ids(shop.category, 1, 2, 3);
    assertRefused(
        Code.INVALID_ARGUMENT,
        "3 candidates, room for 2 scores",
        () -> shop.scorer.score(shop.user, three, new float[2]));
    assertRefused(
        Code.INVALID_ARGUMENT,
        "6 attention weights, room for 5",
        () -> shop.scorer.score(shop.user, three, new float[3], new float[5]));
  }

  @Test
  public void longerArraysGetTheirFirstNumbersWritten() throws DinghyException {
    float[] scores = {-1, -1, -1};
    float[] attention = {-1, -1, -1};
    shop.scorer.score(shop.user, shop.page(), scores, attention);
    assertEquals(Shop.SCORE, scores[0], 1e-5f);
    assertArrayEquals(new float[] {-1, -1}, new float[] {scores[1], scores[2]}, 0);
    assertArrayEquals(new float[] {Shop.ATTENTION[0], Shop.ATTENTION[1], -1}, attention, 1e-5f);
  }

  @Test
  public void columnsOfDifferentLengthsAreRefused() {
    Columns uneven = new Columns(shop.model).ids(shop.item, 1, 2).ids(shop.category, 1);
    assertRefused(Code.INVALID_ARGUMENT, "category", () -> shop.scorer.score(shop.user, uneven, new float[2]));
    assertRefused(Code.INVALID_ARGUMENT, "category", () -> shop.user.append(uneven));
  }

  @Test
  public void aColumnTwiceIsRefused() {
    Columns twice = new Columns(shop.model).ids(shop.item, 1).ids(shop.category, 1).ids(shop.item, 1);
    assertRefused(Code.INVALID_ARGUMENT, "twice", () -> shop.scorer.score(shop.user, twice, new float[1]));
    assertThrows(IllegalArgumentException.class, () -> twice.ids(shop.category, 1));
  }

  @Test
  public void bagsWithWrongOffsetsAreRefused() throws DinghyException {
    try (Model model = Model.open(Shop.path("fuxictr"));
        UserState user = UserState.create(model, new Options())) {
      Columns seen = new Columns(model).strings(model.feature("item"), "i35").ids(model.feature("category"), 5);
      Feature favourites = model.feature("favourites");
      Columns who = new Columns(model);
      for (int[] offsets : new int[][] {{}, {0}, {0, 9}, {1, 0}, {-1, 2}, {0, -1}, {0, 1, 2}}) {
        who.clear().ids(model.feature("user"), 53).bags(favourites, new long[] {6, 4}, offsets);
        assertThrows(DinghyException.class, () -> user.set(who, seen));
      }
      who.clear().ids(model.feature("user"), 53).bags(favourites, new long[] {6, 4}, new int[] {0, 2});
      user.set(who, seen);
    }
  }

  @Test
  public void nullIsANullPointerException() {
    Columns page = shop.page();
    for (ThrowingRunnable call :
        new ThrowingRunnable[] {
          () -> Model.open(null),
          () -> Model.read(null),
          () -> Model.fromMemory(null),
          () -> shop.model.feature(null),
          () -> shop.model.selftest(null),
          () -> shop.model.prefetch(null),
          () -> shop.model.missingIds(null),
          () -> UserState.create(null, new Options()),
          () -> UserState.create(shop.model, null),
          () -> Scorer.create(null, new Options()),
          () -> Scorer.create(shop.model, null),
          () -> PairMemo.create(null, 0, new Options()),
          () -> new Options().isa(null),
          () -> new Options().memo(null),
          () -> new Columns(null),
          () -> page.ids(null, 1),
          () -> page.ids(shop.item, (long[]) null),
          () -> page.ids(shop.item, (LongBuffer) null),
          () -> page.strings(shop.item, "a", null),
          () -> page.numbers(shop.item, (float[]) null),
          () -> page.bags(shop.item, null, new int[1]),
          () -> page.bags(shop.item, new long[1], null),
          () -> shop.user.set(null, shop.seen()),
          () -> shop.user.set(shop.customer(), null),
          () -> shop.user.append(null),
          () -> shop.scorer.score(null, page, new float[1]),
          () -> shop.scorer.score(shop.user, null, new float[1]),
          () -> shop.scorer.score(shop.user, page, (float[]) null),
          () -> shop.scorer.score(shop.user, page, new float[1], null),
          () -> shop.scorer.score(shop.user, page, (FloatBuffer) null),
          () -> shop.scorer.rescore(null, new float[1]),
          () -> shop.scorer.rescore(shop.user, (float[]) null)
        }) {
      assertThrows(NullPointerException.class, call);
    }
    assertEquals(1, page.rows());
  }

  @Test
  public void afterCloseCallsAreRefusedAndASecondCloseDoesNothing() throws DinghyException {
    Shop closed = new Shop().set();
    Columns page = closed.page();
    closed.model.close();
    assertEquals(Shop.SCORE, closed.score(), 1e-5f); // users and scorers keep what they need
    assertClosed(() -> closed.model.verify());
    assertClosed(() -> closed.model.describe());
    assertClosed(() -> closed.model.selftest(""));
    assertClosed(() -> closed.model.missingIds(closed.item));
    assertClosed(() -> closed.model.prefetch(page));
    assertClosed(() -> UserState.create(closed.model, new Options()));
    assertClosed(() -> Scorer.create(closed.model, new Options()));
    assertClosed(() -> PairMemo.create(closed.model, 0, new Options()));
    closed.user.close();
    assertClosed(() -> closed.user.set(closed.customer(), closed.seen()));
    assertClosed(() -> closed.user.append(closed.seen()));
    assertClosed(() -> closed.user.historyLength(0));
    assertClosed(() -> closed.scorer.score(closed.user, page, new float[1]));
    closed.scorer.close();
    assertClosed(() -> closed.scorer.score(closed.user, page, new float[1]));
    assertClosed(() -> closed.scorer.rescore(closed.user, new float[1]));
    assertClosed(() -> closed.scorer.isa());
    assertClosed(() -> closed.scorer.usesIntegers());
    closed.close();
    closed.close();
  }

  @Test
  public void aClosedMemoIsRefusedByNewScorersAndKeptByOldOnes() throws DinghyException {
    PairMemo memo = PairMemo.create(shop.model, 1 << 20, new Options());
    Options options = new Options().memo(memo);
    try (Scorer scorer = Scorer.create(shop.model, options)) {
      scorer.score(shop.user, shop.page(), new float[1]);
      assertEquals(2, memo.count().computed);
      memo.close();
      float[] scores = new float[1];
      scorer.score(shop.user, shop.page(), scores);
      assertEquals(Shop.SCORE, scores[0], 1e-5f);
      assertClosed(() -> Scorer.create(shop.model, options));
      assertClosed(() -> memo.count());
    }
  }

  @Test
  public void objectsOfAnotherModelAreRefused() throws DinghyException {
    try (Shop other = new Shop().set()) {
      for (ThrowingRunnable call :
          new ThrowingRunnable[] {
            () -> shop.page().ids(other.item, 1),
            () -> shop.scorer.score(shop.user, other.page(), new float[1]),
            () -> shop.scorer.score(other.user, shop.page(), new float[1]),
            () -> shop.user.append(other.seen()),
            () -> shop.user.set(other.customer(), shop.seen()),
            () -> shop.model.prefetch(other.page()),
            () -> shop.model.missingIds(other.item)
          }) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call);
        assertTrue(refused.getMessage(), refused.getMessage().contains("of another model"));
      }
    }
  }

  @Test
  public void theSameColumnsTwiceInACallAreRefused() {
    Columns one = shop.seen();
    assertThrows(IllegalStateException.class, () -> shop.user.set(one, one));
    assertEquals(2, one.clear().ids(shop.item, 1, 2).rows());
  }

  @Test
  public void buffersOfAnotherKindAreRefused() {
    ByteBuffer direct = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    ByteOrder other =
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    for (FloatBuffer buffer :
        new FloatBuffer[] {
          FloatBuffer.allocate(1), direct.asReadOnlyBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer(),
          ByteBuffer.allocateDirect(64).order(other).asFloatBuffer()
        }) {
      assertThrows(IllegalArgumentException.class, () -> shop.scorer.score(shop.user, shop.page(), buffer));
    }
    FloatBuffer empty = direct.asFloatBuffer();
    empty.position(empty.limit());
    assertRefused(Code.INVALID_ARGUMENT, "room for 0", () -> shop.scorer.score(shop.user, shop.page(), empty));
    direct.position(1);
    FloatBuffer misplaced = direct.slice().order(ByteOrder.nativeOrder()).asFloatBuffer();
    assertRefused(Code.INVALID_ARGUMENT, "misaligned", () -> shop.scorer.score(shop.user, shop.page(), misplaced));
    FloatBuffer same = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder()).asFloatBuffer();
    assertRefused(Code.INVALID_ARGUMENT, "overlap", () -> shop.scorer.score(shop.user, shop.page(), same, same));
  }

  @Test
  public void partsOfArraysThatAreNotThereAreRefused() {
    Columns page = new Columns(shop.model);
    long[] ids = {1, 2, 3};
    assertThrows(IndexOutOfBoundsException.class, () -> page.ids(shop.item, ids, 2, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> page.ids(shop.item, ids, -1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> page.ids(shop.item, ids, 0, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> page.numbers(shop.item, new float[1], 1, 1));
    assertEquals(0, page.rows());
    assertThrows(IndexOutOfBoundsException.class, () -> shop.user.historyLength(1));
    assertThrows(IndexOutOfBoundsException.class, () -> shop.user.historyLength(-1));
    assertThrows(IllegalArgumentException.class, () -> new Options().maxHistory(-1));
    assertThrows(IllegalArgumentException.class, () -> new Options().maxCandidates(-1));
  }

  @Test
  public void sizesThatNoMemoryHoldsAreRefused() {
    Options huge = new Options().maxCandidates(Integer.MAX_VALUE).maxHistory(Integer.MAX_VALUE);
    assertThrows(DinghyException.class, () -> Scorer.create(shop.model, huge));
    assertRefused(Code.INVALID_ARGUMENT, "", () -> PairMemo.create(shop.model, 1, new Options()));
    assertRefused(Code.INVALID_ARGUMENT, "negative", () -> PairMemo.create(shop.model, -1, new Options()));
  }

  @Test
  public void filesThatAreNoModelsAreRefused() throws Exception {
    assertRefused(Code.IO_ERROR, "No such file", () -> Model.open("/no such file"));
    assertRefused(Code.INVALID_ARGUMENT, "zero character", () -> Model.open("a\0b"));
    assertRefused(Code.BAD_FILE, "", () -> Model.fromMemory(ByteBuffer.allocate(0)));
    assertRefused(Code.BAD_FILE, "truncated or damaged", () -> Model.read(Shop.path("damaged-cut")));
    assertRefused(Code.INVALID_ARGUMENT, "negative", () -> Model.open(0, -4, 8));
    assertThrows(DinghyException.class, () -> Model.open(-1, 0, 0));
    byte[] bytes = Shop.bytes("deepctr-torch-softmax");
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 1);
    direct.position(1);
    direct.put(bytes).position(1);
    assertRefused(Code.INVALID_ARGUMENT, "aligned", () -> Model.fromMemory(direct.asReadOnlyBuffer()));
    Path accents = Files.createTempFile("modèle-шоп", ".dinghy");
    Files.write(accents, bytes);
    Model.open(accents.toString()).close();
    Files.delete(accents);
  }
}
