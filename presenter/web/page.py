"""What is on the page, and which handler each part of it calls."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr
from babel import Locale, UnknownLocaleError

from presenter import compose, text
from presenter.order import SIZES
from presenter.studio import Studio
from presenter.web import screens
from presenter.web.desk import Desk
from presenter.web.handlers import FIRST, OWN, Handlers, Step
from presenter.web.photos import Photo
from presenter.web.voices import Voices

LAYOUTS = {
    "full": "Presenter, whole picture",
    "presenter-only": "Presenter on a card",
    "lower-third": "Presenter with name",
    "pip-right": "Slide, presenter at the right",
    "pip-left": "Slide, presenter at the left",
    "pip-top-right": "Slide, presenter at the upper right",
    "pip-top-left": "Slide, presenter at the upper left",
    "side-by-side": "Slide and presenter side by side",
    "slide-only": "Slide only",
}
SHAPES = {
    "1280x720": "Wide, 1280 × 720",
    "1920x1080": "Wide, 1920 × 1080",
    "1080x1920": "Tall, 1080 × 1920",
    "1080x1080": "Square, 1080 × 1080",
}
CAPTIONS = {"soft": "Can be switched on", "burned": "Always visible", "none": "None"}

AUTOMATIC = ("Automatic", "")
"""First choice of each menu: what the lesson says, else what the settings say."""

HEADER = """
<header>
<h1 class='name'>Presenter</h1>
<p class='lead'>Write what is to be said, choose who says it, press the button: a video with a speaking
face, slides and captions.</p>
</header>"""

HELP = """
<p class='small'>A paragraph is said. A line with # starts a slide; lists, tables and pictures are shown
on it.</p>"""

STORED = """
<p class='small'>What is kept, on the computer that runs this page only: the photo, this name, the date,
and what is drawn from the photo.</p>"""

FOOTER = """
<footer><p class='small'>Every video carries a label that says it is AI-generated. Use a face or a voice only
with its owner's leave.</p></footer>"""

WAIT = "async (...values) => { await new Promise(done => setTimeout(done, 400)); return values; }"
"""Run in the browser before a handler: typing asks the server at most about twice a second."""

RADIO = """
const buttons = () => element.querySelectorAll("input");
const mark = () => buttons().forEach(one => { one.checked = one.value === props.value; });
mark();
watch("value", mark);
element.addEventListener("change", event => { props.value = event.target.value; });
"""
"""Run in the browser: ties the value of the presenters' group to its radio buttons."""

SCRIPTS = ("page.js", "voices.js")

