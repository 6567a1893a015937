"""On paper a chart has its words as text and its shapes in the colours of the print style sheet."""

from __future__ import annotations

import io

import pypdfium2
from weasyprint import HTML

from disclosure.charts import Part, bars_by_source, flow_bands, printed
from disclosure.public.rendering import load_pages

GREEN = (15, 92, 77)


def test_weasyprint_draws_what_the_browser_draws() -> None:
    charts = [
        bars_by_source([Part("电梯广告", 123_456), Part("场地摊位", 50_000)]),
        flow_bands([Part("物业费收入", 300_000)], [Part("人员费用", 250_000)]),
    ]
    template = load_pages(demo=False).environment.from_string(
        '<html lang="zh-CN"><style>svg { width: 120mm; height: auto; display: block }</style><body>'
        '{% from "_charts.html" import printed_chart %}'
        "{% for c, picture in charts %}{{ printed_chart(c, picture) }}{% endfor %}</body></html>"
    )
    body = HTML(string=template.render(charts=[(c, printed(c)) for c in charts])).write_pdf()
    pdf = pypdfium2.PdfDocument(io.BytesIO(body))
    try:
        page = pdf[0]
        words = page.get_textpage().get_text_range()
        colours = {pixel for _, pixel in page.render(scale=1).to_pil().convert("RGB").getcolors(100_000)}
    finally:
        pdf.close()
    for expected in ("电梯广告", "¥1,234.56", "物业费收入", "人员费用", "结余，留着以后用", charts[0].title):
        assert expected in words
    assert "fill" not in words  # the style sheet is not text
    assert GREEN in colours
