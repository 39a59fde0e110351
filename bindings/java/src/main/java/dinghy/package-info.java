/**
 * Scores with trained Deep Interest Networks, on the engine of Dinghy.
 *
 * <pre>{@code
 * try (Model model = Model.open("shop.dinghy");
 *     UserState user = UserState.create(model, new Options());
 *     Scorer scorer = Scorer.create(model, new Options())) {
 *   Feature item = model.feature("item");
 *   user.set(new Columns(model).ids(model.feature("user"), 39), new Columns(model).ids(item, 79, 105));
 *   Columns page = new Columns(model).ids(item, 162, 240, 159);
 *   float[] scores = new float[page.rows()];
 *   scorer.score(user, page, scores);
 * }
 * }</pre>
 *
 * <p><b>Null.</b> No method returns null, and none takes it: a null is a {@link NullPointerException}. Kotlin may
 * take every type here for one that is never null.
 *
 * <p><b>Threads.</b> A {@link Model} and a {@link PairMemo} serve any number of threads at once, and so does a
 * {@link UserState} that nobody changes. A {@link Scorer} and {@link Columns} serve one call at a time. A call that
 * comes while another one keeps the object is an {@link IllegalStateException}, and changes nothing.
 *
 * <p><b>Closing.</b> Memory of the engine is given back by {@code close()}, not by the garbage collector. The order
 * does not matter: user states and scorers keep what they need of their model. A call that runs while another thread
 * closes its object ends as usual, and the memory goes with it; a call behind that is an
 * {@link IllegalStateException}.
 *
 * <p><b>Errors.</b> What the engine refuses is a {@link DinghyException} with a code and one line of text.
 *
 * <p><b>Allocation.</b> {@code set}, {@code append}, {@code score} and {@code rescore} allocate nothing, neither in
 * Java nor in the engine, once {@link Columns} have grown to the size that they are used at.
 */
package dinghy;
