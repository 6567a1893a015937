"""Templates: found beside the packages, escaped always, strict about what they are given."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from disclosure.public.display import display
from disclosure.public.site_map import ALL_PAGES, MAIN_PAGES
from disclosure.public.words import shown_day, yuan
from ledger.money import format_yuan

_PACKAGE = Path(__file__).resolve().parents[1]
STATIC = _PACKAGE / "static"


def templates_folder() -> Path:
    """``disclosure/_templates`` when installed, ``templates`` in a checkout."""
    installed = _PACKAGE / "_templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "templates"


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates. ``build`` names this state of templates, styles and presenters in ETags."""

    environment: Environment
    build: str

    def text(self, template: str, **values: Any) -> str:
        """The filled-in template."""
        return self.environment.get_template(template).render(values)

    def html(self, template: str, **values: Any) -> bytes:
        """The filled-in template as UTF-8."""
        return self.text(template, **values).encode()


def load_pages(*, demo: bool) -> Pages:
    """Set up the templates; ``demo`` marks every page."""
    folder = templates_folder()
    shown = ("public", "statements", "charts", "api", "feeds", "inquiries", "evaluation")
    build = _digest([folder, STATIC, *(_PACKAGE / name for name in shown)])
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        demo=demo,
        build=build,
        yuan=format_yuan,
        display=display,
        main_pages=MAIN_PAGES,
        all_pages=ALL_PAGES,
    )
    environment.filters["day"] = shown_day
    environment.filters["money"] = lambda fen: yuan(fen).text
    return Pages(environment, build)


def _digest(folders: list[Path]) -> str:
    digest = sha256()
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    for path in sorted(path for path in files if path.suffix != ".pyc"):
        digest.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
