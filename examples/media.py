"""One value of each media type: images, sounds, videos, pages, histograms, points, figures.

    weft server &
    python examples/media.py

A script hands over arrays as they are; a process of its own makes PNG, WAV and MP4 files of them.
"""

from __future__ import annotations

import numpy as np

import weft

SIZE = 64
SAMPLE_RATE = 8_000
WATER = """3
water
O 0.00 0.00 0.00
H 0.76 0.59 0.00
H -0.76 0.59 0.00
"""


def picture() -> np.ndarray:
    """A disc on a color gradient: floats from 0 to 1, (height, width, channels)."""
    down, right = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    disc = (down - 0.5) ** 2 + (right - 0.5) ** 2 < 0.1
    return np.stack([down, right, disc], axis=2)


def turning() -> np.ndarray:
    """16 frames of a wave that moves: (frames, channels, height, width)."""
    right = np.arange(SIZE) / SIZE
    waves = [np.sin(2 * np.pi * (right + nth / 16)) for nth in range(16)]
    return np.broadcast_to(np.array(waves)[:, None, None, :], (16, 3, SIZE, SIZE))


def tone(hertz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(SAMPLE_RATE) / SAMPLE_RATE)


def layers() -> weft.Graph:
    graph = weft.Graph("numpy")
    first = graph.add_node(name="hidden", class_name="Linear", output_shape=[64])
    last = graph.add_node(name="out", class_name="Linear", output_shape=[10], is_output=True)
    graph.add_edge(first, last)
    return graph


def main() -> None:
    rng = np.random.default_rng(0)
    run = weft.init(project="media")
    disc = picture()
    classes = {0: "background", 1: "disc"}
    box = {"middle": [0.5, 0.5], "width": 0.64, "height": 0.64}
    run.log(
        {
            "image": weft.Image(disc, caption="a disc"),
            "images": [weft.Image(disc), weft.Image(1 - disc)],
            "layers": weft.Image(
                disc,
                boxes={"truth": {"box_data": [{"position": box, "class_id": 1}],
                                 "class_labels": classes}},
                masks={"truth": {"mask_data": disc[..., 2].astype(np.uint8),
                                 "class_labels": classes}},
            ),
            "audio": weft.Audio(tone(440), sample_rate=SAMPLE_RATE, caption="A4"),
            "html": weft.Html("<h1>Hello</h1>"),
            "histogram": weft.Histogram(rng.normal(size=10_000)),
            "video": weft.Video(turning(), fps=8),
            "points": weft.Object3D(rng.uniform(size=(500, 3))),
            "molecule": weft.Molecule(WATER, file_type="xyz"),
            "graph": layers(),
            "plotly": weft.Plotly({"data": [{"y": [1, 3, 2]}], "layout": {"title": "A line"}}),
        }
    )  # fmt: skip
    run.finish()


if __name__ == "__main__":
    main()
