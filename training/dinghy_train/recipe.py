"""A trained network as a checkpoint and a `generic` recipe, which says what each of its tensors is."""

import torch
from dinghy_train.layers import Dice


def checkpoint_of(network):
    """The tensors that scoring needs, by the names that the recipe has."""
    tensors = {f"table.{name}": network.embeddings.finished(name) for name in network.embeddings.tables}
    for prefix, mlp in mlps_of(network).items():
        for i, linear in enumerate(mlp.linear):
            tensors[f"{prefix}.{i}.weight"], tensors[f"{prefix}.{i}.bias"] = linear.weight, linear.bias
        for i, activation in enumerate(mlp.activation):
            tensors |= {f"{prefix}.{i}.{key}": tensor for key, tensor in tensors_of(activation).items()}
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def mlps_of(network):
    return {"tower": network.tower} | ({"unit": network.unit.mlp} if network.unit is not None else {})


def tensors_of(activation):
    if isinstance(activation, Dice):
        return {
            "alpha": activation.alpha,
            "mean": activation.norm.running_mean,
            "variance": activation.norm.running_var,
        }
    return {"alpha": activation.weight} if isinstance(activation, torch.nn.PReLU) else {}


def recipe_of(network, origin):
    """The recipe; `origin` are lines about where the network comes from, which travel in the file as comments."""
    description = network.description
    lines = [f"# {line}" for line in origin]
    lines += ['preset = "generic"', 'layout = "out_in"', ""]
    lines += ["[history]", f"max_length = {description.max_history}", 'keep = "last"', "pad_row = 0", ""]
    for feature in description.features:
        lines += [*feature_lines(feature), ""]
    if network.unit is not None:
        lines += [*unit_lines(network), ""]
    lines += ["[tower]", f"inputs = {words(tower_inputs(network))}", ""]
    lines += layer_lines("tower", "tower.layers", network.tower)
    return "\n".join([*lines, "[head]", 'link = "sigmoid"', ""])


def words(texts):
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def feature_lines(feature):
    lines = ["[[feature]]", f'name = "{feature.name}"', f'role = "{feature.role}"']
    lines.append(f"dense = {feature.width}" if feature.kind == "dense" else f'table = "table.{feature.name}"')
    if feature.kind == "bag":
        lines.append('bag = "mean"')
    return [*lines, "history = true"] if feature.history else lines


def unit_lines(network):
    unit, history = network.unit, network.description.history
    return [
        "[[interest]]",
        f"fields = {words(feature.name for feature in history)}",
        f"parts = {words(unit.parts)}",
        f'normalizer = "{"softmax" if unit.softmax else "raw"}"',
        *(['scale = "1/sqrt(width)"'] if network.settings.scale else []),
        'empty = "zero"',
        "",
        *layer_lines("unit", "interest.layers", unit.mlp),
    ]


def tower_inputs(network):
    names = [feature.name for feature in network.description.features]
    sums = [f"sum:{feature.name}" for feature in network.description.history]
    return [*names, *(sums if network.unit is None else ["interest"])]


def layer_lines(prefix, section, mlp):
    lines = []
    for i in range(len(mlp.linear)):
        lines += [f"[[{section}]]", f'weight = "{prefix}.{i}.weight"', f'bias = "{prefix}.{i}.bias"']
        if i < len(mlp.activation):
            lines.append(f"activation = {activation_text(mlp.activation[i], f'{prefix}.{i}')}")
        lines.append("")
    return lines


def activation_text(activation, prefix):
    if isinstance(activation, Dice):
        tensors = ", ".join(f'{key} = "{prefix}.{key}"' for key in tensors_of(activation))
        return f'{{ kind = "dice", {tensors}, epsilon = {activation.norm.eps:g} }}'
    if isinstance(activation, torch.nn.PReLU):
        return f'{{ kind = "prelu", alpha = "{prefix}.alpha" }}'
    return f'"{type(activation).__name__.lower()}"'