KEY = "() => [window.presenterKey()]"
"""Run in the browser before a handler: gives its key, which survives a restart of the server."""

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Of every event: it is no public endpoint, and it covers nothing with a spinner."""

LIGHT: dict[str, Any] = {**QUIET, "queue": False}
"""Of events that answer at once."""


def build(studio: Studio, desk: Desk, voices: Voices) -> gr.Blocks:
    """The page with its events."""
    handlers = Handlers(studio, desk, voices)
    blocks: gr.Blocks
    with gr.Blocks(title="Presenter", analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        browser = gr.BrowserState("", storage_key="presenter-browser", secret="none")
        gr.HTML(HEADER)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Lesson"):
                menu = _lesson(handlers, blocks, browser)
            with gr.Tab("Voices", render_children=True):
                gr.HTML(screens.shell(), js_on_load="window.presenterVoices(element)", elem_id="voices-tab")
        gr.HTML(FOOTER)
        # Pressed by the script of the Voices tab; the style sheet hides it.
        changed = gr.Button("Read the list of voices again", elem_id="voices-changed")
        for trigger in (blocks.load, changed.click):
            trigger(lambda key: gr.Dropdown(choices=_voices(handlers, key)), browser, menu, js=KEY, **LIGHT)
    return blocks


def _lesson(handlers: Handlers, blocks: gr.Blocks, browser: gr.BrowserState) -> gr.Dropdown:
    """The tab where a lesson is written and its video made; gives the menu of voices."""
    with gr.Row(elem_classes="columns", equal_height=False):
        with gr.Column(scale=11, min_width=320, elem_classes="card"):
            script, hints, lessons = _script(handlers)
        with gr.Column(scale=10, min_width=320):
            with gr.Column(elem_classes="card"):
                portrait, photo, consent = _presenter(handlers)
            with gr.Column(elem_classes="card"):
                options = _options(handlers)
            _video(handlers, blocks, [script, portrait, photo, consent, *options, browser])
    voice, language = options[:2]
    for trigger in (script.change, language.change):
        trigger(
            handlers.read, [script, language, browser], hints, js=WAIT, trigger_mode="always_last", **LIGHT
        )
    lessons.input(handlers.open_lesson, [lessons, portrait], [script, portrait], **LIGHT)
    return voice


def _heading(number: int, title: str) -> None:
    gr.HTML(f"<h2><span aria-hidden='true'>{number}</span>{html.escape(title)}</h2>")


def _script(handlers: Handlers) -> tuple[gr.Textbox, gr.HTML, gr.Dropdown]:
    lessons = handlers.lessons()
    first = handlers.lesson(FIRST) if FIRST in lessons else ""
    with gr.Row(elem_classes="title-row"):
        _heading(1, "Script")
        menu = gr.Dropdown(
            [(title, name) for name, title in lessons.items()],
            value=FIRST if FIRST in lessons else None,
            label="Start from a sample",
            filterable=False,
            elem_id="lessons",
        )
    gr.HTML(HELP)
    script = gr.Textbox(
        first,
        label="Script",
        show_label=False,
        lines=19,
        max_lines=19,
        placeholder="Write or paste what is to be said …",
        elem_id="script",
    )
    hints = gr.HTML(handlers.read(first, None), elem_id="hints")
    return script, hints, menu


def _presenter(handlers: Handlers) -> tuple[gr.HTML, gr.State, gr.Textbox]:
    _heading(2, "Presenter")
    portrait = _portraits(handlers.studio)
    photo = gr.State(None)
    # The style sheet shows this part while "My photo" is chosen.
    with gr.Column(elem_id="own"):
        upload = gr.File(
            label="Photo of one person, from the front: JPEG, PNG or WebP", height=140, elem_id="upload"
        )
        verdicts = gr.HTML(elem_id="verdicts")
        with gr.Column(visible=False) as details:
            consent = gr.Textbox(
                label="Who gave leave to use this face?", placeholder="e.g. Ada Example, herself", max_lines=1
            )
            gr.HTML(STORED)
            delete = gr.Button("Delete this photo and all that was made from it", size="sm", elem_id="forget")

    def receive(file: str | None, before: Photo | None) -> tuple[Any, ...]:
        kept, shown = handlers.receive(file, before)
        return kept, shown, None, gr.Column(visible=kept is not None)

    def forget(kept: Photo | None) -> tuple[Any, ...]:
        return None, handlers.delete(kept), "", gr.Column(visible=False)

    upload.upload(receive, [upload, photo], [photo, verdicts, upload, details], **QUIET)
    delete.click(forget, photo, [photo, verdicts, consent, details], **QUIET)
    return portrait, photo, consent


def _portraits(studio: Studio) -> gr.HTML:
    """The presenters as pictures. One real group of radio buttons, so that arrow keys move in it."""
    names = studio.portraits()
    default = studio.settings.portrait
    tiles = [(name, name.capitalize(), f"<img src='presenters/{name}.jpg' alt=''>") for name in names]
    tiles.append((OWN, "My photo", "<span class='plus' aria-hidden='true'></span>"))
    labels = "".join(
        f"<label><input type='radio' name='portrait' value='{value}'>{picture}<span>{label}</span></label>"
        for value, label, picture in tiles
    )
    return gr.HTML(
        default if default in names else tiles[0][0],
        html_template=f"<fieldset><legend>Who speaks</legend>{labels}</fieldset>",
        js_on_load=RADIO,
        elem_id="portrait",
    )


def _voices(handlers: Handlers, key: str = "") -> list[tuple[str, str]]:
    """Choices of the menu of voices for a browser."""
    return [AUTOMATIC, *((voice.name, voice.id) for voice in handlers.voices.visible(key))]


def _options(handlers: Handlers) -> list[gr.Dropdown]:
    """Menus of voice, language, layout, size and captions, in the order of ``Handlers.make``."""
    _heading(3, "Voice and picture")
    studio = handlers.studio

    def menu(label: str, choices: list[tuple[str, str]], *, search: bool = False) -> gr.Dropdown:
        return gr.Dropdown(
            [AUTOMATIC, *choices], value="", label=label, filterable=search, elem_id=label.lower()
        )

    with gr.Row(elem_classes="settings"):
        voice = menu("Voice", _voices(handlers)[1:])
        language = menu("Language", languages(studio.languages()), search=True)
        layout = menu("Layout", [(LAYOUTS.get(name, name), name) for name in compose.LAYOUTS])
        size = menu("Size", [(SHAPES.get(name, name), name) for name in SIZES])
        captions = menu("Captions", [(label, name) for name, label in CAPTIONS.items()])
    return [voice, language, layout, size, captions]


def languages(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Choices of a language menu, sorted by the English name: (``German · Deutsch``, ``de``)."""
    return [(_both_names(code), code) for code in sorted(codes, key=lambda code: text.name(code).casefold())]


