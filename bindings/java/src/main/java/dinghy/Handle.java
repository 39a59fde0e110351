package dinghy;

/** An object of the engine, freed once: by close(), or by the last call that has it then. */
abstract class Handle implements AutoCloseable {
  private final Uses uses;
  final long address;

  Handle(String what, long address) {
    this.uses = new Uses(what);
    this.address = address;
  }

  abstract void free();

  final void beginReading() {
    uses.beginReading();
  }

  final void endReading() {
    if (uses.endReading()) free();
  }

  final void beginChanging() {
    uses.beginChanging();
  }

  final void endChanging() {
    if (uses.endChanging()) free();
  }

  /**
   * Gives the memory back; once a call that still runs has ended. Calls behind it are an
   * {@link IllegalStateException}, but for another close, which does nothing. Any thread.
   */
  @Override
  public final void close() {
    if (uses.close()) free();
  }
}
