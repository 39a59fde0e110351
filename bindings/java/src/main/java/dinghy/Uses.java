package dinghy;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which calls have an object: any number that read it, or one that changes it, until it is closed. No call waits; one
 * that may not have the object throws. After close() the last call that leaves frees.
 */
final class Uses {
  private static final int CLOSED = 1 << 30;
  private static final int CHANGING = 1 << 29; // below: how many calls read

  private final AtomicInteger state = new AtomicInteger();
  private final String what;

  Uses(String what) {
    this.what = what;
  }

  void beginReading() {
    for (;;) {
      int now = state.get();
      if (now >= CHANGING) throw refusal(now);
      if (state.compareAndSet(now, now + 1)) return;
    }
  }

  void beginChanging() {
    if (!state.compareAndSet(0, CHANGING)) throw refusal(state.get());
  }

  /** True for the call that has to free. */
  boolean endReading() {
    return state.decrementAndGet() == CLOSED;
  }

  /** True for the call that has to free. */
  boolean endChanging() {
    return state.addAndGet(-CHANGING) == CLOSED;
  }

  /** True for the call that has to free: nobody has the object, and nobody closed it before. */
  boolean close() {
    for (;;) {
      int now = state.get();
      if (now >= CLOSED) return false;
      if (state.compareAndSet(now, now | CLOSED)) return now == 0;
    }
  }

  private IllegalStateException refusal(int now) {
    return new IllegalStateException(
        now >= CLOSED
            ? "this " + what + " is closed"
            : "this " + what + " is in use by another call; give each thread its own");
  }
}
