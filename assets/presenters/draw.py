"""Draw the sample presenters: pictures from numbers, nobody's likeness.

    python assets/presenters/draw.py            all of them, into this folder
    python assets/presenters/draw.py ada        one of them

Each picture comes with its landmarks: the detector's mesh with the eyelids and lips put exactly
where they were drawn.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from canvas import Canvas, smoothstep
from clothes import paint_clothes
from features import paint_brows, paint_eyes, paint_lips
from head import paint_ears, paint_face, paint_neck
from landmarks import correct
from looks import LOOKS, Look
from numpy.typing import NDArray
from styles import back_hair, front_hair

from presenter.engines.blazeface import BlazeFace

HERE = Path(__file__).resolve().parent


def paint_backdrop(canvas: Canvas, look: Look) -> None:
    """A studio wall: lit behind the head, darker towards the corners."""
    middle, edge = (np.array(colour, np.float32) for colour in look.backdrop)
    distance = np.hypot((canvas.x - 430) / 1.05, (canvas.y - 380) / 1.1)
    share = smoothstep(distance, 40, 760)[..., None]
    canvas.image[:] = middle * (1 - share) + edge * share
    canvas.shade(smoothstep(canvas.y, 560, 1100), -0.16)


def draw(look: Look, size: int = 1024, supersample: int = 2) -> NDArray[np.uint8]:
    """The presenter as uint8 (size, size, 3) RGB. The same look gives the same picture."""
    canvas = Canvas(size, supersample)
    paint_backdrop(canvas, look)
    behind = back_hair(canvas, look)
    front = front_hair(canvas, look)
    overhang = front.mask
    if behind is not None:
        behind.paint()
    paint_neck(canvas, look)
    paint_clothes(canvas, look, overhang)
    paint_ears(canvas, look)
    paint_face(canvas, look, overhang)
    paint_lips(canvas, look)
    paint_eyes(canvas, look)
    paint_brows(canvas, look)
    front.paint()
    return canvas.finish()


def save(look: Look) -> None:
    """Write ``look``'s picture and landmarks beside this script."""
    picture = draw(look)
    cv2.imwrite(str(HERE / f"{look.name}.png"), picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    save_landmarks(look, picture)


def save_landmarks(look: Look, picture: NDArray[np.uint8]) -> None:
    """Find the face in ``picture`` and write its corrected landmarks."""
    faces = BlazeFace().detect(picture)
    if len(faces) != 1:
        raise SystemExit(f"{look.name}: {len(faces)} faces found; there should be one.")
    face = faces[0]
    landmarks = correct(face.landmarks, look, picture.shape[0])
    sidecar = {
        "landmarks": [[round(float(value), 2) for value in point] for point in landmarks],
        "pose": [round(float(angle), 2) for angle in face.pose],
        "score": round(float(face.score), 4),
    }
    (HERE / f"{look.name}.json").write_text(json.dumps(sidecar, separators=(",", ":")) + "\n")
    width = np.linalg.norm(landmarks[263, :2] - landmarks[33, :2])
    print(f"{look.name}: score {face.score:.2f}, eyes {width:.0f} px apart, pose {sidecar['pose']}")


def main(names: list[str]) -> None:
    """Draw the presenters named, or all."""
    for look in LOOKS:
        if not names or look.name in names:
            save(look)


if __name__ == "__main__":
    main(sys.argv[1:])
