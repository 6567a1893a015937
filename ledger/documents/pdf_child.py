"""Pictures of the pages of a PDF, made in a process of its own with little memory and time.

A PDF from outside can be made to break its reader; that must never be the process that serves residents.
As a script it imports nothing of this project, reads the PDF from standard input and writes, for each
page, four bytes of length and a PNG; or ``damaged``, ``locked`` or ``pages`` and an exit code of 3.
"""

import io
import sys

MAX_PAGES = 20
_LONGEST = 2_000
_SHORTEST = 16
_MAX_MEMORY = 1_500 * 1024**2
_MAX_SECONDS = 60


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:  # not on every system; the separate process is then the only fence
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_SECONDS, _MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _pages(data: bytes, only: int | None) -> str:
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return "locked" if "password" in str(error).lower() else "damaged"
    if not 0 < len(pdf) <= MAX_PAGES:
        return "pages"
    if only is not None and not 0 <= only < len(pdf):
        return "pages"
    for number in range(len(pdf)) if only is None else (only,):
        page = pdf[number]
        longest = max(page.get_width(), page.get_height(), _SHORTEST)
        scale = min(_LONGEST / longest, 200 / 72)
        picture = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
        out = io.BytesIO()
        picture.save(out, "PNG", compress_level=1)
        body = out.getvalue()
        sys.stdout.buffer.write(len(body).to_bytes(4, "big") + body)
        page.close()
    return ""


def _count(data: bytes) -> str:
    import pypdfium2

    try:
        pages = len(pypdfium2.PdfDocument(data))
    except pypdfium2.PdfiumError as error:
        return "locked" if "password" in str(error).lower() else "damaged"
    sys.stdout.buffer.write(str(pages).encode())
    return "" if 0 < pages <= MAX_PAGES else "pages"


def _main() -> None:
    _limit_resources()
    asked = sys.argv[1]
    data = sys.stdin.buffer.read()
    problem = _count(data) if asked == "count" else _pages(data, None if asked == "all" else int(asked))
    if problem:
        sys.stderr.write(problem)
        sys.exit(3)


if __name__ == "__main__":
    _main()
