import pytest

from presenter import settings
from presenter.errors import InputError


def read(folder, text="", environ=None, **arguments):
    (folder / "presenter.toml").write_text(text)
    return settings.read(arguments, environ=environ or {}, folder=folder)


def test_later_sources_win(tmp_path):
    text = 'voice = "from-file"\nwidth = 640\nheight = 480\n'
    found = read(tmp_path, text, {"PRESENTER_WIDTH": "800", "HOME": "/"}, height=600)
    assert (found.voice, found.width, found.height) == ("from-file", 800, 600)


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_name(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, '# mine\nlayuot = "full"\n')
    assert caught.value.code == "E-CONFIG-KEY"
    assert "line 2" in caught.value.message
    assert caught.value.hint == 'Did you mean "layout"?'


def test_an_unknown_variable_is_refused_too(tmp_path):
    with pytest.raises(InputError, match="hme"):
        read(tmp_path, environ={"PRESENTER_HME": "/tmp"})


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("fps = 29", "24, 25, 30, 50, 60"),
        ("width = 641", "even"),
        ('port = "many"', "port"),
        ("port = 0", "port"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(tmp_path, text, part):
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert caught.value.code == "E-CONFIG-VALUE"
    assert part in str(caught.value)


def test_the_label_cannot_be_switched_off(tmp_path):
    with pytest.raises(InputError, match="E-CONFIG-POLICY"):
        read(tmp_path, 'label = "off"')
    with pytest.raises(InputError, match="E-CONFIG-POLICY"):
        read(tmp_path, environ={"PRESENTER_LABEL": "off"})


def test_broken_toml_is_told_with_its_place(tmp_path):
    with pytest.raises(InputError, match="line 1"):
        read(tmp_path, "voice = = 1")
