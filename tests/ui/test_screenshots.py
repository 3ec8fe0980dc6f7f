"""Pictures of the documentation: few colours, but those that mean something exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.ui.screenshots import reduce_colours, theme_colours
from workbench.ui.tokens import THEMES, ThemeName


@pytest.mark.parametrize("name", ["dark", "light"])
def test_few_colours_keep_those_of_the_theme_and_of_surfaces(tmp_path: Path, name: ThemeName) -> None:
    own = theme_colours(THEMES[name])
    pixels = np.random.default_rng(1).integers(0, 256, (128, 160, 3), dtype=np.uint8)  # as rich in colour as nothing real
    for i, colour in enumerate(own):
        pixels[0, i] = colour  # a single pixel of it is enough
    surface = (203, 190, 231)
    assert surface not in own
    pixels[100:120, 100:140] = surface
    file = tmp_path / "picture.png"
    Image.fromarray(pixels).save(file)
    reduce_colours(file, THEMES[name])
    with Image.open(file) as made:
        few = np.asarray(made.convert("RGB"))
    assert len(np.unique(few.reshape(-1, 3), axis=0)) <= 256
    np.testing.assert_array_equal(few[0, : len(own)], np.array(own))
    assert (few[100:120, 100:140] == surface).all()
