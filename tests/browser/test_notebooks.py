"""What the cells of a notebook have shown, in a browser."""

import base64
import io
import json

from PIL import Image

from tests.browser.conftest import at_widths
from tests.browser.serving import serving
from tests.browser.test_pages import axe, themes_at


def picture(width, height):
    data = io.BytesIO()
    Image.new("RGB", (width, height), (200, 60, 20)).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def shown(form, text):
    return {"output_type": "display_data", "data": {form: text}}


TABLE = (
    "<table><tr>" + "".join(f"<td>column {n}</td>" for n in range(40)) + "</tr></table>"
)
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30">'
    '<rect width="40" height="30"/></svg>'
)
LONG = "\n".join(f"{n} " + "x" * 300 for n in range(200))
OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": LONG},
    {"output_type": "stream", "name": "stderr", "text": "careful"},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["E: v"]},
    shown("text/html", TABLE + "<script>document.title = 'run'</script>"),
    shown("text/latex", "$x^2$"),
    shown("image/png", picture(3000, 200)),
    shown("image/svg+xml", DRAWING),
]
CELLS = [
    {"cell_type": "markdown", "source": "# Outputs"},
    {"cell_type": "markdown", "source": "## All of them"},
    {"cell_type": "code", "source": "show()", "outputs": OUTPUTS},
]


def test_outputs_stay_in_their_frames(visit, build_files, tmp_path):
    cells = json.dumps({"cells": CELLS, "metadata": {}, "nbformat": 4})
    for url, data in build_files({"a.ipynb": cells}).files.items():
        file = tmp_path / "site" / url
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    with serving(tmp_path / "site") as root:
        page = visit(f"{root}a.html")
        for width in at_widths(page, 1440, 1024, 390):
            assert page.evaluate(
                "document.documentElement.scrollWidth <= innerWidth"
            ), width
            code = page.locator(".row .code").bounding_box()
            outputs = page.locator(".output")
            assert outputs.count() == len(OUTPUTS)
            for box in (one.bounding_box() for one in outputs.all()):
                assert box["x"] >= code["x"]
                assert box["x"] + box["width"] <= code["x"] + code["width"]
            # What is long or wide moves inside.
            assert outputs.first.evaluate(
                "one => one.scrollWidth > one.clientWidth && one.scrollHeight > one.clientHeight"
            )
            for image in page.locator(".output img").all():
                image.scroll_into_view_if_needed()
                assert image.evaluate(
                    "one => one.decode().then(() => one.naturalWidth)"
                )
            assert axe(page, themes=themes_at(width)) == [], width
        assert page.title().startswith("Outputs")