def _both_names(code: str) -> str:
    english = text.name(code)
    try:
        native = Locale.parse("zh" if code == "cmn" else code, sep="-").get_display_name() or english
    except (UnknownLocaleError, ValueError):
        native = english
    return english if native.casefold() == english.casefold() else f"{english} · {native}"


def _video(handlers: Handlers, blocks: gr.Blocks, inputs: list[Any]) -> None:
    """The button, and what follows from it."""
    browser = inputs[-1]
    key = gr.State("")
    with gr.Row(elem_id="actions"):
        make = gr.Button("Make the video", variant="primary", size="lg", elem_id="make")
        stop = gr.Button("Cancel", size="lg", visible=False, elem_id="stop", min_width=120, scale=0)
    status = gr.HTML(elem_id="status")
    result = gr.HTML(elem_id="result")
    outputs = [status, result, key, make, stop]

    def show(steps: Iterator[Step]) -> Iterator[tuple[Any, ...]]:
        busy: bool | None = None
        for shown, video, job in steps:
            buttons: tuple[Any, ...] = (gr.skip(), gr.skip(), gr.skip())
            if busy is not (job is not None):
                busy = job is not None
                buttons = (job.id if job else "", gr.Button(interactive=not busy), gr.Button(visible=busy))
            yield shown, gr.skip() if video is None else video, *buttons

    def begin(*values: Any) -> Iterator[tuple[Any, ...]]:
        yield from show(handlers.make(*values))

    def resume(name: str) -> Iterator[tuple[Any, ...]]:
        # A generator that yields nothing would empty its outputs.
        yield (gr.skip(),) * len(outputs)
        yield from show(handlers.resume(name))

    # Renders run in the desk's thread; these events only watch, so any number may do so at once.
    make.click(begin, inputs, outputs, concurrency_limit=None, **QUIET)
    stop.click(handlers.cancel, key, None, **LIGHT)
    blocks.load(lambda key: key, browser, browser, js=KEY, **LIGHT).then(
        resume, browser, outputs, concurrency_limit=None, **QUIET
    )


def head(studio: Studio) -> str:
    """Additions to the page's head."""
    folder = studio.settings.assets / "web"
    # Style sheets that gradio is given are rewritten, and it takes lists inside of :is() apart.
    style = (folder / "voices.css").read_text("utf-8")
    scripts = "".join(f"<script>{(folder / name).read_text('utf-8')}</script>" for name in SCRIPTS)
    return (
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<style>{style}</style>{scripts}"
    )


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
