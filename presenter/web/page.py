"""The page as the web framework has it: one element, in which our own script puts the views."""

from __future__ import annotations

import hashlib
from pathlib import Path

import gradio as gr

from presenter.studio import Studio

SCRIPTS = ("screens.js", "recorder.js", "camera.js", "stage.js")
STYLES = ("style.css", "bench.css", "voices.css")


def build() -> gr.Blocks:
    """The page: a place for our own element, which is there before (see ``early``). It has no events, so the
    framework offers no endpoint of ours to anybody."""
    blocks: gr.Blocks
    with gr.Blocks(
        title="Presenter", analytics_enabled=False, delete_cache=(3600, 3600), fill_width=True
    ) as blocks:
        gr.Column(elem_id="studio-place")  # an element of HTML would evaluate text, which the gate forbids
    return blocks


def head(studio: Studio) -> str:
    """Additions to the page's head. Files carry the digest of their content, so browsers may keep them."""
    folder = studio.settings.assets / "web"
    styles = "".join(f'<link rel="stylesheet" href="{_address(folder / name)}">' for name in STYLES)
    scripts = "".join(f'<script defer src="{_address(folder / name)}"></script>' for name in SCRIPTS)
    return (
        '<title>Presenter</title><meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer">'
        f"{styles}{scripts}"
    )


def _address(file: Path) -> str:
    return f"web/{file.name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"


def theme() -> gr.themes.Base:
    """Quiet colours and roomy forms; what a theme cannot say stands in the style sheet."""
    sans = ["Inter", "system-ui", "sans-serif"]
    return gr.themes.Base(
        primary_hue=TEAL,
        neutral_hue=SLATE,
        radius_size=gr.themes.sizes.radius_lg,
        spacing_size=gr.themes.sizes.spacing_lg,
        text_size=gr.themes.sizes.text_md,
        font=sans,
        font_mono=["JetBrains Mono", "ui-monospace", "monospace"],
    ).set(
        body_background_fill="#f4f3ef",
        body_background_fill_dark="#111518",
        body_text_color="#1e2a2f",
        body_text_color_dark="#e6ebec",
        body_text_color_subdued="#56646a",
        body_text_color_subdued_dark="#9fb0b6",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_title_text_weight="500",
        block_title_text_size="0.875rem",
        block_info_text_size="0.8125rem",
        input_background_fill="#ffffff",
        input_background_fill_dark="#151b1f",
        input_border_color="#8a979c",
        input_border_color_dark="#5f7077",
        input_border_color_focus="#0b6e68",
        input_border_color_focus_dark="#5fd0c2",
        input_placeholder_color="#66757b",
        input_placeholder_color_dark="#8d9da3",
        input_border_width="1px",
        input_shadow="none",
        input_shadow_focus="none",
        button_primary_background_fill="#0b6e68",
        button_primary_background_fill_hover="#095b56",
        button_primary_background_fill_dark="#5fd0c2",
        button_primary_background_fill_hover_dark="#7fdccf",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#06211f",
        button_large_radius="12px",
        button_large_text_weight="600",
    )


TEAL = gr.themes.Color(
    "#eefaf8", "#d3f1ec", "#a9e3da", "#7fdccf", "#5fd0c2", "#2fa99c",
    "#0b6e68", "#095b56", "#084a46", "#073c39", "#06211f", name="teal",
)  # fmt: skip
SLATE = gr.themes.Color(
    "#fafaf8", "#f4f3ef", "#e5e5df", "#cfd4d4", "#9fb0b6", "#6f7f85",
    "#56646a", "#39464b", "#232c31", "#1a2125", "#111518", name="slate",
)  # fmt: skip
