import sys
import types

import numpy as np
import pytest

from presenter import moderation
from presenter.errors import InputError, SetupError
from presenter.settings import Settings

PICTURE = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture
def hook(monkeypatch):
    module = types.ModuleType("house_rules")
    monkeypatch.setitem(sys.modules, "house_rules", module)
    return module


def test_without_a_hook_every_picture_passes():
    moderation.check(PICTURE, Settings())


def test_the_hook_decides_about_a_picture(hook):
    seen = []
    hook.look = lambda image: seen.append(image.shape) or ("a celebrity" if image.max() else None)
    settings = Settings(moderation="house_rules:look")
    moderation.check(PICTURE, settings)
    with pytest.raises(InputError) as caught:
        moderation.check(PICTURE + 9, settings)
    assert seen == [(4, 4, 3)] * 2
    assert caught.value.code == "E-POLICY-PHOTO"
    assert caught.value.reference in caught.value.hint
    assert "celebrity" not in str(caught.value)


BROKEN = (
    "house_rules:missing", "no_such_module:look", "house_rules", ":", "house_rules:value",
    "house_rules:fails", "house_rules:number",
)  # fmt: skip


@pytest.mark.parametrize("target", BROKEN)
def test_a_broken_hook_lets_no_picture_through(hook, target):
    hook.value = 3
    hook.fails = lambda image: image.nonsense
    hook.number = lambda _image: 0
    with pytest.raises(SetupError, match="E-CONFIG-MODERATION"):
        moderation.check(PICTURE, Settings(moderation=target))
