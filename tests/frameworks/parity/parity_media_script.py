"""Media: what stands in the rows for them, and what the classes take."""
# ruff: noqa: SIM905

import inspect
import warnings
from io import BytesIO, StringIO

import matplotlib as mpl
import numpy as np
import PIL.Image
import wandb
from parity_report import rows, see

mpl.use("Agg")
warnings.simplefilter("ignore")

import bokeh.plotting  # noqa: E402
import matplotlib.pyplot as plt  # noqa: E402
import plotly.graph_objects as go  # noqa: E402

CALLS = {
    "Image": "data_or_path mode caption grouping classes boxes masks file_type",
    "Audio": "data_or_path sample_rate caption",
    "Video": "data_or_path caption fps format",
    "Molecule": "data_or_path caption",
    "Molecule.from_rdkit": (
        "data_or_path caption convert_to_3d_and_optimize mmff_optimize_molecule_max_iterations"
    ),
    "Molecule.from_smiles": (
        "data caption sanitize convert_to_3d_and_optimize mmff_optimize_molecule_max_iterations"
    ),
    "Graph": "format",
    "data_types.Node": (
        "id name class_name size parameters output_shape is_output num_parameters node"
    ),
    "Html": "data inject data_is_not_path",
    "Object3D": "data_or_path caption",
    "Plotly": "val",
    "Histogram": "sequence np_histogram num_bins",
    "Classes": "class_set",
    "box3d": "center size orientation color label score",
    "data_types.Bokeh": "data_or_path",
}

ADDED = set(
    """
    sha256 size path sampleRate duration channels fps n_frames n_nodes n_points smiles class_labels
    """.split()
)
"""Names that only one of the two libraries has, or whose values depend on the encoder."""

gray = np.arange(20, dtype=np.uint8).reshape(4, 5)
color = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
picture = PIL.Image.fromarray(color)
clip = np.arange(6 * 3 * 4 * 8, dtype=np.uint8).reshape(6, 3, 4, 8)
box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}
boxes = {"truth": {"box_data": [box], "class_labels": {1: "cat"}}}
masks = {"truth": {"mask_data": gray % 2, "class_labels": {0: "a", 1: "b"}}}


