package dinghy;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.Test;

/** What threads may share they share; of what they may not, one gets it and the others an exception. */
public class ThreadsTest {
  private interface Work {
    void run() throws Exception;
  }

  /** Runs each piece of work on a thread of its own, all at once; what one throws fails the test. */
  private static void together(Work... works) throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    CountDownLatch start = new CountDownLatch(works.length);
    List<Thread> threads = new ArrayList<>();
    for (Work work : works) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  start.countDown();
                  start.await();
                  work.run();
                } catch (Throwable e) {
                  thrown.compareAndSet(null, e);
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) thread.join();
    if (thrown.get() != null) throw new AssertionError(thrown.get());
  }

  /** Scores until somebody else's call is in the way, or the object is closed; counts the scores that came. */
  private static int scores(Shop shop, Scorer scorer, AtomicInteger refused) throws DinghyException {
    float[] scores = new float[50];
    Columns page = new Columns(shop.model).ids(shop.item, items()).ids(shop.category, categories());
    int came = 0;
    for (int i = 0; i < 2000; ++i) {
      try {
        scorer.score(shop.user, page, scores);
        for (float score : scores) assertEquals(Shop.SCORE, score, 1e-5f);
        ++came;
      } catch (IllegalStateException inUse) {
        assertTrue(inUse.getMessage(), inUse.getMessage().matches("this (Scorer|UserState) is (in use|closed).*"));
        refused.incrementAndGet();
      }
    }
    return came;
  }

  private static long[] items() {
    long[] items = new long[50];
    Arrays.fill(items, 67);
    return items;
  }

  private static long[] categories() {
    long[] categories = new long[50];
    Arrays.fill(categories, 7);
    return categories;
  }

  @Test
  public void scorersOfTheirOwnShareAModelAndAUser() throws Exception {
    try (Shop shop = new Shop().set();
        Scorer other = Scorer.create(shop.model, new Options())) {
      AtomicInteger refused = new AtomicInteger();
      together(
          () -> assertEquals(2000, scores(shop, shop.scorer, refused)),
          () -> assertEquals(2000, scores(shop, other, refused)),
          () -> {
            for (int i = 0; i < 20; ++i) shop.model.selftest("");
          });
      assertEquals(0, refused.get());
    }
  }

  @Test
  public void oneScorerServesOneThreadAndRefusesTheOther() throws Exception {
    try (Shop shop = new Shop().set()) {
      AtomicInteger refused = new AtomicInteger();
      AtomicInteger came = new AtomicInteger();
      Work work = () -> came.addAndGet(scores(shop, shop.scorer, refused));
      for (int round = 0; round < 20 && refused.get() == 0; ++round) together(work, work);
      assertTrue("two threads met", refused.get() > 0);
      assertEquals(0, (came.get() + refused.get()) % 4000);
      assertEquals(Shop.SCORE, shop.score(), 1e-5f);
    }
  }

  @Test
  public void columnsThatAreFilledWhileTheyAreScoredAreRefused() throws Exception {
    try (Shop shop = new Shop().set()) {
      Columns page = new Columns(shop.model).ids(shop.item, items()).ids(shop.category, categories());
      AtomicInteger refused = new AtomicInteger();
      Work score =
          () -> {
            float[] scores = new float[50];
            for (int i = 0; i < 2000; ++i) {
              try {
                shop.scorer.score(shop.user, page, scores);
              } catch (IllegalStateException inUse) {
                refused.incrementAndGet();
              } catch (DinghyException between) {
                // the other thread has taken the columns out and not put them in again
              }
            }
          };
      Work fill =
          () -> {
            for (int i = 0; i < 20000; ++i) {
              try {
                page.clear().ids(shop.item, items()).ids(shop.category, categories());
              } catch (IllegalStateException inUse) {
                refused.incrementAndGet();
              }
            }
          };
      for (int round = 0; round < 20 && refused.get() == 0; ++round) together(score, fill);
      assertTrue("two threads met", refused.get() > 0);
    }
  }

  @Test
  public void closingWhileOthersScoreEndsWithExceptionsAlone() throws Exception {
    for (int round = 0; round < 20; ++round) {
      Shop shop = new Shop().set();
      Columns page = new Columns(shop.model).ids(shop.item, items()).ids(shop.category, categories());
      float[] scores = new float[50];
      shop.scorer.score(shop.user, page, scores);
      together(
          () -> {
            IllegalStateException closed =
                assertThrows(
                    IllegalStateException.class,
                    () -> {
                      for (;;) shop.scorer.score(shop.user, page, scores);
                    });
            assertTrue(closed.getMessage(), closed.getMessage().endsWith("is closed"));
            assertEquals(Shop.SCORE, scores[49], 1e-5f);
          },
          () -> {
            Thread.sleep(1);
            shop.close();
          });
    }
  }

  @Test
  public void objectsThatManyThreadsCloseAreFreedOnce() throws Exception {
    for (int round = 0; round < 50; ++round) {
      Shop shop = new Shop();
      together(shop::close, shop::close, shop::close, shop::close);
    }
  }

  @Test
  public void aUserThatIsChangedIsNotReadMeanwhile() throws Exception {
    try (Shop shop = new Shop().set()) {
      AtomicInteger refused = new AtomicInteger();
      Work change =
          () -> {
            Columns who = shop.customer();
            Columns seen = shop.seen();
            for (int i = 0; i < 20000; ++i) {
              try {
                shop.user.set(who, seen);
              } catch (IllegalStateException inUse) {
                refused.incrementAndGet();
              }
            }
          };
      for (int round = 0; round < 20 && refused.get() == 0; ++round) {
        together(change, () -> scores(shop, shop.scorer, refused));
      }
      assertTrue("two threads met", refused.get() > 0);
      assertEquals(Shop.SCORE, shop.score(), 1e-5f);
    }
  }

  @Test
  public void memosAreSharedByThreads() throws Exception {
    try (Shop shop = new Shop().set();
        PairMemo memo = PairMemo.create(shop.model, 1 << 20, new Options());
        Scorer one = Scorer.create(shop.model, new Options().memo(memo));
        Scorer other = Scorer.create(shop.model, new Options().memo(memo))) {
      AtomicInteger refused = new AtomicInteger();
      together(() -> scores(shop, one, refused), () -> scores(shop, other, refused));
      assertEquals(0, refused.get());
      assertTrue(memo.count().found > 0);
    }
  }
}
