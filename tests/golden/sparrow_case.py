"""The case sparrow-form: the layers of SparrowRecSys' DIN.py put together anew, on TensorFlow 2.15.

The code is a script and no package: its layers, their order and their names are the script's, its sizes are smaller.
"""

from tensorflow.keras import layers

import behaviours
import numpy as np
import tensorflow as tf
from request_lines import write_golden_rows
from tensorflow import feature_column as columns

SLOTS, WIDTH = 5, 4
GENRES = [
    "Film-Noir",
    "Action",
    "Adventure",
    "Horror",
    "Romance",
    "War",
    "Comedy",
    "Western",
    "Documentary",
    "Sci-Fi",
    "Drama",
    "Thriller",
    "Crime",
    "Fantasy",
    "Animation",
    "IMAX",
    "Mystery",
    "Children",
    "Musical",
]
UNKNOWN = "Reality"
# The newest behaviour is userRatedMovie1.
SLOT_NAMES = [f"userRatedMovie{number}" for number in range(1, SLOTS + 1)]
USER_NUMBERS = ["userAvgRating", "userRatingCount", "userRatingStddev"]
MOVIE_NUMBERS = ["movieAvgRating", "movieRatingCount", "movieRatingStddev", "releaseYear"]
MOVIE_COLUMNS = ["movieId", "movieGenre1", *MOVIE_NUMBERS]


def make(shop, folder):
    model = build()
    model.compile(tf.keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["AUC"])
    examples, labels = training_examples(shop)
    log = model.fit(examples, labels, batch_size=128, epochs=8, verbose=0, validation_split=0.2)
    print(f"  AUC {log.history['val_auc'][-1]:.3f} on rows that training did not see")
    model.save(folder / "din.model.h5", include_optimizer=False)
    loaded = tf.keras.models.load_model(folder / "din.model.h5")
    write_golden_rows(folder / "golden.jsonl", golden_requests(shop), lambda request: score(loaded, request))


def build():
    tf.keras.utils.set_random_seed(3)
    inputs = {name: layers.Input(name=name, shape=(), dtype="float32") for name in USER_NUMBERS + MOVIE_NUMBERS}
    inputs |= {name: layers.Input(name=name, shape=(), dtype="int32") for name in ["movieId", "userId", *SLOT_NAMES]}
    inputs |= {name: layers.Input(name=name, shape=(), dtype="string") for name in ["userGenre1", "movieGenre1"]}
    user = columns.categorical_column_with_identity("userId", behaviours.USERS + 1)
    candidate = layers.DenseFeatures([columns.numeric_column("movieId", default_value=0)])(inputs)
    slots = layers.DenseFeatures([columns.numeric_column(name, default_value=0) for name in SLOT_NAMES])(inputs)
    profile = layers.DenseFeatures(
        [columns.embedding_column(user, WIDTH), genre_column("userGenre1"), *map(columns.numeric_column, USER_NUMBERS)]
    )(inputs)
    context = layers.DenseFeatures([genre_column("movieGenre1"), *map(columns.numeric_column, MOVIE_NUMBERS)])(inputs)
    table = layers.Embedding(behaviours.ITEMS + 1, WIDTH, mask_zero=True, embeddings_initializer="normal")
    keys = table(slots)
    query = tf.squeeze(table(candidate), axis=1)
    queries = layers.RepeatVector(SLOTS)(query)
    parts = layers.concatenate([layers.Subtract()([keys, queries]), keys, queries, layers.Multiply()([keys, queries])])
    unit = layers.PReLU(alpha_initializer=drawn())(layers.Dense(32)(parts))
    weights = layers.Flatten()(layers.Dense(1, activation="sigmoid")(unit))
    weighted = layers.Multiply()([keys, layers.Permute((2, 1))(layers.RepeatVector(WIDTH)(weights))])
    pooled = layers.Lambda(lambda x: tf.keras.backend.sum(x, axis=1))(weighted)
    hidden = layers.concatenate([profile, pooled, query, context])
    for units in (24, 12):
        hidden = layers.PReLU(alpha_initializer=drawn())(layers.Dense(units)(hidden))
    return tf.keras.Model(inputs, layers.Dense(1, activation="sigmoid")(hidden))


def drawn():
    """Slopes that differ from slot to slot before a short training moves them."""
    return tf.keras.initializers.RandomUniform(-0.5, 0.5, seed=4)


def genre_column(name):
    return columns.embedding_column(columns.categorical_column_with_vocabulary_list(name, GENRES), WIDTH)


def genre(category):
    return GENRES[2 * category]


def movie_columns(shop, movies):
    """As a request has them; the last movie has a genre that the vocabulary has not."""
    movies = np.asarray(movies, dtype=int)
    genres = [UNKNOWN if movie == behaviours.ITEMS else genre(shop.category[movie]) for movie in movies]
    popularity = [round(float(number), 3) for number in shop.popularity[movies]]
    return {
        "movieId": movies.tolist(),
        "movieGenre1": genres,
        "movieAvgRating": popularity,
        "movieRatingCount": (movies % 7).tolist(),
        "movieRatingStddev": [round(1 - p / 4, 3) for p in popularity],
        "releaseYear": [round(float(year), 2) for year in movies % 50 / 50],
    }


def user_columns(shop, user):
    activity = round(float(shop.activity[user]), 3)
    return {
        "userId": int(user),
        "userGenre1": genre(shop.favourites[user][0]),
        "userAvgRating": activity,
        "userRatingCount": int(user % 5),
        "userRatingStddev": round(1 + activity / 2, 3),
    }


def training_examples(shop):
    examples = behaviours.training_examples(shop, 8000, SLOTS, seed=5)
    rows = {
        name: np.array([user_columns(shop, user)[name] for user in examples["user"]]) for name in user_columns(shop, 1)
    }
    rows |= {name: np.array(values) for name, values in movie_columns(shop, examples["item"]).items()}
    rows |= dict(zip(SLOT_NAMES, examples["hist_item"].T))
    return rows, examples["label"]


def golden_requests(shop):
    for line in behaviours.golden_requests(shop, SLOTS, seed=31):
        yield {
            "user": user_columns(shop, line["user"]["user"]),
            "history": {"movieId": line["history"]["item"]},
            "candidates": movie_columns(shop, line["candidates"]["item"]),
        }


def score(model, request):
    count = len(request["candidates"]["movieId"])
    slots = request["history"]["movieId"][::-1]
    inputs = {name: tf.constant([value] * count) for name, value in request["user"].items()}
    inputs |= {name: tf.constant(values) for name, values in request["candidates"].items()}
    inputs |= {
        name: tf.constant([slots[slot] if slot < len(slots) else 0] * count) for slot, name in enumerate(SLOT_NAMES)
    }
    flat = next(layer for layer in model.layers if isinstance(layer, layers.Flatten))
    weights = tf.keras.Model(model.inputs, flat.output)(inputs).numpy()[:, : len(slots)]
    without_slot = np.zeros((count, len(slots) - weights.shape[1]))
    return model(inputs, training=False).numpy()[:, 0], np.hstack([without_slot, weights[:, ::-1]])
