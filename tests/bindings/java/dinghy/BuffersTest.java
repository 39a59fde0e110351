package dinghy;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.Test;

/** Arrays and buffers of every kind give the same scores, in the place where they were asked for. */
public class BuffersTest {
  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  @Test
  public void directBuffersAreWrittenFromTheirPositionOn() throws DinghyException {
    try (Shop shop = new Shop().set()) {
      FloatBuffer scores = direct(4);
      FloatBuffer attention = direct(8);
      scores.position(2);
      attention.position(3);
      shop.scorer.score(shop.user, shop.page(), scores, attention);
      assertEquals(2, scores.position());
      assertEquals(Shop.SCORE, scores.get(2), 1e-5f);
      assertEquals(Shop.ATTENTION[0], attention.get(3), 1e-5f);
      assertEquals(Shop.ATTENTION[1], attention.get(4), 1e-5f);
      for (int untouched : new int[] {0, 1, 3}) assertEquals(0, scores.get(untouched), 0);
      FloatBuffer again = direct(1);
      shop.scorer.rescore(shop.user, again);
      assertEquals(scores.get(2), again.get(0), 0);
    }
  }

  @Test
  public void idsComeOutOfArraysPartsAndBuffersOfAnyByteOrder() throws DinghyException {
    try (Shop shop = new Shop().set()) {
      long[] around = {0, 67, 0};
      LongBuffer swapped = ByteBuffer.allocateDirect(24).order(ByteOrder.BIG_ENDIAN).asLongBuffer();
      swapped.put(around);
      swapped.position(1).limit(2);
      Columns page = new Columns(shop.model);
      float[] scores = new float[1];
      for (int way = 0; way < 3; ++way) {
        page.clear();
        if (way == 0) page.ids(shop.item, around, 1, 1);
        if (way == 1) page.ids(shop.item, LongBuffer.wrap(around, 1, 1));
        if (way == 2) page.ids(shop.item, swapped);
        scores[0] = -1;
        shop.scorer.score(shop.user, page.ids(shop.category, 7), scores);
        assertEquals(Shop.SCORE, scores[0], 1e-5f);
      }
      assertEquals(1, swapped.position());
    }
  }

  @Test
  public void columnsGrowAndAreFilledAnew() throws DinghyException {
    try (Shop shop = new Shop(new Options().maxCandidates(100000)).set()) {
      Columns page = new Columns(shop.model);
      for (int size : new int[] {1, 50000, 3}) {
        long[] items = new long[size];
        long[] categories = new long[size];
        Arrays.fill(items, 67);
        Arrays.fill(categories, 7);
        float[] expected = new float[size];
        Arrays.fill(expected, Shop.SCORE);
        float[] scores = new float[size];
        shop.scorer.score(shop.user, page.clear().ids(shop.item, items).ids(shop.category, categories), scores);
        assertArrayEquals(expected, scores, 1e-5f);
      }
    }
  }

  @Test
  public void numbersComeOutOfArraysPartsAndBuffers() throws DinghyException {
    try (Model model = Model.open(Shop.path("deepctr-torch-raw"));
        UserState user = UserState.create(model, new Options());
        Scorer scorer = Scorer.create(model, new Options())) {
      Feature item = model.feature("item");
      Feature category = model.feature("category");
      Feature pop = model.feature("pop");
      user.set(
          new Columns(model).ids(model.feature("user"), 60),
          new Columns(model).ids(item, 102, 53, 107).ids(category, 1, 6, 6));
      float[] around = {9, -0.4556f, 9};
      float[] scores = new float[1];
      Columns page = new Columns(model);
      for (int way = 0; way < 3; ++way) {
        page.clear().ids(item, 118).ids(category, 6);
        if (way == 0) page.numbers(pop, -0.4556f);
        if (way == 1) page.numbers(pop, around, 1, 1);
        if (way == 2) page.numbers(pop, FloatBuffer.wrap(around, 1, 1));
        scorer.score(user, page, scores);
        assertEquals(0.36790076f, scores[0], 1e-5f);
      }
    }
  }

  @Test
  public void stringsAreTheUtf8ThatJavaWrites() throws DinghyException {
    String[] texts = {"né", "€", "💧", "\ud83d", "a\udca7b", "\u07ff\u0800\uffff\ud800\udc00", "\ud83dx"};
    try (Model model = Model.open(Shop.path("recbole"));
        UserState user = UserState.create(model, new Options())) {
      for (String text : texts) {
        Columns seen = new Columns(model).ids(model.feature("item_id"), 112).strings(model.feature("category"), text);
        DinghyException missing = assertThrows(DinghyException.class, () -> user.set(new Columns(model), seen));
        String utf8 = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        assertEquals("category: entry 0, '" + utf8 + "', is not in the vocabulary", missing.getMessage());
      }
    }
  }

  @Test
  public void aModelInAnyBufferScores() throws Exception {
    byte[] bytes = Shop.bytes("deepctr-torch-softmax");
    ByteBuffer padded = ByteBuffer.allocateDirect(bytes.length + 8);
    padded.position(4);
    padded.put(bytes);
    padded.limit(padded.position()).position(4);
    for (ByteBuffer buffer : new ByteBuffer[] {ByteBuffer.wrap(bytes), padded, padded.asReadOnlyBuffer()}) {
      int position = buffer.position();
      try (Model model = Model.fromMemory(buffer)) {
        assertEquals(position, buffer.position());
        model.selftest("");
      }
    }
  }

  @Test
  public void aCopiedBufferMayChangeAndOneInUseIsKept() throws Exception {
    ByteBuffer writable = ByteBuffer.wrap(Shop.bytes("deepctr-torch-softmax"));
    try (Model model = Model.fromMemory(writable)) {
      Arrays.fill(writable.array(), (byte) 0);
      for (int i = 0; i < 3; ++i) System.gc();
      model.selftest("");
    }
  }
}