def without_names(value):
    """A value of a row without what differs in any case: names of files, hashes, sizes."""
    if isinstance(value, list):
        return [without_names(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    stripped = {}
    for name, inner in value.items():
        *above, last = name.split(".")  # the official file joins the names of nested dicts
        branch = stripped
        for part in above:
            branch = branch.setdefault(part, {})
        if last not in ADDED:
            branch[last] = len(inner) if last == "filenames" else without_names(inner)
    return stripped


def logged(make):
    run = wandb.init(project="parity")
    run.log({"x": make()})
    directory = run.sync_dir
    run.finish()
    return without_names(rows(directory)[0].get("x"))


def figure(*, with_image=False):
    drawn, axes = plt.subplots()
    axes.imshow(color) if with_image else axes.plot([1, 2])
    return drawn


def graph():
    graph = wandb.Graph()
    graph.add_edge(graph.add_node(id="a", name="x"), graph.add_node(id="b"))
    return graph


def parameters(path):
    thing = wandb
    for part in path.split("."):
        thing = getattr(thing, part)
    return inspect.signature(thing).parameters


for path, names in CALLS.items():
    for name in names.split():
        see(f"{path}({name})", lambda path=path, name=name: name in parameters(path))
    see(
        f"{path} in this order",
        lambda path=path, names=names: [
            parameter for parameter in parameters(path) if parameter in names.split()
        ],
    )

VALUES = {
    "image": lambda: wandb.Image(color),
    "gray image": lambda: wandb.Image(gray, caption="c", grouping=3),
    "image of type jpg": lambda: wandb.Image(color, file_type="jpg"),
    "image of Pillow, given": lambda: wandb.Image(picture),
    "image of a figure": lambda: wandb.Image(figure()),
    "image with boxes": lambda: wandb.Image(color, boxes=boxes),
    "image with masks": lambda: wandb.Image(color, masks=masks),
    "images": lambda: [wandb.Image(color, caption="a"), wandb.Image(gray)],
    "image in a dict": lambda: {"a": wandb.Image(color)},
    "sound": lambda: wandb.Audio(np.zeros(80, np.int16), sample_rate=8000, caption="c"),
    "video": lambda: wandb.Video(clip, format="gif", fps=8, caption="c"),
    "video of five": lambda: wandb.Video(np.stack([clip] * 5), format="gif"),
    "videos": lambda: [wandb.Video(clip, format="gif", caption="c")] * 1,
    "video in bytes": lambda: wandb.Video(BytesIO(b"GIF89a"), format="gif"),
    "molecule": lambda: wandb.Molecule(StringIO("ATOM"), caption="c", file_type="pdb"),
    "molecules": lambda: [wandb.Molecule(StringIO("ATOM"), caption="c", file_type="pdb")],
    "molecule of SMILES": lambda: wandb.Molecule.from_smiles("CCO"),
    "graph": graph,
    "html": lambda: wandb.Html("<p>"),
    "html of a file": lambda: wandb.Html(StringIO("<p>")),
    "list of html": lambda: [wandb.Html("<p>"), wandb.Html("<p>")],
    "points": lambda: wandb.Object3D(np.zeros((3, 3)), caption="c"),
    "points of six columns": lambda: wandb.Object3D(np.zeros((3, 6))),
    "histogram": lambda: wandb.Histogram([1, 2, 3], num_bins=2),
    "histogram of counts": lambda: wandb.Histogram(np_histogram=np.histogram([1, 2], bins=2)),
    "list of histograms": lambda: [wandb.Histogram([1, 2], num_bins=2)],
    "figure of plotly": lambda: go.Figure(go.Scatter(y=[1])),
    "Plotly": lambda: wandb.Plotly(go.Figure(go.Scatter(y=[1]))),
    "Bokeh": lambda: wandb.data_types.Bokeh(bokeh.plotting.figure()),
    "figure of matplotlib": figure,
    "figure of matplotlib with an image": lambda: figure(with_image=True),
    "image of Pillow": lambda: picture,
    "plot of Bokeh": bokeh.plotting.figure,
    "list of figures": lambda: [figure(), figure()],
}
for name, make in VALUES.items():
    see(name, lambda make=make: logged(make), kinds=False)

WRONG = {
    "image of text": lambda: wandb.Image("missing.png"),
    "image of one axis": lambda: wandb.Image(np.zeros(5)),
    "image of type gif": lambda: wandb.Image(color, file_type="gif"),
    "boxes in a list": lambda: wandb.Image(color, boxes=[box]),
    "a box without a position": lambda: wandb.Image(color, boxes={"a": {"box_data": [{}]}}),
    "mask of three axes": lambda: wandb.Image(color, masks={"a": {"mask_data": color}}),
    "sound without a rate": lambda: wandb.Audio(np.zeros(80)),
    "video of three axes": lambda: wandb.Video(np.zeros((3, 4, 5), np.uint8), format="gif"),
    "video of another type": lambda: wandb.Video("missing.avi"),
    "video of a number": lambda: wandb.Video(3, format="gif"),
    "molecule without a type": lambda: wandb.Molecule(StringIO("ATOM")),
    "molecule of another type": lambda: wandb.Molecule("a.png"),
    "SMILES that can't be read": lambda: wandb.Molecule.from_smiles("no such"),
    "node and its arguments": lambda: wandb.Graph().add_node(graph().nodes[0], name="x"),
    "html of a number": lambda: wandb.Html(3),
    "points of two columns": lambda: wandb.Object3D(np.zeros((3, 2))),
    "object without a type": lambda: wandb.Object3D(StringIO("")),
    "object of another type": lambda: wandb.Object3D(StringIO(""), file_type="doc"),
    "histogram of 600 bins": lambda: wandb.Histogram([1], num_bins=600),
    "plotly of a number": lambda: wandb.Plotly(3),
    "bokeh of a number": lambda: wandb.data_types.Bokeh(3),
}
for name, make in WRONG.items():
    see(f"wrong: {name}", make)
