package dinghy;

import static org.junit.Assert.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.junit.Test;

/** A request allocates nothing, strings included. */
public class AllocationTest {
  private interface Request {
    void run() throws DinghyException;
  }

  /** Bytes on the Java heap for each request, once the first ones have made what stays. */
  private static long bytesEach(Request request) throws DinghyException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    for (int i = 0; i < 1000; ++i) request.run();
    long before = threads.getThreadAllocatedBytes(self);
    for (int i = 0; i < 1000; ++i) request.run();
    return (threads.getThreadAllocatedBytes(self) - before) / 1000;
  }

  @Test
  public void idsIntoArraysAndBuffers() throws DinghyException {
    try (Shop shop = new Shop()) {
      Columns who = shop.customer();
      Columns seen = shop.seen();
      Columns page = new Columns(shop.model);
      Columns click = new Columns(shop.model);
      long[] items = {67, 74, 47};
      long[] categories = {7, 1, 4};
      long[] one = {5};
      float[] scores = new float[3];
      float[] attention = new float[64];
      FloatBuffer direct = ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder()).asFloatBuffer();
      long bytes =
          bytesEach(
              () -> {
                shop.user.set(who, seen);
                page.clear().ids(shop.item, items).ids(shop.category, categories);
                shop.scorer.score(shop.user, page, scores, attention);
                shop.user.append(click.clear().ids(shop.item, one).ids(shop.category, one));
                shop.scorer.rescore(shop.user, scores);
                shop.scorer.rescore(shop.user, direct);
              });
      assertEquals(0, bytes);
    }
  }

  @Test
  public void strings() throws DinghyException {
    try (Model model = Model.open(Shop.path("fuxictr"));
        UserState user = UserState.create(model, new Options())) {
      Feature item = model.feature("item");
      Feature category = model.feature("category");
      Columns who = new Columns(model).ids(model.feature("user"), 53);
      who.bags(model.feature("favourites"), new long[] {6, 4}, new int[] {0, 2});
      Columns seen = new Columns(model);
      String[] items = {"i35", "né 💧"};
      long[] categories = {5, 4};
      assertEquals(
          0, bytesEach(() -> user.set(who, seen.clear().strings(item, items).ids(category, categories))));
    }
  }
}
