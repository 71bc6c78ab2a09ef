"""Train the network that judges the blocks of a page among their neighbours, with JAX."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.training.example import Example
from services.enrich.clean.features import CLASSES, FIRST, LAST
from services.enrich.clean.network import DILATIONS, LIMIT, TINY, Network

LESSONS = 28_000  # pages
WIDTH = 48  # hidden numbers a block
ROWS = 3072  # blocks a step, with those that only fill up
LENGTHS = (64, 128, 256, 512, 1024, 2048)  # pages are filled up to one of these; longer ones are left out
RATE, DECAY = 3e-3, 0.02
FORGET, FORGET_FEATURES = 0.2, 0.15  # shares that training hides, so that nothing is trusted alone
SURE = 0.98  # no label is trusted more
PAGE = 20.0  # what a page's blocks weigh together

jax.config.update("jax_default_prng_impl", "unsafe_rbg")  # hiding needs many random numbers and no good ones


def fit(examples: Sequence[Example], seed: int = 1) -> Network:
    """A network that has seen :data:`LESSONS` pages, each as often as any other."""
    epochs = max(1, round(LESSONS / len(examples)))
    everything = np.concatenate([item.matrix for item in examples])
    mean, scale = everything.mean(axis=0), 1 / (everything.std(axis=0) + 1e-3)
    del everything
    chance = np.random.RandomState(seed)
    steps = epochs * sum(1 for _ in batches(examples, chance))
    optimizer = optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.adamw(optax.warmup_cosine_decay_schedule(0, RATE, steps // 12, steps), weight_decay=DECAY),
    )
    weights = begin(jax.random.PRNGKey(seed), len(mean))
    state = optimizer.init(weights)

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(weights, state, key, *batch):
        slope = jax.grad(loss)(weights, key, *batch)
        update, state = optimizer.update(slope, state, weights)
        return optax.apply_updates(weights, update), state

    key = jax.random.PRNGKey(seed + 1)
    for _ in range(epochs):
        for length, items in batches(examples, chance):
            key, mine = jax.random.split(key)
            weights, state = step(weights, state, mine, *filled(length, items, mean, scale))
    return Network(mean=mean, scale=scale, **{name: np.asarray(value) for name, value in weights.items()})


def begin(key: jax.Array, features: int) -> dict[str, jax.Array]:
    """Random weights; what adds to the way straight through begins small."""
    keys = iter(jax.random.split(key, 8))
    layers = len(DILATIONS)

    def drawn(*shape: int, size: float = 1.0) -> jax.Array:
        return jax.random.normal(next(keys), shape) * size / np.sqrt(shape[-2])

    return {
        "enter": drawn(features, WIDTH), "entered": jnp.zeros(WIDTH),
        "first": jnp.zeros((CLASSES, WIDTH)), "final": jnp.zeros((CLASSES, WIDTH)),
        "near": drawn(layers, 3 * WIDTH, WIDTH), "page": drawn(layers, WIDTH, WIDTH, size=0.3),
        "bias": jnp.zeros((layers, WIDTH)), "back": drawn(layers, WIDTH, WIDTH, size=0.5),
        "last": drawn(WIDTH, WIDTH), "lasted": jnp.zeros(WIDTH),
        "out": jnp.zeros(WIDTH), "base": jnp.zeros(1),
    }  # fmt: skip


def loss(weights, key, values, classes, there, target, weight):
    """Cross-entropy, a page counting like any other."""
    score = scores(weights, key, values, classes, there)
    label = target * SURE + (1 - SURE) / 2
    wrong = optax.sigmoid_binary_cross_entropy(score, label) * weight * there
    return wrong.sum() / (PAGE * jnp.maximum(1, there.any(axis=1).sum()))


def scores(weights, key, values, classes, there):
    """As :meth:`Network.score`, for several pages at once and with a part of what it sees hidden."""
    hidden = iter(jax.random.split(key, len(DILATIONS) + 2))
    exists = there[..., None]
    blocks = jnp.maximum(1, exists.sum(axis=1, keepdims=True))
    state = hide(next(hidden), values, FORGET_FEATURES) @ weights["enter"] + weights["entered"]
    state += weights["first"][classes[..., 0]] + weights["final"][classes[..., 1]]
    for layer, far in enumerate(DILATIONS):
        middle = normal(state) * exists
        count = middle.shape[1]
        room = jnp.pad(middle, ((0, 0), (far, far), (0, 0)))
        near = jnp.concatenate([room[:, :count], middle, room[:, 2 * far :]], axis=-1)
        page = middle.sum(axis=1, keepdims=True) / blocks
        found = near @ weights["near"][layer] + page @ weights["page"][layer] + weights["bias"][layer]
        state += hide(next(hidden), jax.nn.relu(found), FORGET) @ weights["back"][layer]
    found = jax.nn.relu(normal(state) @ weights["last"] + weights["lasted"])
    return hide(next(hidden), found, FORGET) @ weights["out"] + weights["base"]


def normal(state):
    return state * jax.lax.rsqrt(jnp.mean(state * state, axis=-1, keepdims=True) + TINY)


def hide(key, values, share):
    return jnp.where(jax.random.bernoulli(key, 1 - share, values.shape), values / (1 - share), 0)


def batches(
    examples: Sequence[Example], chance: np.random.RandomState
) -> Iterator[tuple[int, list[Example]]]:
    """Pages of about one length together, in another order each time."""
    alike: dict[int, list[Example]] = defaultdict(list)
    for item in examples:
        length = next((length for length in LENGTHS if length >= len(item.target)), None)
        if length is not None:
            alike[length].append(item)
    out = []
    for length, items in alike.items():
        order = chance.permutation(len(items))
        size = ROWS // length
        out += [
            (length, [items[number] for number in order[at : at + size]]) for at in range(0, len(items), size)
        ]
    for number in chance.permutation(len(out)):
        yield out[number]


def filled(length: int, items: Sequence[Example], mean: np.ndarray, scale: np.ndarray) -> list[np.ndarray]:
    """Features, classes, which blocks there are, labels and weights, each page filled up to ``length``."""
    size = ROWS // length
    values = np.zeros((size, length, len(mean)), dtype=np.float32)
    classes = np.zeros((size, length, 2), dtype=np.int32)
    there, target, weight = (np.zeros((size, length), dtype=np.float32) for _ in range(3))
    for number, item in enumerate(items):
        count = len(item.target)
        values[number, :count] = np.clip((item.matrix - mean) * scale, -LIMIT, LIMIT)
        classes[number, :count] = item.matrix[:, [FIRST, LAST]]
        there[number, :count] = 1
        target[number, :count] = item.target >= 0.5
        weight[number, :count] = item.weight
    return [values, classes, there, target, weight]
