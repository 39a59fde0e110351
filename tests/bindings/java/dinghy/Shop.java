package dinghy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/** A small model with a request whose score its framework gave (tests/golden/deepctr-torch-softmax). */
final class Shop implements AutoCloseable {
  static final Path MODELS = Paths.get(System.getProperty("dinghy.conformance"), "models");
  static final float SCORE = 0.70409524f;
  static final float[] ATTENTION = {0.979473f, 0.020527f};

  final Model model;
  final UserState user;
  final Scorer scorer;
  final Feature who;
  final Feature item;
  final Feature category;

  Shop() throws DinghyException {
    this(new Options().maxCandidates(50));
  }

  Shop(Options options) throws DinghyException {
    model = Model.open(path("deepctr-torch-softmax"));
    user = UserState.create(model, options);
    scorer = Scorer.create(model, options);
    who = model.feature("user");
    item = model.feature("item");
    category = model.feature("category");
  }

  static String path(String name) {
    return MODELS.resolve(name + ".dinghy").toString();
  }

  static byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(MODELS.resolve(name + ".dinghy"));
  }

  Columns customer() {
    return new Columns(model).ids(who, 51);
  }

  Columns seen() {
    return new Columns(model).ids(item, 66, 43).ids(category, 3, 3);
  }

  Columns page() {
    return new Columns(model).ids(item, 67).ids(category, 7);
  }

  /** With that user. */
  Shop set() throws DinghyException {
    user.set(customer(), seen());
    return this;
  }

  float score() throws DinghyException {
    float[] scores = new float[1];
    scorer.score(user, page(), scores);
    return scores[0];
  }

  @Override
  public void close() {
    model.close();
    user.close();
    scorer.close();
  }
}
