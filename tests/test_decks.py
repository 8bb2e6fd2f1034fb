"""A deck becomes a lesson: what is said, what is shown, and what happens when either is changed."""

import io
import json

import av
import fakes
import numpy as np
import presentations
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from presenter import cli, decks, pipeline, script
from presenter.decks import marp, office, reading, writing
from presenter.engines.runners import Here
from presenter.errors import InputError

needs_office = pytest.mark.skipif(office.program() is None, reason="LibreOffice is not installed")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def standins(monkeypatch):
    fakes.install(monkeypatch)
    monkeypatch.setattr(pipeline, "_processes", lambda *_: Here())


@pytest.fixture
def imported(tmp_path):
    """Import a deck of python-pptx; gives the text of the lesson and what was told."""

    def do(deck, name="deck", **options):
        source = tmp_path / f"{name}.pptx"
        source.write_bytes(presentations.saved(deck))
        options = {"renderer": "embedded", **options}
        found = decks.write(decks.read(source, **options), tmp_path / "lesson")
        return found.lesson.read_text(encoding="utf-8"), found

    return do


def run(capsys, *arguments):
    status = cli.main([str(argument) for argument in arguments])
    return status, *capsys.readouterr()


def opened(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


# --- PPTX ---------------------------------------------------------------------------------------


def test_notes_are_said_and_titles_name_the_chapters(imported):
    text, found = imported(presentations.simple())
    lesson = script.parse(text)
    assert [slide.title for slide in lesson.slides] == ["Part 1", "Part 2", "Part 3"]
    assert [segment.text for segment in lesson.segments[:2]] == ["This is part 1.", "It has two sentences."]
    assert lesson.warnings == ()
    assert (found.slides, found.drawn_by, found.warnings) == (3, "the embedded renderer", ())


def test_every_slide_of_a_lecture_is_drawn_in_full_size(imported, tmp_path):
    imported(presentations.lecture())
    pictures = sorted((tmp_path / "lesson" / "slides").glob("*.png"))
    assert len(pictures) == 7
    for path in pictures:
        picture = opened(path.read_bytes())
        assert picture.shape == (1080, 1920, 3)
        assert picture.std() > 5, f"{path.name} is empty"


def test_hidden_slides_are_left_out_and_told(imported):
    text, found = imported(presentations.simple(4, hidden=(2,)))
    assert "part 2" not in text
    assert [f"part {number}." in text for number in (1, 3, 4)] == [True] * 3
    assert found.warnings == ("Slide 2 hidden: left out.",)


def test_a_slide_without_notes_says_its_title_and_it_is_told(imported):
    deck = presentations.simple(1)
    presentations.plain(deck, "No notes here", "A point")
    deck.slides.add_slide(deck.slide_layouts[6])
    text, found = imported(deck)
    lesson = script.parse(text)
    assert [segment.text for segment in lesson.segments] == [
        "This is part 1.", "It has two sentences.", "No notes here",
    ]  # fmt: skip
    told = "\n".join(found.warnings)
    assert "W-SLIDES-NOTES: Slide 2" in told
    assert "W-SLIDES-SILENT: Slide 3" in told


@pytest.mark.parametrize("renderer", ["embedded", pytest.param("libreoffice", marks=needs_office)])
def test_clicks_become_builds_with_a_picture_each(imported, tmp_path, renderer):
    text, _ = imported(presentations.animated(), renderer=renderer)
    assert "We go step by step. [build] First this. [build] Second that. [build] Third the rest." in text
    (slide,) = script.parse(text).slides
    assert slide.steps == 4
    names = ["01.png", "01-2.png", "01-3.png", "01-4.png"]
    pictures = [opened((tmp_path / "lesson" / "slides" / name).read_bytes()) for name in names]
    ink = [int((picture < 128).any(axis=2).sum()) for picture in pictures]
    assert ink == sorted(set(ink))


def test_a_click_that_the_notes_name_comes_there(imported):
    deck = presentations.animated()
    deck.slides[0].notes_slide.notes_text_frame.text = "One [click] two, and [click] then [click] three."
    text, _ = imported(deck)
    assert "One [build] two, and [build] then [build] three." in text


def test_right_to_left_text_stands_at_the_right_and_fonts_have_every_letter(imported, tmp_path):
    deck = presentations.deck()
    slide = presentations.plain(deck, presentations.ARABIC, "ضوء", notes="Light.")
    for shape in slide.placeholders:
        for paragraph in shape.text_frame.paragraphs:
            paragraph._p.get_or_add_pPr().set("rtl", "1")
    imported(deck)
    dark = (opened((tmp_path / "lesson" / "slides" / "01.png").read_bytes()) < 128).any(axis=2)
    across = np.flatnonzero(dark[240:].any(axis=0))
    assert across.min() > 900


def test_a_video_on_a_slide_is_taken_out_and_shown(imported, tmp_path):
    deck = presentations.simple(1)
    slide = presentations.plain(deck, "Look", notes="Watch this.")
    clip = b"\x00\x00\x00\x18ftypmp42" + bytes(200)
    slide.shapes.add_movie(
        io.BytesIO(clip), 0, 0, deck.slide_width, deck.slide_height,
        poster_frame_image=presentations.photo(), mime_type="video/mp4",
    )  # fmt: skip
    text, _ = imported(deck)
    assert "![Look](slides/02.mp4)" in text
    assert (tmp_path / "lesson" / "slides" / "02.mp4").read_bytes() == clip


def test_what_cannot_be_drawn_is_told(imported):
    deck = presentations.simple(1)
    slide = deck.slides[0]
    slide.shapes.add_ole_object(io.BytesIO(b"\xd0\xcf\x11\xe0" + bytes(600)), "Excel.Sheet.8", 0, 0)
    _, found = imported(deck)
    assert found.slides == 1


@pytest.mark.parametrize("title", ["Plain", 'A "quoted": title', "# sharp", "- dash", "C++ [draft]", "नमस्ते"])
def test_any_title_survives_the_front_matter_and_the_chapter(imported, title):
    deck = presentations.deck()
    deck.core_properties.title = title
    presentations.plain(deck, title, "x", notes="Some words are said here.")
    lesson = script.parse(imported(deck)[0])
    assert lesson.title == title
    assert lesson.slides[0].title == title.replace("[", "").replace("]", "")


# --- PDF ------------------------------------------------------------------------------------------


@pytest.fixture
def of_pdf(tmp_path):
    def do(data, **options):
        (tmp_path / "paper.pdf").write_bytes(data)
        return decks.read(tmp_path / "paper.pdf", **options)

    return do


def test_the_words_below_the_marker_are_said_and_not_shown(of_pdf):
    deck = of_pdf(
        presentations.document(
            [(14, 500, "A small line above"), (40, 420, "Light"), (14, 200, "--- notes ---"),
             (14, 180, "Light is a mixture"), (14, 160, "of colours.")],
            [(40, 420, "Dark"), (14, 180, "No notes here.")],
        )
    )  # fmt: skip
    first, second = deck.sheets
    assert (first.title, first.said) == ("Light", "Light is a mixture of colours.")
    assert (second.title, second.said) == ("Dark", "")
    cut, whole = opened(first.pictures[0]), opened(second.pictures[0])
    assert whole.shape == (1080, 1920, 3)
    assert abs(cut.shape[0] / cut.shape[1] - (540 - 200 - 14) / 960) < 0.02
    assert (cut[-30:] > 200).all(), "the marker is still seen"
    assert deck.warnings[0].startswith("W-SLIDES-NOTES: Slide 2 without notes")


def test_the_outline_names_the_pages(of_pdf):
    pages = [[(40, 420, f"Heading {number}")] for number in (1, 2, 3)]
    deck = of_pdf(presentations.document(*pages, outline=("Beginning", "Middle"), title="The paper"))
    assert deck.title == "The paper"
    assert [sheet.title for sheet in deck.sheets] == ["Beginning", "Middle", "Heading 3"]


def test_a_script_speaks_for_the_pages(of_pdf):
    pages = [[(40, 420, f"Heading {number}")] for number in (1, 2)]
    deck = of_pdf(presentations.document(*pages), script="First words.\n---\nSecond words.")
    assert [sheet.said for sheet in deck.sheets] == ["First words.", "Second words."]
    assert deck.warnings == ()


def test_many_pages_are_drawn_in_batches_and_stay_in_order(of_pdf):
    pages = [[(200, 200, str(number))] for number in range(23)]
    deck = of_pdf(presentations.document(*pages))
    assert [sheet.title for sheet in deck.sheets] == ["", *[""] * 22]
    assert len({sheet.digest for sheet in deck.sheets}) == 23


# --- what is said is what the notes say -----------------------------------------------------------


@pytest.mark.parametrize(
    "notes",
    ["# Not a heading", "1. First of all, hello.", "- a dash", "> quoted", "a * b * c and *stars*", "`code`",
     "| a | b |", "--- dashes ---", "The price is $5 and then $6.", "[pause 99] is no pause",
     "![x](y.png) is no picture", "<script>alert(1)</script> is said", "x{say: y} z", "AT&amp;T",
     "a_b_c and _d_", "[lang xx]hm[/lang]", "~~gone~~",
     "\\alpha", "***", "Back`tick", "```", "~~~ tilde", "1) one"],
)  # fmt: skip
def test_notes_are_words_and_never_markup(notes):
    lesson = script.parse(f"Begin.\n\n{writing.said(notes)}\n\nEnd.")
    said = " ".join(segment.text for segment in lesson.segments)
    expected = notes.removeprefix("- ").strip()
    if any(char.isalnum() for char in expected):
        assert expected in said
    assert lesson.slides == ()
    assert all(not segment.marks and not segment.pronunciations for segment in lesson.segments)


@given(st.text(alphabet="ab .,!?*_`~#>|-+=<>[](){}$&\\/1\n", min_size=1, max_size=60))
def test_any_notes_become_paragraphs_that_say_them(notes):
    lesson = script.parse(f"Begin now.\n\n{writing.said(notes)}\n\nEnd now.")
    said = "".join(segment.text for segment in lesson.segments)
    letters = [char for char in notes if char.isalnum()]
    assert [
        char for char in said.removeprefix("Begin now.").removesuffix("End now.") if char.isalnum()
    ] == letters
    assert lesson.slides == ()


def test_directives_in_notes_hold():
    text = writing.said("Wait. [pause 0.8] Now [slow]slowly[/slow].")
    assert text == "Wait. [pause 0.8] Now [slow]slowly[/slow]."


def test_builds_without_enough_sentences_come_between_words():
    assert writing.said("one two three four", 2).count("[build]") == 2
    assert writing.said("", 2) == ""
    assert writing.said("[click] a [click] b [click] c", 1).count("[build]") == 1


# --- scripts beside a deck --------------------------------------------------------------------------


def test_a_script_says_what_is_said_instead_of_the_notes(imported):
    text, _ = imported(presentations.simple(2), script="# One\nHello there.\n\n---\n\nAnd goodbye.\n")
    lesson = script.parse(text)
    assert [segment.text for segment in lesson.segments] == ["Hello there.", "And goodbye."]
    assert [slide.title for slide in lesson.slides] == ["One", "Part 2"]


def test_headings_part_a_script_that_has_no_rules():
    assert reading.parted("# A\nfirst\n\n## B\nsecond") == [("A", "first"), ("B", "second")]


# --- pictures and Markdown --------------------------------------------------------------------------


def picture(path, colour="white", size=(320, 180)):
    Image.new("RGB", size, colour).save(path)


def test_a_folder_of_pictures_is_taken_in_the_order_in_which_people_count(tmp_path):
    folder = tmp_path / "holiday"
    folder.mkdir()
    for number in (10, 2, 1):
        picture(folder / f"{number:02d}.PNG" if number == 1 else folder / f"{number}.PNG")
        (folder / (f"{number:02d}.txt" if number == 1 else f"{number}.txt")).write_text(
            f"Number {number} is shown."
        )
    picture(folder / "11 The beach.jpg")
    found = decks.write(decks.read(folder), tmp_path / "lesson")
    lesson = script.parse(found.lesson.read_text(encoding="utf-8"))
    assert [segment.text for segment in lesson.segments] == [
        "Number 1 is shown.", "Number 2 is shown.", "Number 10 is shown.", "The beach",
    ]  # fmt: skip
    assert "W-SLIDES-NOTES: Slide 4" in found.warnings[0]


MARP = """---
marp: true
theme: gaia
title: Photosynthesis
---
<!-- _class: lead -->
# Photosynthesis

<!-- Welcome to the lesson. -->

---

## What plants eat

Light is not a food.

* Water
* Carbon dioxide

![bg right w:300](leaf.png)
![](https://example.org/far.png)

<!--
Plants drink water. They breathe carbon dioxide.
-->

---

Only words, which are said.
"""


def test_a_marp_deck_stays_markdown(tmp_path):
    source = tmp_path / "deck.md"
    source.write_text(MARP)
    picture(tmp_path / "leaf.png", "green")
    assert marp.is_deck(source)
    found = decks.write(decks.read(source), tmp_path / "lesson")
    lesson = script.parse(found.lesson.read_text(encoding="utf-8"))
    assert lesson.title == "Photosynthesis"
    assert [slide.title for slide in lesson.slides] == ["Photosynthesis", "What plants eat"]
    shown = lesson.slides[1].markdown
    assert "- Light is not a food." in shown
    assert "![](slides/02-leaf.png)" in shown
    assert "far.png" not in shown
    assert [segment.text for segment in lesson.segments] == [
        "Welcome to the lesson.", "Plants drink water.", "They breathe carbon dioxide.",
        "Only words, which are said.",
    ]  # fmt: skip
    assert lesson.slides[1].steps == 3
    assert (tmp_path / "lesson" / "slides" / "02-leaf.png").is_file()
    assert "W-SLIDES-LINK: 1 linked or missing picture was left out (slide 2)" in found.warnings[0]


def test_a_lesson_is_no_deck(tmp_path):
    (tmp_path / "lesson.md").write_text("---\ntitle: marp\n---\nHello.")
    assert not decks.is_deck(tmp_path / "lesson.md")
    assert not decks.is_deck(tmp_path)


# --- again, after edits -----------------------------------------------------------------------------


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_importing_again_without_a_change_changes_nothing(imported):
    before, _ = imported(presentations.simple())
    after, found = imported(presentations.simple())
    assert after == before
    assert found.warnings == ()


def test_edited_words_stay_and_the_rest_follows_the_deck(imported, tmp_path):
    imported(presentations.simple())
    edit(tmp_path / "lesson" / "lesson.md", "This is part 2. It has", "My own words. They have")
    edit(tmp_path / "lesson" / "lesson.md", "language: en", "language: en\nlayout: side-by-side")
    deck = presentations.simple()
    deck.slides[0].notes_slide.notes_text_frame.text = "New words for the first."
    deck.slides[1].shapes.title.text = "Part two"
    text, found = imported(deck)
    assert "New words for the first." in text
    assert "My own words. They have two sentences." in text
    assert "![Part two](slides/02.png)" in text
    assert "layout: side-by-side" in text
    assert found.warnings == ()


def test_words_that_both_changed_are_both_kept(imported, tmp_path):
    imported(presentations.simple())
    edit(tmp_path / "lesson" / "lesson.md", "This is part 2.", "My part 2.")
    deck = presentations.simple()
    deck.slides[1].notes_slide.notes_text_frame.text = "The deck's new words."
    text, found = imported(deck)
    assert "My part 2. It has two sentences.\n\n> note: The deck says now: The deck's new words." in text
    assert "these stay, the new ones are beside them" in found.warnings[0]
    again, _ = imported(deck)
    assert again.count("> note:") == 1


def test_new_slides_come_where_they_are_and_lost_ones_leave_their_words(imported, tmp_path):
    imported(presentations.simple())
    edit(tmp_path / "lesson" / "lesson.md", "This is part 2.", "Precious words.")
    deck = presentations.simple()
    presentations.plain(deck, "Brand new", notes="A new slide.")
    ids = deck.slides._sldIdLst
    ids.remove(ids[1])
    ids.insert(0, ids[2])
    text, found = imported(deck)
    lesson = script.parse(text)
    assert [slide.title for slide in lesson.slides] == ["Brand new", "Part 1", "Part 3"]
    assert "> note: No longer in the deck: Part 2. Precious words." in text
    told = "\n".join(found.warnings)
    assert "W-DECK-REMOVED" in told
    assert "Precious words." in told
    assert "New in the deck: slide 1." in told
    assert not (tmp_path / "lesson" / "slides" / "02.png").exists()


def test_a_section_that_was_taken_out_stays_out_and_own_slides_stay_in(imported, tmp_path):
    path = tmp_path / "lesson" / "lesson.md"
    text, _ = imported(presentations.simple())
    start = text.index("![Part 2]")
    path.write_text(
        text[:start] + "# My own slide\n\nI say this.\n\n---\n\n" + text[text.index("![Part 3]") :]
    )
    after, found = imported(presentations.simple())
    assert [slide.title for slide in script.parse(after).slides] == ["Part 1", "My own slide", "Part 3"]
    assert 'Slide 2 "Part 2" was taken out of the lesson before and stays out.' in found.warnings


def test_pictures_that_changed_are_recognised_by_their_place(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 2):
        picture(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"Picture {number}.")
    found = decks.write(decks.read(folder), tmp_path / "lesson")
    edit(found.lesson, "Picture 2.", "My picture 2.")
    picture(folder / "2.png", "blue")
    found = decks.write(decks.read(folder), tmp_path / "lesson")
    assert "My picture 2." in found.lesson.read_text()
    assert opened((tmp_path / "lesson" / "slides" / "02.png").read_bytes())[0, 0].tolist() == [0, 0, 255]


def test_a_folder_with_something_else_is_not_written_into(tmp_path):
    (tmp_path / "lesson").mkdir()
    (tmp_path / "lesson" / "lesson.md").write_text("My own lesson.")
    (tmp_path / "deck.pptx").write_bytes(presentations.saved(presentations.simple(1)))
    deck = decks.read(tmp_path / "deck.pptx", renderer="embedded")
    with pytest.raises(InputError, match="E-DECK-FOLDER"):
        decks.write(deck, tmp_path / "lesson")
    assert (tmp_path / "lesson" / "lesson.md").read_text() == "My own lesson."
    assert not (tmp_path / "lesson" / "slides").exists()


# --- at the door ------------------------------------------------------------------------------------


def test_import_writes_a_lesson_that_check_reads(capsys, tmp_path):
    (tmp_path / "talk.pptx").write_bytes(presentations.saved(presentations.simple()))
    status, printed, told = run(capsys, "import", "talk.pptx", "--renderer", "embedded")
    assert (status, told) == (0, "")
    assert '"Part 1", 3 slides, drawn by the embedded renderer' in printed
    status, printed, _ = run(capsys, "check", "talk/lesson.md")
    assert status == 0
    assert "3 slides, 6 sentences" in printed
    status, again, _ = run(capsys, "check", "talk")
    assert (status, again) == (0, printed)


def test_a_deck_is_checked_as_it_is(capsys, tmp_path):
    (tmp_path / "talk.pptx").write_bytes(presentations.saved(presentations.simple(2)))
    for _ in range(2):  # the second time out of the store
        status, printed, told = run(capsys, "check", "talk.pptx", "--renderer", "embedded")
        assert (status, told) == (0, "")
        assert '"Part 1", en: 2 slides, 4 sentences' in printed
        assert "note: 2 slides, drawn by the embedded renderer." in printed
    assert len(list((tmp_path / "home" / "store" / "deck").rglob("*.zip"))) == 1


@pytest.mark.usefixtures("standins")
def test_a_deck_becomes_a_video_in_one_command(capsys, tmp_path):
    (tmp_path / "talk.pptx").write_bytes(presentations.saved(presentations.simple(2)))
    order = ("render", "talk.pptx", "--renderer", "embedded", "--size", "448x256", "--json", "-o", "talk.mp4")
    status, printed, told = run(capsys, *order)
    assert status == 0, told
    assert "note: 2 slides, drawn by the embedded renderer." in told
    assert (json.loads(printed)["rendered"], json.loads(printed)["reused"]) == (4, 0)
    with av.open(str(tmp_path / "talk.mp4")) as container:
        assert [row["metadata"]["title"] for row in container.chapters()] == ["Part 1", "Part 2"]
    assert json.loads(run(capsys, *order)[1])["reused"] == 4

    deck = presentations.simple(2)
    deck.slides[1].notes_slide.notes_text_frame.text = "This is part 2. It has other words now."
    (tmp_path / "talk.pptx").write_bytes(presentations.saved(deck))
    assert json.loads(run(capsys, *order)[1])["rendered"] == 1


@needs_office
def test_libreoffice_draws_the_same_slides(imported, tmp_path):
    text, found = imported(presentations.simple(3, hidden=(2,)), renderer="libreoffice")
    assert found.drawn_by == "LibreOffice"
    lesson = script.parse(text)
    assert [slide.title for slide in lesson.slides] == ["Part 1", "Part 3"]
    pictures = [opened(path.read_bytes()) for path in sorted((tmp_path / "lesson" / "slides").glob("*.png"))]
    assert [picture.shape for picture in pictures] == [(1440, 1920, 3)] * 2
    assert all((picture < 128).any() for picture in pictures)


def test_without_libreoffice_the_embedded_renderer_draws(imported, monkeypatch):
    monkeypatch.setattr(office, "program", lambda: None)
    assert imported(presentations.simple(1), renderer="auto")[1].drawn_by == "the embedded renderer"


def test_what_the_last_import_wrote_is_remembered(imported, tmp_path):
    imported(presentations.simple(1))
    memory = json.loads((tmp_path / "lesson" / "slides" / "deck.json").read_text())
    assert memory["sheets"][0]["name"] == "01"
    assert memory["sheets"][0]["section"].startswith("![Part 1](slides/01.png)")


def test_pictures_of_two_folders_that_are_called_alike_are_both_kept(tmp_path):
    source = tmp_path / "deck.md"
    source.write_text("---\nmarp: true\n---\n# Leaves\n\n![](a/x.png) ![](b/x.png)\n\n![](a/x.png)\n\nLook.")
    for name, colour in (("a", "green"), ("b", "red")):
        (tmp_path / name).mkdir()
        picture(tmp_path / name / "x.png", colour)
    (sheet,) = decks.read(source).sheets
    (one, first), (other, second) = sheet.files
    assert first != second
    assert sheet.shown.count(f"(slides/{one})") == 2
    assert sheet.shown.count(f"(slides/{other})") == 1


def test_a_markdown_slide_that_grew_keeps_the_words_that_a_person_wrote(tmp_path):
    def written(*items):
        shown = "\n".join(["# Plants", "", *(f"- {item}" for item in items)])
        return decks.write(
            decks.Deck("Deck", (decks.Sheet(1, "Plants", "They grow.", shown=shown),), "Markdown"),
            folder,
            "en",
        )

    folder = tmp_path / "lesson"
    lesson = written("Water").lesson
    lesson.write_text(lesson.read_text().replace("They grow.", "I say that they grow."))
    found = written("Water", "Light")
    assert found.warnings == ()
    assert lesson.read_text().endswith("# Plants\n\n- Water\n- Light\n\nI say that they grow.\n")
    lesson.write_text(lesson.read_text().replace("- Water", "- Much water"))
    (warning,) = written("Water", "Light", "Air").warnings
    assert "shows something else now" in warning
    shown, _, kept = lesson.read_text().partition("> note: ")
    assert shown.endswith("- Much water\n- Light\n\nI say that they grow.\n\n")
    assert kept == "The deck shows now: # Plants - Water - Light - Air\n"


def test_greys_of_sixteen_bits_stay_grey(tmp_path):
    ramp = np.arange(256, dtype=np.uint16)[None].repeat(8, axis=0) * 257
    Image.fromarray(ramp).save(tmp_path / "scan.png")
    (sheet,) = decks.read(tmp_path).sheets
    with Image.open(io.BytesIO(sheet.pictures[0])) as shown:
        assert np.array_equal(np.asarray(shown.convert("L"))[4], np.arange(256))
