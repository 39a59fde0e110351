package dinghy;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import org.junit.Test;
import org.junit.function.ThrowingRunnable;

/** Who gets an object, one thread after the other. */
public class UsesTest {
  private final Uses uses = new Uses("Thing");

  private static void assertRefused(String words, ThrowingRunnable call) {
    IllegalStateException refused = assertThrows(IllegalStateException.class, call);
    assertTrue(refused.getMessage(), refused.getMessage().startsWith("this Thing is " + words));
  }

  @Test
  public void manyReadAndNobodyChangesMeanwhile() {
    uses.beginReading();
    uses.beginReading();
    assertRefused("in use", uses::beginChanging);
    assertFalse(uses.endReading());
    assertRefused("in use", uses::beginChanging);
    assertFalse(uses.endReading());
    uses.beginChanging();
  }

  @Test
  public void oneChangesAndNobodyElseHasTheObjectMeanwhile() {
    uses.beginChanging();
    assertRefused("in use", uses::beginChanging);
    assertRefused("in use", uses::beginReading);
    assertFalse(uses.endChanging());
    uses.beginReading();
  }

  @Test
  public void closingFreesAtOnceWhereNobodyHasTheObject() {
    assertTrue(uses.close());
    assertFalse(uses.close());
    assertRefused("closed", uses::beginReading);
    assertRefused("closed", uses::beginChanging);
  }

  @Test
  public void theLastReaderFreesWhatWasClosed() {
    uses.beginReading();
    uses.beginReading();
    assertFalse(uses.close());
    assertRefused("closed", uses::beginReading);
    assertFalse(uses.endReading());
    assertFalse(uses.close());
    assertTrue(uses.endReading());
  }

  @Test
  public void whoChangesFreesWhatWasClosedMeanwhile() {
    uses.beginChanging();
    assertFalse(uses.close());
    assertRefused("closed", uses::beginChanging);
    assertTrue(uses.endChanging());
  }
}
