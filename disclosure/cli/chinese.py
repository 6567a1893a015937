"""Click in Chinese: headings, the help option and usage errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

_SECTIONS = {"Options": "选项", "Commands": "命令"}


_WORDS = {"[required]": "[必填]", "[default: ": "[默认：", " TEXT": " 文字", " INTEGER": " 数字"}


def _chinese(text: str) -> str:
    for english, chinese in _WORDS.items():
        text = text.replace(english, chinese)
    return text


class _Formatter(click.HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, "用法：")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(_chinese(term), _chinese(text)) for term, text in rows], col_max, col_spacing)

    def write_heading(self, heading: str) -> None:
        super().write_heading(_SECTIONS.get(heading, heading))


class _Context(click.Context):
    formatter_class = _Formatter


def _help_option(ctx: click.Context) -> click.Option:
    return click.Option(
        ctx.help_option_names,
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help="显示帮助",
        callback=_show_help,
    )


def _show_help(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help())
        ctx.exit()


class ChineseCommand(click.Command):
    """A command whose help is Chinese."""

    context_class = _Context

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"options_metavar": "[选项]", **kwargs})

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The help option with Chinese text."""
        return _help_option(ctx)


class ChineseGroup(click.Group):
    """The group of all commands, with Chinese help."""

    context_class = _Context
    command_class = ChineseCommand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        words = {"options_metavar": "[选项]", "subcommand_metavar": "命令 [参数]…"}
        super().__init__(*args, **{**words, **kwargs})

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The help option with Chinese text."""
        return _help_option(ctx)


def usage_message(error: click.UsageError) -> str:
    """A usage error in Chinese."""
    if isinstance(error, click.MissingParameter):
        return f"缺少{_name(error.param)}"
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}"
    if isinstance(error, click.BadParameter):
        return f"{_name(error.param)}的值不对：{_expected(error)}"
    if error.message.startswith("No such command"):
        return f"没有这个命令：{error.message.split(None, 3)[-1].strip('.')}"
    return error.message


def _name(parameter: click.Parameter | None) -> str:
    if isinstance(parameter, click.Option):
        return f"选项 {'/'.join(parameter.opts)} "
    return f"参数 {parameter.human_readable_name} " if parameter else "参数 "


def _expected(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"只能是 {'、'.join(map(str, kind.choices))}"
    if isinstance(kind, click.types.IntParamType):
        return "应是整数"
    if isinstance(kind, click.Path):
        return "文件不存在，或者不是文件"
    return error.message
