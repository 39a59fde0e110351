"""The command dinghy-train."""

import argparse
import functools
import json
import pathlib
import sys

import dinghy_train
import torch
from dinghy_train import config, export, plots, stream, trainer
from dinghy_train.errors import TrainingError
from dinghy_train.experiments import results
from dinghy_train.experiments.catalogue import EXPERIMENTS
from dinghy_train.experiments.experiment import carry_out

TRAINING = pathlib.Path(__file__).resolve().parents[1]  # the folder of the package's project


def main(words=None):
    arguments = parser().parse_args(words)
    torch.set_num_threads(arguments.threads)
    try:
        arguments.command(arguments)
    except TrainingError as error:
        print(f"dinghy-train: {error}", file=sys.stderr)
        return 1
    return 0


def parser():
    top = argparse.ArgumentParser(prog="dinghy-train", description=dinghy_train.__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="train a network as a configuration says; export it",
        description="Trains, stops early by the validation, measures on the test. With --export it converts the network, "
        "tests the file on every instruction set, and compares its scores and AUC with PyTorch's.",
    )
    run.add_argument("config", metavar="CONFIG.toml", help="sections data, network, regularization, training")
    run.add_argument("--export", metavar="FILE.dinghy", help="write the model; beside it with tables of int8 and int4")
    run.add_argument("--folder", help="for checkpoint, recipe and requests; default: runs/NAME of CONFIG")
    run.add_argument("--resume", action="store_true", help="go on from the folder's training.pt")
    run.add_argument("--dinghy", help="the `dinghy` program; default: on PATH, else in this clone's build folder")
    run.add_argument("--plots", action="store_true", help="draw attention.svg and goods.svg into the folder")
    run.set_defaults(command=command_run)
    day_by_day = commands.add_parser(
        "stream",
        help="go on day by day, with a file for each day",
        description='Trains on the days of a stream ([data] form = "stream": goods are new, tastes drift). The first day trains as the '
        "configuration says, each further one goes on for an epoch. Writes FOLDER/day-N.dinghy, with scores equal to "
        "PyTorch's, and as a table (stream.md) and JSON (stream.json): the AUC of yesterday's and of today's model on the day, "
        "how many rows of each table moved since yesterday, how many of them for the first time, and how far.",
    )
    day_by_day.add_argument("config", metavar="CONFIG.toml", help="sections data, network, regularization, training")
    day_by_day.add_argument("--export", metavar="FOLDER", required=True, help="for the files; made if it is not there")
    day_by_day.add_argument(
        "--dinghy", help="the `dinghy` program; default: on PATH, else in this clone's build folder"
    )
    day_by_day.set_defaults(command=command_stream)
    experiment = commands.add_parser(
        "experiment",
        help="show a claim of the paper, or that it does not hold",
        description="Trains the cases of an experiment side by side, and writes RESULTS.md anew. MovieLens and Beauty are read "
        "from DINGHY_DATA, else from ../shared/data beside the clone. A run that was interrupted goes on with the seeds "
        "that its record lacks, at the same commit.",
    )
    experiment.add_argument("name", choices=[*EXPERIMENTS, "all"])
    experiment.add_argument("--seeds", type=positive, default=5, help="how many, from 1 on")
    experiment.add_argument("--jobs", type=positive, default=1, help="trainings at a time; the results are the same")
    experiment.add_argument("--small", action="store_true", help="smaller worlds")
    experiment.add_argument("--out", default=TRAINING, help="folder of RESULTS.md, with the records in results/")
    experiment.set_defaults(command=command_experiment)
    for command in commands.choices.values():
        command.add_argument(
            "--threads", type=positive, default=1, help="of PyTorch; 1 gives the same weights each time"
        )
    return top


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def command_run(arguments):
    settings = config.read(arguments.config)
    dinghy = export.find_dinghy(arguments.dinghy) if arguments.export else None
    folder = pathlib.Path(arguments.folder or pathlib.Path("runs") / settings.path.stem)
    folder.mkdir(parents=True, exist_ok=True)
    data = settings.form.make(settings.data_seed)
    print(f"{data.name}: {len(data.train)} samples to train, {len(data.valid)} to validate, {len(data.test)} to test")
    training = trainer.Trainer(
        data.description, settings.network, settings.regularization, settings.training, data.train
    )
    checkpoint = folder / "training.pt"
    if arguments.resume:
        training.resume(checkpoint)
    run = training.fit(data.valid, checkpoint=checkpoint)
    tested = trainer.measure(run.network, data.test)
    (folder / "epochs.json").write_text(json.dumps({"epochs": run.epochs, "test": tested}, indent=1) + "\n")
    print(f"best epoch {run.best_epoch + 1}; test: " + ", ".join(f"{key} {value:.6f}" for key, value in tested.items()))
    if arguments.plots:
        plots.both(run.network, data.test, folder)
    if arguments.export:
        origin = origin_of(data, settings, run, tested)
        for line in export.Export(run.network, data.test, origin, arguments.export, folder, dinghy).run():
            print(line)


def command_stream(arguments):
    settings, dinghy = config.read(arguments.config), export.find_dinghy(arguments.dinghy)
    folder, records = pathlib.Path(arguments.export), []
    folder.mkdir(parents=True, exist_ok=True)
    for record in stream.train(settings, folder, dinghy):
        records.append(record)
        stream.save(records, folder)
        print(f"{record['data']}: AUC {record['today']['auc']:.4f}; {record['file']}: {record['proof']}")
    print(stream.table(records))


def command_experiment(arguments):
    out, commit = pathlib.Path(arguments.out), export.commit()
    (out / "results").mkdir(parents=True, exist_ok=True)
    outcomes = []
    for name in EXPERIMENTS if arguments.name == "all" else [arguments.name]:
        command = f"dinghy-train experiment {name} --seeds {arguments.seeds}" + " --small" * arguments.small
        draw = functools.partial(plots.both, folder=out / "results", prefix=f"{name}.")
        seeds = range(1, arguments.seeds + 1)
        outcome = begun = results.begun(out / "results" / f"{name}.json", commit, arguments.small)
        for outcome in carry_out(
            EXPERIMENTS[name], seeds, arguments.small, draw=draw, jobs=arguments.jobs, begun=begun
        ):
            results.save(outcome, commit, command, out / "results")
            plots.curves(outcome, out / "results" / f"{name}.svg")
            results.write(out / "results", out / "RESULTS.md")
        print(results.section(EXPERIMENTS[name], outcome, commit, command))
        outcomes.append(outcome)
    print(results.summary(outcomes))


def origin_of(data, settings, run, tested):
    """Where a model comes from, for its file."""
    return [
        f"Trained by dinghy-train at commit {export.commit()}",
        f"data: {data.name}, {len(data.train)} samples",
        f"seed: {settings.training.seed}",
        f"network: {settings.network.kind} {settings.network.activation}, regularization: {settings.regularization.kind}",
        f"epoch {run.best_epoch + 1} of {len(run.epochs)}; test AUC {tested['auc']:.6f}, GAUC {tested['gauc']:.6f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
