"""Turning, nodding, tilting, breathing, raising the brows: fields over the whole picture.

A head is a relief: what is nearer to the camera moves further when it turns. The movement fades into
the background and into the picture's border, so nothing behind the head has to be invented.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.mesh import tables
from presenter.engines.mesh.geometry import Axes, Field, Floats, Grid, Region, smoothstep
from presenter.engines.mesh.motion import POSE
from presenter.types import Arrays

_BEHIND = -0.35
"""Depth in E of hair and background against the outline of the face."""


class Head:
    """The fields of a portrait.

    Attributes:
        grid: the coarse grid over the picture.
        region: what a movement can change, in pixels.
    """

    def __init__(self, arrays: Arrays, picture: Region) -> None:
        fields = np.asarray(arrays["head.fields"], dtype=np.float32)
        self.grid = Grid(picture, int(arrays["head.step"][0]))
        self.region = Region.of(arrays["head.region"])
        self._fields = fields.reshape(len(POSE), -1)

    def field(self, pose: NDArray[Any]) -> Field:
        """Where each cell's content came from, in pixels, for a pose over ``motion.POSE``."""
        forward: Field = (pose.astype(np.float32) @ self._fields).reshape(
            self.grid.height, self.grid.width, 2
        )
        return self.grid.invert(forward, rounds=2)


def study(landmarks: NDArray[Any], axes: Axes, picture: Region) -> dict[str, NDArray[Any]]:
    """Make the fields: arrays for ``Head``."""
    step = 8 if picture.width * picture.height < 1_000_000 else 16
    grid = Grid(picture, step)
    face = axes.to_face(grid.centres)
    points = axes.to_face(landmarks[:, :2])
    x, y = face[..., 0], face[..., 1]
    top, chin = points[tables.FOREHEAD, 1], points[tables.CHIN, 1]
    middle = (top + chin) / 2 - 0.12
    away = np.hypot((x - 0.3 * points[tables.NOSE, 0]) / 0.92, (y - middle) / ((chin - top) / 2 + 0.42))
    body = 0.30 * smoothstep(y, chin, chin + 0.6) * (1 - smoothstep(np.abs(x), 1.2, 2.6))
    weight = np.maximum(1 - smoothstep(away, 0.95, 1.75), body * (1 - smoothstep(y, chin + 0.8, chin + 2.6)))
    turned = weight * (0.55 + _relief(landmarks, points, axes, face, middle, step))
    across, down = axes.basis[:, 0], axes.basis[:, 1]
    pivot = face - np.array([0, chin + 0.25])
    tilted = np.stack([-pivot[..., 1], pivot[..., 0]], axis=-1) @ axes.basis.T * weight[..., None]
    chest = smoothstep(y, chin + 0.1, chin + 0.9) * (1 - smoothstep(np.abs(x), 1.6, 3.2))
    fields = {
        "yaw": turned[..., None] * across,
        "pitch": turned[..., None] * down,
        "roll": tilted,
        "x": weight[..., None] * across,
        "y": weight[..., None] * down,
        "breath": chest[..., None] * down,
        "brow": _brow(points, face, top)[..., None] * -down,
    }
    border_x = np.minimum(grid.centres[..., 0], picture.width - 1 - grid.centres[..., 0]) / picture.width
    border_y = np.minimum(grid.centres[..., 1], picture.height - 1 - grid.centres[..., 1]) / picture.height
    edge = smoothstep(border_x, 0, 0.07) * smoothstep(border_y, 0, 0.07)
    for name in POSE:
        inside = smoothstep(border_x, 0, 0.05) if name == "breath" else edge
        fields[name] = fields[name] * inside[..., None]
    stacked = np.stack([fields[name] for name in POSE]).astype(np.float32)
    rows, columns = np.nonzero(np.abs(stacked).max(axis=(0, 3)) > 1e-3)
    region = Region(
        max(int(columns.min() - 1), 0) * step, max(int(rows.min() - 1), 0) * step,
        min(int(columns.max() + 2) * step, picture.width), min(int(rows.max() + 2) * step, picture.height),
    )  # fmt: skip
    return {
        "head.fields": stacked,
        "head.step": np.array([step], np.int32),
        "head.region": region.array(),
    }


def _relief(
    landmarks: NDArray[Any], points: Floats, axes: Axes, face: Floats, middle: float, step: int
) -> NDArray[np.float32]:
    """Depth in E at each cell, against the outline of the face; nearer is larger."""
    from scipy.interpolate import RBFInterpolator

    nearer = -np.asarray(landmarks[:, 2], dtype=np.float64) / axes.unit
    chosen = np.arange(0, len(points), 3)
    turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    far = np.array([(r * np.cos(t), middle + 1.2 * r * np.sin(t)) for r in (1.3, 2.0) for t in turns])
    depths = nearer[chosen] - np.median(nearer[list(tables.OUTLINE)])
    spline = RBFInterpolator(
        np.concatenate([points[chosen], far]),
        np.concatenate([depths, np.full(len(far), _BEHIND)]),
        kernel="thin_plate_spline",
        smoothing=1e-3,
    )
    depth = np.clip(spline(face.reshape(-1, 2)).reshape(face.shape[:2]), -0.45, 0.6).astype(np.float32)
    blurred = cv2.GaussianBlur(depth, (0, 0), max(1.0, 0.05 * axes.unit / step))
    return np.asarray(blurred, dtype=np.float32)


def _brow(points: Floats, face: Floats, top: float) -> Floats:
    """1 at the brows, 0 at the eyes and at the hairline."""
    from scipy.interpolate import RBFInterpolator

    eyes = [index for eye in tables.EYES for part in ("upper", "lower") for index in eye[part]]
    outside = [(x, height) for height in (top - 0.35, 0.0) for x in (-1, -0.5, 0, 0.5, 1)]
    still = np.concatenate([points[sorted(set(eyes))], points[list(tables.AROUND_BROWS)], np.array(outside)])
    brows = points[list(tables.BROWS)]
    values = np.concatenate([np.ones(len(brows)), np.zeros(len(still))])
    spline = RBFInterpolator(
        np.concatenate([brows, still]), values, kernel="thin_plate_spline", smoothing=1e-4
    )
    x, y = face[..., 0], face[..., 1]
    raised = np.clip(spline(face.reshape(-1, 2)).reshape(x.shape), 0, 1)
    near = smoothstep(y, top - 0.3, top) * (1 - smoothstep(np.abs(x), 0.7, 0.95)) * (y < 0)
    return np.asarray(raised * near)
